"""No name, text or description of a plugin can break the file, become code, or collide with another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hookspecs import Frontend
from host.frontend.emit import generate
from host.frontend.model import Generated, PluginInput
from host.frontend.names import RESERVED_NAMESPACES, namespace_of
from host.frontend.text import comment, literal
from tests.frontend.building import plugin
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.evaluating import evaluate
from tests.frontend.hostile import NASTY, Hostile, texts, together

names = texts.filter(bool)
FEW = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])


@pytest.fixture(scope="module")
def nasty() -> tuple[list[Hostile], Generated]:
    """Return a plugin for each nasty string, and their file."""
    return together(NASTY)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_nasty_text_compiles_everywhere(compiler: str, nasty: tuple[list[Hostile], Generated], tmp_path: Path) -> None:
    file = tmp_path / "nasty.ts"
    file.write_text(nasty[1].text, encoding="utf-8")
    assert compile_files([file], compiler) == ""


def test_nasty_text_evaluates_to_itself(nasty: tuple[list[Hostile], Generated], tmp_path: Path) -> None:
    check(*nasty, tmp_path)


@FEW
@given(batch=st.lists(names, min_size=10, max_size=20, unique=True))
def test_any_text_compiles_everywhere_and_evaluates_to_itself(batch: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("any")
    check(*together(batch), directory)
    assert compile_files([directory / "evaluated.ts"], "typescript-7") == ""


def check(plugins: list[Hostile], generated: Generated, directory: Path) -> None:
    """Check that every string of a plugin is unchanged after the file is evaluated and its types are parsed."""
    evaluated = evaluate(
        generated.text, directory, {hostile_plugin.plugin.key: hostile_plugin.payload for hostile_plugin in plugins}
    )
    for hostile_plugin in plugins:
        config, types = evaluated.configs[hostile_plugin.plugin.key], evaluated.types
        assert (config["pluginName"], config["author"], config["version"]) == (
            hostile_plugin.text,
            hostile_plugin.text,
            hostile_plugin.text or "1",
        )
        assert config["custom"] == {hostile_plugin.text: [hostile_plugin.text, {hostile_plugin.text: hostile_plugin.text}]}
        assert config["uses"] == [f"acme__gone.{hostile_plugin.text}@1"]
        assert config["channels"] == {"constructor": f"{hostile_plugin.plugin.key}--constructor"}
        assert config["enums"] == {"Color": list(dict.fromkeys([hostile_plugin.encodable, f"{hostile_plugin.encodable}b"]))}
        assert {
            operation["target"] for entity in config["data"].values() for operation in entity["operations"].values()
        } == hostile_plugin.targets
        entity = "thing" if hostile_plugin.text in ("", "on") else hostile_plugin.text
        assert list(config["data"][entity]["operations"]) == [hostile_plugin.text or "getAll"]
        assert {hostile_plugin.encodable, hostile_plugin.encodable or "empty", "classed"} <= set(types[hostile_plugin.namespace])
        assert {entity, hostile_plugin.text or "getAll", hostile_plugin.text or "empty", hostile_plugin.parameter} <= set(
            types[f"{hostile_plugin.namespace}Api"]
        )


@settings(deadline=None)
@given(text=texts)
def test_a_string_reads_back_as_itself(text: str) -> None:
    shown = literal(text)
    assert json.loads(shown) == text
    assert not re.search("[\n\r\u2028\u2029\x7f\ud800-\udfff\u202e]", shown)


safe_integers = st.integers(-(2**53) + 1, 2**53 - 1)
json_values = st.recursive(
    st.none() | st.booleans() | safe_integers | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@FEW
@given(values=st.lists(json_values, min_size=15, max_size=30))
def test_any_json_value_is_emitted_as_an_expression_of_itself(values: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("json")
    text = f"export default {literal({f'v{at}': value for at, value in enumerate(values)})} as const;\n"
    assert list(evaluate(text, directory, {}).configs.values()) == values
    assert compile_files([directory / "evaluated.ts"], "typescript-7") == ""


@settings(deadline=None)
@given(lines=st.lists(texts, max_size=4))
def test_a_comment_ends_only_at_its_end(lines: list[str]) -> None:
    shown = comment(lines)
    assert shown == "" or (shown.index("*/") == len(shown) - 3 and "@ts-" not in shown)
    assert not re.search("[\r\u2028\u2029\x85\x0b\x0c]", shown)


# ── names


keys = st.from_regex(r"[a-z][a-z0-9]{0,3}(_[a-z0-9]{1,2}){0,2}__[a-z][a-z0-9]{0,3}(_[a-z0-9]{1,2}){0,2}", fullmatch=True)
child_keys = st.builds(
    lambda key, parts: ".".join([key, *parts]), keys, st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,4}", fullmatch=True), max_size=2)
)


@settings(deadline=None)
@given(first=child_keys, second=child_keys)
def test_no_two_plugins_share_a_namespace(first: str, second: str) -> None:
    assert (namespace_of(first) == namespace_of(second)) == (first == second)


@settings(deadline=None)
@given(key=child_keys)
def test_a_namespace_is_an_identifier_that_the_file_does_not_need(key: str) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_]*\$?", namespace_of(key))
    assert namespace_of(key) not in RESERVED_NAMESPACES


@pytest.mark.parametrize(
    ("key", "namespace"),
    [
        ("acme__todo", "AcmeTodo"),
        ("acme__to_do", "AcmeTo_do"),
        ("a_b__c", "A_bC"),
        ("a__b_c", "AB_c"),
        ("plugin__config", "PluginConfig$"),
        ("date__time", "DateTime$"),
        ("acme__todo.api", "AcmeTodoApi$"),
        ("acme__todo.invoice", "AcmeTodoInvoice"),
    ],
)
def test_the_namespace_of_a_key(key: str, namespace: str) -> None:
    assert namespace_of(key) == namespace


def plugin_with_namesakes(key: str) -> PluginInput:
    return plugin(key, frontend=Frontend(types=list(namesakes())), package="called")


def namesakes() -> Iterator[type[Any]]:
    """Yield classes in several modules whose names the file needs itself."""
    import datetime as dt

    shared = (
        "DateTime",
        "Payload",
        "Page",
        "Row",
        "Problem",
        "Blob",
        "AcmeCalled",
        "AcmeTodo",
        "Record",
        "Array",
        "Promise",
        "string",
    )
    for name in shared:
        yield msgspec.defstruct(name, [("at", dt.datetime), ("me", list[int])], module="called.one")
    for name in ("any", "Unknown", "class", "type", "_", "_1", "Größe", "Task", "TaskInput", "Task_", "T"):
        yield msgspec.defstruct(name, [("at", dt.datetime), ("n", int, 3)], module="called.two")
    for module in ("called.three", "called.four", "called.three.models", "called.four.models"):
        yield msgspec.defstruct("Same", [("module", Literal[module])], module=module)  # type: ignore[valid-type]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_types_may_have_any_name(compiler: str, tmp_path: Path) -> None:
    file = tmp_path / "called.ts"
    keys_in_file = [
        "acme__called",
        "plugin__config",
        "date__time",
        "abort__signal",
        "promise__like",
        "acme__cal_led",
        "acme__called.api",
    ]
    file.write_text(generate([plugin_with_namesakes(key) for key in keys_in_file]).text, encoding="utf-8")
    assert compile_files([file], compiler) == ""


def test_two_types_of_the_same_name_are_both_named_after_their_modules() -> None:
    text = generate([plugin_with_namesakes("acme__called")]).text
    interfaces = re.findall(r"interface (\w*Same) \{\n    module: (\S+);", text)
    assert sorted(interfaces) == [
        ("CalledFourSame", '"called.four"'),
        ("CalledThreeSame", '"called.three"'),
        ("FourModelsSame", '"called.four.models"'),
        ("ThreeModelsSame", '"called.three.models"'),
    ]


def test_a_type_is_renamed_only_if_it_would_shadow_a_name_that_its_plugin_needs() -> None:
    part = generate([plugin_with_namesakes("acme__called")]).parts["acme__called"]
    assert "interface DateTime_ {" in part
    assert "interface Page {" in part
    assert "interface AcmeCalled_ {" in part
    assert "interface AcmeTodo {" in part

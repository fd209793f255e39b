"""Nothing that a plugin names, writes or describes can break the file, become code, or collide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pydantic
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import get, post
from litestar.params import JSONBody

from hookspecs import Channel, Frontend, operation
from host.frontend.emit import generate
from host.frontend.model import PluginInput
from host.frontend.names import RESERVED_NAMESPACES, namespace_of
from host.frontend.text import comment, literal
from tests.frontend.building import plugin
from tests.frontend.compile import COMPILERS, compile_files

#: What has broken other generators. Were any of it code, the compiler would not know the name.
NASTY = (
    "*/ pwned(1); /*",
    "*/*/",
    "\\*/",
    "`${pwned(1)}`",
    "\"'`\\",
    "\\u0022; pwned(1); //",
    "line\nbreak\r\n\u2028\u2029\x85\x0b\x0cend",
    "@ts-ignore",
    "@ts-expect-error",
    "@ts-nocheck",
    "</script><!--",
    "\u202e\u2066hidden",
    "\0\x7f\ufeff\ud800",
    "__proto__",
    "constructor",
    "",
    " ",
    "1a",
    "a-b",
    "a.b",
    "delete",
    "// ───── acme__a 1.0.0: types",
    "${",
    "\\",
    "$&",
    "ß𝒳é",
)

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.text(alphabet="*/`$\\{}\"'\n\r\u2028@ts-ignor", max_size=20))
names = texts.filter(bool)


def model_of(text: str, name: str) -> type[Any]:
    """A model with the text everywhere where pydantic lets one put text."""
    field = pydantic.Field(text, description=text, title=text, json_schema_extra={"pattern": text, "format": text})
    made: type[Any] = pydantic.create_model(
        name,
        __doc__=text,
        __module__="nasty",
        value=(Literal[text, "other"], pydantic.Field("other", description=text)),  # type: ignore[valid-type]
        named=(str, pydantic.Field(alias=text or "empty", description=text)),
        defaulted=(str, field),
        color=(Enum("Color", {"A": text, "B": f"{text}b"}), ...),
    )
    return made


def struct_of(text: str, name: str) -> type[Any]:
    """A Struct with the text where msgspec lets one put text."""
    annotated = msgspec.Meta(description=text, pattern=None, extra_json_schema={"description": text})
    fields = [("a", Annotated[str, annotated], text), ("b", Literal[text, "x"])]  # type: ignore[valid-type]
    made = msgspec.defstruct(name, fields, module="nasty", kw_only=True)
    made.__doc__ = text
    return made


def hostile(text: str, number: int) -> PluginInput:
    """A plugin that has the text wherever a plugin can have text."""
    encodable = text.encode(errors="replace").decode()  # pydantic and msgspec take nothing else
    model, struct = model_of(encodable, f"Model{number}"), struct_of(encodable, f"Struct{number}")

    async def answer() -> Any: ...

    async def make(data: Any) -> Any: ...

    answer.__doc__ = text
    answer.__annotations__["return"] = model
    make.__annotations__ |= {"data": JSONBody[model], "return": struct}
    segment = "p" + re.sub(r"[/{}]", "", text)
    made = plugin(
        f"acme__h{number}",
        get("/thing", description=text, opt=operation(name=text or None))(answer),
        post("/other")(make),
        package="nasty",
        channels=(Channel("made", struct),),
        frontend=Frontend(entity_names={"thing": text or "thing"} if text != "on" else {}, custom={text: [text]}),
        version=text or "1",
    )
    # Litestar's own router refuses some characters; what reaches this room is a path all the same.
    routes = [replace(route, path=route.path.replace("/other", f"/{segment}")) for route in made.routes]
    return replace(made, routes=tuple(routes), author=text, name=text, prefix=made.prefix)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_nasty_text_compiles_everywhere(compiler: str, tmp_path: Path) -> None:
    generated = generate([hostile(text, number) for number, text in enumerate(NASTY)])
    file = tmp_path / "nasty.ts"
    file.write_text(generated.text, encoding="utf-8")
    assert compile_files([file], compiler) == ""


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(batch=st.lists(names, min_size=10, max_size=20, unique=True))
def test_any_text_compiles_everywhere(batch: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("any") / "any.ts"
    file.write_text(generate([hostile(text, number) for number, text in enumerate(batch)]).text, encoding="utf-8")
    assert compile_files([file]) == ""


@settings(deadline=None)
@given(text=texts)
def test_a_string_reads_back_as_itself(text: str) -> None:
    shown = literal(text)
    assert json.loads(shown) == text
    assert not re.search("[\n\r\u2028\u2029\x7f\ud800-\udfff\u202e]", shown)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(values=st.lists(json_values, min_size=15, max_size=30))
def test_any_json_is_an_expression(values: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("json") / "json.ts"
    file.write_text("".join(f"export const v{at} = {literal(value)};\n" for at, value in enumerate(values)), encoding="utf-8")
    assert compile_files([file]) == ""


@settings(deadline=None)
@given(lines=st.lists(texts, max_size=4))
def test_a_comment_ends_where_it_should(lines: list[str]) -> None:
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
def test_namespaces(key: str, namespace: str) -> None:
    assert namespace_of(key) == namespace


def everything_called(key: str) -> PluginInput:
    return plugin(key, frontend=Frontend(types=list(namesakes())), package="called")


def namesakes() -> Iterator[type[Any]]:
    """Classes that are called like what the file needs, in several modules."""
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
def test_types_may_be_called_as_anything(compiler: str, tmp_path: Path) -> None:
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
    file.write_text(generate([everything_called(key) for key in keys_in_file]).text, encoding="utf-8")
    assert compile_files([file], compiler) == ""


def test_two_types_of_one_name_are_both_called_by_their_module() -> None:
    text = generate([everything_called("acme__called")]).text
    found = re.findall(r"interface (\w*Same) \{\n    module: (\S+);", text)
    assert sorted(found) == [
        ("CalledFourSame", '"called.four"'),
        ("CalledThreeSame", '"called.three"'),
        ("FourModelsSame", '"called.four.models"'),
        ("ThreeModelsSame", '"called.three.models"'),
    ]


def test_a_type_is_renamed_only_where_it_would_hide_what_its_plugin_needs() -> None:
    part = generate([everything_called("acme__called")]).parts["acme__called"]
    assert "interface DateTime_ {" in part
    assert "interface Page {" in part
    assert "interface AcmeCalled_ {" in part
    assert "interface AcmeTodo {" in part

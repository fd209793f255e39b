"""The whole file: compared with the committed one, compiled, used, and independent of its surroundings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import permutations
from pathlib import Path
from typing import Any

import fx_billing
import msgspec
import pytest
from fx_todo.models import Task, TaskCreate
from litestar import get, post
from litestar.params import JSONBody

from hookspecs import Channel, Frontend, Payload, PayloadHandler, StoreAction, operation
from host.common.errors import ConflictError, FrontendError
from host.frontend.emit import generate
from host.frontend.model import PluginInput, UsedContract
from host.frontend.names import RESERVED_NAMESPACES
from tests.frontend.building import fixture, plugin
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.plugins import billing, kinds, todo

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "generated-config.ts"


def test_the_file_equals_the_golden_file() -> None:
    text = generate([todo(), billing()]).text
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "if that is right: UPDATE_GOLDEN=1 pytest tests/frontend"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_file_and_code_that_uses_it_compile(compiler: str, tmp_path: Path) -> None:
    (tmp_path / "generated-config.ts").write_text(generate([todo(), billing(), kinds()]).text, encoding="utf-8")
    usage = tmp_path / "usage.ts"
    usage.write_text((HERE / "usage.ts").read_text(encoding="utf-8"), encoding="utf-8")
    assert compile_files([usage], compiler) == ""


def test_a_file_without_plugins_compiles(tmp_path: Path) -> None:
    file = tmp_path / "empty.ts"
    file.write_text(generate([]).text)
    assert compile_files([file]) == ""


def test_the_file_contains_nothing_specific_to_a_directory_or_process() -> None:
    text = generate([todo(), billing(), kinds()]).text
    assert str(HERE.parent.parent) not in text
    assert str(Path.home()) not in text
    assert "0x" not in text
    assert text.endswith(("}\n", ";\n"))
    assert "\r" not in text
    assert "import " not in text.replace("no imports", "")


def test_the_order_of_plugins_and_routes_does_not_change_the_file() -> None:
    todo_backwards = todo()
    object.__setattr__(todo_backwards, "routes", todo_backwards.routes[::-1])
    object.__setattr__(todo_backwards, "channels", todo_backwards.channels[::-1])
    expected = generate([billing(), todo(), kinds()])
    for order in permutations([billing(), todo_backwards, kinds()]):
        assert generate(order) == expected


SCRIPT = """
import sys
sys.path[:0] = sys.argv[1:3]
from tests.frontend.plugins import billing, kinds, todo
from host.frontend.emit import generate
plugins = [billing(), todo(), kinds()] if sys.argv[3] == "0" else [kinds(), todo(), billing()]
sys.stdout.buffer.write(generate(plugins).text.encode())
"""


def test_sets_as_defaults_are_sorted() -> None:
    text = generate([kinds()]).text
    assert '@default ["a", "b", "c", "d"]' in text
    assert '@default { all: ["a", "b", "c", "d"] }' in text


def test_hash_seed_locale_and_time_zone_do_not_change_the_file() -> None:
    paths = [str(HERE.parent.parent), str(HERE / "fixtures")]
    texts = set()
    for seed, zone, locale in (("0", "UTC", "C"), ("1", "Asia/Kathmandu", "C.UTF-8"), ("4711", "America/New_York", "POSIX")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        command = [sys.executable, "-c", SCRIPT, *paths, seed]
        texts.add(subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120).stdout)
    assert len(texts) == 1


def test_a_part_does_not_depend_on_other_plugins() -> None:
    alone = generate([billing()]).parts["acme__billing"]
    assert generate([billing(), todo(), kinds()]).parts["acme__billing"] == alone
    user = fixture("acme__aaa", fx_billing, "1")
    object.__setattr__(user, "package", "aaa")
    assert generate([user, billing()]).parts["acme__billing"] == alone


def test_a_type_that_only_other_plugins_use_is_not_in_its_owners_part() -> None:
    @get("/x")
    async def borrow() -> TaskCreate: ...

    borrower = plugin("acme__borrower", borrow, package="borrower")
    owner = plugin("acme__owner", package="fx_todo")
    together = generate([borrower, owner])
    assert together.parts["acme__owner"] == generate([owner]).parts["acme__owner"]
    assert "interface TaskCreate" in together.parts["acme__borrower"]


def test_a_type_of_another_plugin_is_referred_to() -> None:
    part = generate([billing(), todo()]).parts["acme__todo"]
    assert "quota: AcmeBilling.Quota;" in part
    assert "interface Quota " not in part


def test_a_type_of_a_plugin_that_is_not_in_the_file_is_copied() -> None:
    hidden = plugin("acme__billing", package="fx_billing", frontend=Frontend(enabled=False))
    part = generate([hidden, todo()]).parts["acme__todo"]
    assert "quota: AcmeTodo.Quota;" in part


def test_the_digest_is_in_the_file_and_depends_on_the_plugins_parts() -> None:
    first = generate([billing()])
    assert f'export const schemaHash = "{first.digest}";' in first.text
    assert generate([billing()]).digest == first.digest
    assert generate([billing(version="1.3.0")]).digest != first.digest
    assert generate([billing(), kinds()]).digest != first.digest


def test_a_plugin_that_opted_out_is_not_in_the_file() -> None:
    hidden = plugin("acme__hidden", package="hidden", frontend=Frontend(enabled=False))
    generated = generate([billing(), hidden])
    assert "hidden" not in generated.text
    assert list(generated.parts) == ["acme__billing"]


def test_contracts_name_provider_version_and_consumers() -> None:
    shown = '"acme__billing.billing@1": { provider: "acme__billing"; version: "1.2.0"; consumers: "acme__todo" };'
    assert shown in generate([billing(), todo()]).text
    assert "consumers: never };" in generate([billing()]).text


def test_a_contract_whose_provider_is_missing_still_compiles(tmp_path: Path) -> None:
    lonely = plugin("acme__lonely", uses=(UsedContract("acme__gone.quota@2", "acme__gone", object),))
    file = tmp_path / "lonely.ts"
    file.write_text(generate([lonely]).text)
    assert compile_files([file]) == ""


def entity(frontend: Frontend | None = None, **rest: object) -> PluginInput:
    @get("/todo-entry/{id:str}", opt=operation(StoreAction.READ))
    async def read(id: str) -> Payload[Task]: ...  # noqa: A002

    return plugin("acme__x", read, frontend=frontend or Frontend(), **rest)


@pytest.mark.filterwarnings("ignore::litestar.exceptions.base_exceptions.LitestarDeprecationWarning")
def test_renaming_an_entity_keeps_its_datatype() -> None:
    handler = PayloadHandler(Task, display_name=str, completion=str, type="duty")
    text = generate([entity(Frontend(entity_names={"todo-entry": "entry"}), payloads=(handler,))]).text
    assert 'entry: {\n      type: "duty",' in text


@pytest.mark.filterwarnings("ignore::litestar.exceptions.base_exceptions.LitestarDeprecationWarning")
def test_without_a_payload_handler_the_datatype_is_the_entity() -> None:
    assert '"todo-entry": {\n      type: "todo-entry",' in generate([entity()]).text


def test_custom_data_and_additional_types_are_emitted() -> None:
    frontend = Frontend(types=[TaskCreate], custom={"icon": "☑", "__proto__": [1, None], "deep": {"a": 0.5}})
    text = generate([plugin("acme__x", frontend=frontend)]).text
    assert 'custom: { icon: "☑", ["__proto__"]: [1, null], deep: { a: 0.5 } },' in text
    assert "interface TaskCreate {" in text


@pytest.mark.parametrize("custom", [{1: "x"}, {"x": [{2: "y"}]}])
def test_custom_data_with_keys_that_are_not_strings_is_refused(custom: dict[Any, object]) -> None:
    with pytest.raises(FrontendError, match="acme__x: custom of its Frontend is not JSON"):
        generate([plugin("acme__x", frontend=Frontend(custom=custom))])


def test_a_broadcast_lists_channel_key_and_prefix() -> None:
    @post("/note", opt=operation("dataCreate", broadcast=["created"]))
    async def make(data: JSONBody[str]) -> None: ...

    text = generate([plugin("acme__x", make, channels=(Channel("created", str),))]).text
    assert 'channels: [{ channel: "acme__x--created", channelKey: "created", prefix: "acme__x" }]' in text


def test_invalid_operations_prevent_the_file() -> None:
    @get("/note")
    async def first() -> int: ...

    @get("/note/all")
    async def second() -> int: ...

    with pytest.raises(ConflictError, match=r"GET /note and GET /note/all are both note\.getAll"):
        generate([plugin("acme__x", first, second)])


class Unsupported:
    """A class that no library can serialise."""


class Holder(msgspec.Struct):
    inner: Unsupported


def test_a_type_that_cannot_be_expressed_is_unknown_with_a_warning() -> None:
    @get("/direct")
    async def direct() -> Unsupported: ...

    @get("/held")
    async def held() -> Holder: ...

    generated = generate([plugin("acme__x", direct, held, package=__name__)])
    warning = f"{__name__}.Unsupported has no TypeScript type and becomes unknown"
    assert generated.warnings == (
        f"acme__x: GET /acme__x/direct: {warning}",
        f"acme__x: GET /acme__x/held, in {__name__}.Holder: {warning}",
    )
    assert "inner: unknown;" in generated.text
    assert ": any" not in generated.text


def test_the_store_actions_are_those_of_the_backend() -> None:
    (line,) = re.findall("^export type StoreActionType = (.*);$", generate([]).text, re.MULTILINE)
    assert line.split(" | ") == [f'"{action.value}"' for action in StoreAction]


def test_names_that_the_file_declares_are_reserved_for_namespaces() -> None:
    declared = re.findall(r"^export (?:type|interface) (\w+)", generate([]).text, re.MULTILINE)
    of_two_words = {name for name in declared if re.fullmatch("[A-Z][a-z]+[A-Z][a-zA-Z]*", name)}
    assert {"PluginConfig", "StoreActionType", "DateTime"} <= of_two_words <= RESERVED_NAMESPACES

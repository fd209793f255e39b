"""A real application's responses conform to the types, conforming requests are accepted, and the types are not looser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fx_kinds
import pytest
from fx_kinds.models import Record
from fx_kinds.routes import INCOMING, OUTGOING
from fx_kinds.values import NOW
from litestar.testing import TestClient

from host.frontend.emit import generate
from host.web.payloads import wire
from tests.frontend.building import application
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.plugins import kinds

HEAD = """\
import type { AcmeKinds, AcmeKindsApi } from "./generated-config";
type Answer<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;
"""

#: entity → JSON that the application accepts.
TAKEN: dict[str, list[Any]] = {
    "node": [{"name": "a"}, {"name": "a", "children": [{"name": "b"}]}],
    "limits": [{}, {"count": 1, "when": "2026-01-02", "tags": ["x"]}],
    "lazy": [{"always": 1}, {"always": 1, "unset": "x"}],
    "pets": [[], [{"type": "cat", "meows": True}, {"type": "dog", "barks": True, "friend": {"type": "dog", "barks": False}}]],
    "array": [["Array", 1], ["Array", 1, "y"]],
    "data": [{"number": 1}, {"number": 1, "optional": None, "items": ["x"]}],
    "attrs": [{"number": 1}],
    "typed": [{"always": 1}, {"always": 1, "sometimes": "x"}],
    "partial": [{"must": 1}],
    "point": [[1], [1, 2]],
    "box": [{"content": 1, "more": []}],
    "shapes": [{"shapes": [{"kind": "circle", "radius": 1.5}, {"kind": "square", "side": 1}]}],
    "open": [{"known": 1, "further": "x"}],
}

#: entity → JSON that both the application and the compiler refuse.
REFUSED: dict[str, list[Any]] = {
    "node": [{}, {"name": "a", "children": [{"name": 1}]}, {"name": "a", "children": None}],
    "limits": [{"count": "x"}, {"tags": [1]}],
    "lazy": [{}, {"always": 1, "unset": None}],
    "pets": [[{"type": "bird"}], [{"type": "cat", "barks": True}], [{"type": "dog", "barks": True, "friend": {"type": "x"}}]],
    "array": [["Other", 1], ["Array"], ["Array", "x"]],
    "data": [{}, {"number": 1, "items": None}],
    "attrs": [{"text": "x"}],
    "typed": [{}, {"always": "x"}],
    "partial": [{"may": "x"}],
    "point": [[], ["x"]],
    "box": [{"content": "x", "more": []}, {"content": 1, "more": ["x"]}],
    "shapes": [{"shapes": [{"kind": "line"}]}, {"shapes": [{"kind": "circle", "side": 1}]}, {"shapes": [{"radius": 1}]}, {}],
    "open": [{}, {"known": "x"}],
}

#: entity → JSON that does not conform to the type of a response.
NOT_SENT: dict[str, Any] = {
    "pets": [{"type": "cat", "barks": True}],
    "node": {"name": "root"},
    "limits": {"count": 1, "code": "", "tags": []},
    "array": ["Array", 1],
    "box": {"content": 1, "more": []},
    "data": {"number": 1},
    "attrs": {"number": 1},
    "nested": {},
    "number-crate": {"content": "1", "label": "x"},
    "point": [1],
    "open": {"unknown": 1},
    "shapes": {"shapes": [{"radius": 1}]},
    "names": [1],
    "result": {"items": []},
    "colors": {"a": "green"},
    "number": "3",
    "typed": {"sometimes": "x"},
}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with TestClient(application({"acme__kinds": fx_kinds.HANDLERS})) as client:
        yield client


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wire")
    generated = generate([kinds()])
    assert generated.warnings == ()
    (directory / "generated-config.ts").write_text(generated.text, encoding="utf-8")
    return directory


@pytest.mark.parametrize("compiler", COMPILERS)
def test_responses_conform_to_the_types(client: TestClient[Any], directory: Path, compiler: str) -> None:
    lines = []
    for number, name in enumerate(OUTGOING):
        answer = client.get(f"/acme__kinds/{name}/value")
        assert answer.status_code == 200, answer.text
        kind = f"Answer<AcmeKindsApi[{json.dumps(name)}]['getValue']>"
        lines.append(f"export const value{number}: {kind} = {json.dumps(answer.json())};")
    assert _errors(directory, "sent.ts", lines, compiler) == ""


def test_other_values_do_not_conform_to_the_response_types(directory: Path) -> None:
    assert set(NOT_SENT) <= set(OUTGOING)
    lines = []
    for number, (name, value) in enumerate(NOT_SENT.items()):
        kind = f"Answer<AcmeKindsApi[{json.dumps(name)}]['getValue']>"
        lines += ["// @ts-expect-error", f"export const value{number}: {kind} = {json.dumps(value)};"]
    assert _errors(directory, "not-sent.ts", lines) == ""


def test_accepted_requests_conform_to_the_types(client: TestClient[Any], directory: Path) -> None:
    lines = []
    for number, (name, value) in enumerate(_pairs(TAKEN)):
        answer = client.post(f"/acme__kinds/{name}", json=value)
        assert answer.status_code == 204, (name, value, answer.text)
        lines.append(f"export const value{number}: {_body(name)} = {json.dumps(value)};")
    assert set(TAKEN) | {"nested", "record"} == set(INCOMING)
    assert _errors(directory, "taken.ts", lines) == ""


def test_refused_requests_do_not_conform_to_the_types(client: TestClient[Any], directory: Path) -> None:
    lines = []
    for number, (name, value) in enumerate(_pairs(REFUSED)):
        answer = client.post(f"/acme__kinds/{name}", json=value)
        assert answer.status_code == 400, (name, value, answer.text)
        lines += ["// @ts-expect-error", f"export const value{number}: {_body(name)} = {json.dumps(value)};"]
    assert _errors(directory, "refused.ts", lines) == ""


def test_a_document_conforms_to_its_type_as_the_host_sends_it(directory: Path) -> None:
    document = Record.model_construct(title="x", made_at=NOW, id="5eb7cf5a86d9755df3a6c593", other=None)
    row = wire(document)
    assert _errors(directory, "document.ts", [f"export const row: AcmeKinds.Record = {json.dumps(row)};"]) == ""


def _pairs(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in table.items() for value in values]


def _body(name: str) -> str:
    return f"Parameters<AcmeKindsApi[{json.dumps(name)}]['create']>[0]"


def _errors(directory: Path, name: str, lines: list[str], compiler: str = "typescript") -> str:
    file = directory / name
    file.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return compile_files([file], compiler)

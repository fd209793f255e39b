"""Types from every source that a plugin may use: transferred values conform to them, other values do not.

For each case of ``fx_sources`` a real host serves real values and accepts real JSON. The transferred text is pasted into
TypeScript as a literal of the emitted type; both compilers must accept what was sent or accepted, and reject what was refused.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fx_sources
import httpx
import pytest

from host.lifecycle.generation import booted, generate_for
from tests.distributions import Project
from tests.frontend.compile import COMPILERS
from tests.frontend.judges.verdicts import refused
from tests.inprocess import running

KEY = "acme__sources"
HEAD = """\
import type { AcmeSourcesApi } from "./generated-config";
type Answer<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;
"""


@dataclass(frozen=True)
class Statement:
    """A literal of a type.

    Args:
        case: the name of the case.
        direction: ``in`` or ``out``.
        text: the JSON.
        fits: whether the compiler must accept it.
        status: the status of the response, if the application was asked.
    """

    case: str
    direction: str
    text: str
    fits: bool
    status: int = 200

    def typescript(self, number: int) -> str:
        """Return one line for the compiler."""
        name = json.dumps(self.case)
        type_of = f"Parameters<AcmeSourcesApi[{name}]['create']>[0]"
        if self.direction == "out":
            call = "getValue" if self.status == 200 else "create"
            type_of = f"Answer<AcmeSourcesApi[{name}]['{call}']>"
        return f"export const value{number}: {type_of} = {_pasted(self.text)};"


@dataclass(frozen=True)
class Travelled:
    """The directory of the generated file, and the statements that must hold for it."""

    directory: Path
    text: str
    warnings: tuple[str, ...]
    statements: tuple[Statement, ...]


def _pasted(text: str) -> str:
    """Return JSON as TypeScript: a key ``__proto__`` would set the prototype, and two more characters end a line."""
    return text.replace('"__proto__":', '["__proto__"]:').replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _literal(answer: httpx.Response) -> str:
    """Return the transferred JSON character by character; a plain-text response is turned into JSON."""
    return answer.text if "json" in answer.headers["content-type"] else json.dumps(answer.text)


async def _travel(project: Project) -> list[Statement]:
    statements = []
    async with running(project) as (_host, client):
        for case in fx_sources.CASES:
            for index in range(len(case.sent)):
                answer = await client.get(f"/{KEY}/{case.name}/value/{index}")
                assert answer.status_code == 200, (case.name, answer.text)
                statements.append(Statement(case.name, "out", _literal(answer), True))
            statements += [Statement(case.name, "out", json.dumps(value), False) for value in case.unsent]
            for values, fits in ((case.taken, True), (case.refused, False)):
                for value in values:
                    answer = await client.post(f"/{KEY}/{case.name}", json=value)
                    statements.append(Statement(case.name, "in", json.dumps(value), fits, answer.status_code))
                    if answer.status_code == 201 and case.back:
                        statements.append(Statement(case.name, "out", _literal(answer), True, 201))
    return statements


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Travelled]:
    directory = tmp_path_factory.mktemp("sources")
    project = Project.at(directory)
    project.install("acme-sources", {}, key=KEY, target="fx_sources")
    with project.cleanup, project.site.active():
        generated = generate_for(*booted(project.settings))
        (directory / "generated-config.ts").write_text(generated.text, encoding="utf-8")
        yield Travelled(directory, generated.text, generated.warnings, tuple(asyncio.run(_travel(project))))


def test_the_application_accepts_and_refuses_what_the_table_says(travelled: Travelled) -> None:
    incoming = [statement for statement in travelled.statements if statement.direction == "in"]
    assert [statement for statement in incoming if statement.status != (201 if statement.fits else 400)] == []


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_types_accept_transferred_values_and_nothing_else(travelled: Travelled, compiler: str) -> None:
    lines = [statement.typescript(number) for number, statement in enumerate(travelled.statements)]
    errors = refused(travelled.directory / f"{compiler}.ts", HEAD, lines, compiler)
    wrong = [
        (statement.case, statement.direction, statement.text, errors.get(number, "admitted"))
        for number, statement in enumerate(travelled.statements)
        if (number in errors) is statement.fits
    ]
    assert wrong == []


def test_every_source_has_a_type(travelled: Travelled) -> None:
    assert travelled.warnings == ()

"""Types from every source that a plugin may use: what really travels through the host fits them, what does not travel does not.

For each case of ``fx_sources`` a real host serves real values and takes real JSON. The text that travelled is pasted into
TypeScript as a literal of the emitted type; both compilers must admit what was sent or taken, and refuse what was not.
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
        case: the name.
        direction: ``in`` or ``out``.
        text: the JSON.
        fits: whether the compiler must admit it.
        said: why it is so: the status of the answer where the application was asked.
    """

    case: str
    direction: str
    text: str
    fits: bool
    said: int = 200

    def typescript(self, number: int) -> str:
        """One line."""
        name = json.dumps(self.case)
        type_of = f"Parameters<AcmeSourcesApi[{name}]['create']>[0]"
        if self.direction == "out":
            call = "getValue" if self.said == 200 else "create"
            type_of = f"Answer<AcmeSourcesApi[{name}]['{call}']>"
        return f"export const value{number}: {type_of} = {_pasted(self.text)};"


@dataclass(frozen=True)
class Travelled:
    """Where the generated file is, and what must be true of it."""

    directory: Path
    text: str
    warnings: tuple[str, ...]
    statements: tuple[Statement, ...]


def _pasted(text: str) -> str:
    """JSON as TypeScript: a key ``__proto__`` would set the prototype, and two more characters end a line."""
    return text.replace('"__proto__":', '["__proto__"]:').replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _literal(answer: httpx.Response) -> str:
    """The JSON that travelled, letter by letter; a text that travelled as such becomes one of JSON."""
    return answer.text if "json" in answer.headers["content-type"] else json.dumps(answer.text)


async def _travel(project: Project) -> list[Statement]:
    found = []
    async with running(project) as (_host, client):
        for case in fx_sources.CASES:
            for index in range(len(case.sent)):
                answer = await client.get(f"/{KEY}/{case.name}/value/{index}")
                assert answer.status_code == 200, (case.name, answer.text)
                found.append(Statement(case.name, "out", _literal(answer), True))
            found += [Statement(case.name, "out", json.dumps(one), False) for one in case.unsent]
            for values, fits in ((case.taken, True), (case.refused, False)):
                for one in values:
                    answer = await client.post(f"/{KEY}/{case.name}", json=one)
                    found.append(Statement(case.name, "in", json.dumps(one), fits, answer.status_code))
                    if answer.status_code == 201 and case.back:
                        found.append(Statement(case.name, "out", _literal(answer), True, 201))
    return found


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Travelled]:
    directory = tmp_path_factory.mktemp("sources")
    project = Project.at(directory)
    project.install("acme-sources", {}, key=KEY, target="fx_sources")
    with project.cleanup, project.site.active():
        generated = generate_for(*booted(project.settings))
        (directory / "generated-config.ts").write_text(generated.text, encoding="utf-8")
        yield Travelled(directory, generated.text, generated.warnings, tuple(asyncio.run(_travel(project))))


def test_the_application_takes_and_refuses_what_the_table_says(travelled: Travelled) -> None:
    incoming = [one for one in travelled.statements if one.direction == "in"]
    assert [one for one in incoming if one.said != (201 if one.fits else 400)] == []


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_types_admit_what_travels_and_nothing_else(travelled: Travelled, compiler: str) -> None:
    lines = [one.typescript(number) for number, one in enumerate(travelled.statements)]
    told = refused(travelled.directory / f"{compiler}.ts", HEAD, lines, compiler)
    wrong = [
        (one.case, one.direction, one.text, told.get(number, "admitted"))
        for number, one in enumerate(travelled.statements)
        if (number in told) is one.fits
    ]
    assert wrong == []


def test_all_of_it_has_a_type(travelled: Travelled) -> None:
    assert travelled.warnings == ()

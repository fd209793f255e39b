"""The behaviour of ``createApi`` against a server and WebSockets that the cases in ``runtime/*.ts`` simulate."""

from __future__ import annotations

from pathlib import Path

import fx_odd
import pytest

from host.frontend.emit import generate
from tests.frontend import running
from tests.frontend.building import fixture
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.plugins import billing, todo

FILES = ("calls.ts", "channels.ts")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the cases beside a generated file."""
    text = generate([billing(), todo(), fixture("acme__odd", fx_odd, "0.0.1")]).text
    return running.project(tmp_path_factory.mktemp("runtime"), text)


@pytest.fixture(scope="module")
def results(directory: Path) -> dict[tuple[str, str], str]:
    """Return the result of each case."""
    return {
        (file, name): error
        for file in FILES
        for name, error in running.results(running.run(running.bundled(directory / file))).items()
    }


@pytest.mark.parametrize(("file", "name"), [(file, name) for file in FILES for name in running.names(file)])
def test_case(file: str, name: str, results: dict[tuple[str, str], str]) -> None:
    assert results[file, name] == ""


def test_cases_with_computed_names_succeed(results: dict[tuple[str, str], str]) -> None:
    computed = {case: error for case, error in results.items() if case[1] not in set(running.names(case[0]))}
    assert len(computed) > 5
    assert [error for error in computed.values() if error] == []


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_cases_compile(compiler: str, directory: Path) -> None:
    assert compile_files([directory / file for file in FILES], compiler) == ""

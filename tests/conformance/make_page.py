"""Write ``docs/conformance.md`` from a run of the tests in this directory: ``python -m tests.conformance.make_page``."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pytest

from tests.conformance.rows import NARROWED, ROWS

HERE: Final = Path(__file__).parent
FILE: Final = HERE.parents[1] / "docs" / "conformance.md"

#: A test of a row: ``test_F14_plugins_are_sorted_by_their_dependencies``; of two rows: ``test_K15a_K15b_…``.
_NAME: Final = re.compile(r"test_((?:[A-Z]\d+[a-z]?_)+)")

Result = Literal["passed", "failed", "expected to fail", "skipped", "not run"]
#: From the worst to the best; a parametrized test has the worst result of its runs.
_WORST: Final[tuple[Result, ...]] = ("failed", "expected to fail", "skipped", "passed", "not run")

#: The states of a row, in the order of the summary.
_STATES: Final = ("passed", "narrowed", "not yet", "failed")

INTRODUCTION = """\
# Conformance

Made by `python -m tests.conformance.make_page` from a run of `tests/conformance`; a test compares everything but the results.

The host follows five systems: Fastify with avvio (F), EzBackend (E), FAB (B), backendjs (K) and raclette (R). A row is one feature
of one of them, in the words of this host. A row is **passed** if its tests show the whole feature, **narrowed** if they show a part
and the rest is named, and **not yet** if nothing of it is built or shown. The tests use the public interface: real distributions on
disk, the class `Host`, the command `host`. If the host deliberately does better than the system, the docstring of the test says so.
Cases that avvio, Backstage, Jupyter and Home Assistant test are in the files `test_catalogue_*.py`, under the row they belong to.
"""

HEADINGS: Final = {"F": "Fastify and avvio", "E": "EzBackend", "B": "FAB", "K": "backendjs", "R": "raclette"}


@dataclass(frozen=True, order=True)
class Test:
    """One test function.

    Args:
        row: the id of the row that it tests.
        name: the name of the function.
        file: the name of the file.
    """

    row: str
    name: str
    file: str


def collect() -> list[Test]:
    """Return all tests of rows, read from the source."""
    matches = [(match, name, file) for name, file in _functions() if (match := _NAME.match(name))]
    return sorted(Test(row, name, file) for match, name, file in matches for row in match[1].split("_")[:-1])


def strays() -> list[str]:
    """Return the tests that belong to no row."""
    return [f"{file}::{name}" for name, file in _functions() if not _NAME.match(name)]


def _functions() -> Iterator[tuple[str, str]]:
    """Yield the test functions with their files, except those that test the page."""
    for file in sorted(HERE.glob("test_*.py")):
        nodes = ast.parse(file.read_text(encoding="utf-8")).body if file.name != "test_page.py" else []
        yield from ((node.name, file.name) for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


class _Outcomes:
    """A pytest plugin that records the results of each test."""

    def __init__(self) -> None:
        self.results: dict[tuple[str, str], set[Result]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        file, _, rest = report.nodeid.partition("::")
        name = rest.partition("[")[0]
        self.results.setdefault((Path(file).name, name), set()).add(_result(report))


def _result(report: pytest.TestReport) -> Result:
    if report.skipped:
        return "expected to fail" if hasattr(report, "wasxfail") else "skipped"
    return "passed" if report.passed else "failed"


def run() -> dict[tuple[str, str], Result]:
    """Run the tests.

    Returns:
        the worst result of each test, by file and name.
    """
    outcomes = _Outcomes()
    files = sorted({str(HERE / test.file) for test in collect()})
    pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *files], plugins=[outcomes])
    return {test: min(results, key=_WORST.index) for test, results in outcomes.results.items()}


def render(tests: Iterable[Test], results: Mapping[tuple[str, str], Result]) -> str:
    """Return the page.

    Args:
        tests: the tests of all rows.
        results: the results of the tests that were run, by file and name.
    """
    by_row: dict[str, list[Test]] = {}
    for test in tests:
        by_row.setdefault(test.row, []).append(test)
    states = [state_of(row, by_row.get(row, []), results) for row in ROWS]
    summary = ", ".join(f"{states.count(state)} {state}" for state in _STATES if state in states)
    parts = [INTRODUCTION, f"{len(ROWS)} rows: {summary}.\n"]
    for letter, heading in HEADINGS.items():
        parts += [f"## {heading}\n", "| row | feature | tests | result |\n| --- | --- | --- | --- |"]
        parts += [_line(row, by_row.get(row, []), results) for row in ROWS if row.startswith(letter)]
        parts.append("")
    return "\n".join(parts)


def state_of(row: str, tests: list[Test], results: Mapping[tuple[str, str], Result]) -> str:
    """Return ``passed``, ``narrowed``, ``not yet`` or ``failed``.

    Args:
        row: the id of the row.
        tests: the tests of the row.
        results: the results of tests, by file and name.
    """
    if not tests:
        return "not yet"
    if any(results.get((test.file, test.name)) != "passed" for test in tests):
        return "failed"
    return "narrowed" if row in NARROWED else "passed"


def _line(row: str, tests: list[Test], results: Mapping[tuple[str, str], Result]) -> str:
    files: dict[str, list[str]] = {}
    for test in tests:
        files.setdefault(test.file, []).append(f"`{test.name}`")
    listed = "<br>".join(f"{file}: {', '.join(names)}" for file, names in files.items())
    missing = f". Missing: {NARROWED[row]}" if row in NARROWED else ""
    result = f"**{state_of(row, tests, results)}**"
    if tests:
        outcomes = [results.get((test.file, test.name), "not run") for test in tests]
        result += ": " + ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in _WORST if outcome in outcomes)
    return f"| {row} | {ROWS[row]}{missing} | {listed} | {result} |"


def without_results(page: str) -> str:
    """Return a page without its last column and without the summary."""
    page = re.sub(r"^\d+ rows: .*$", "", page, flags=re.MULTILINE)
    return re.sub(r"\|[^|]*\|$", "|", page, flags=re.MULTILINE)


def main() -> int:
    """Run the tests and write the page.

    Returns:
        0 if all tests passed, otherwise 1.
    """
    tests, results = collect(), run()
    FILE.write_text(render(tests, results), encoding="utf-8")
    return 0 if all(results.get((test.file, test.name)) == "passed" for test in tests) else 1


if __name__ == "__main__":
    sys.exit(main())

"""``docs/conformance.md`` lists every row with its tests and their results, and is up to date."""

from __future__ import annotations

from collections.abc import Iterable

from tests.conformance.make_page import FILE, collect, render, strays, without_results
from tests.conformance.rows import NARROWED, ROWS


def ids(letter: str, numbers: range) -> Iterable[str]:
    return (f"{letter}{number}" for number in numbers)


def test_every_row_of_the_five_systems_is_listed() -> None:
    assert list(ROWS) == [
        *ids("F", range(1, 37)),
        *ids("E", range(1, 25)),
        *ids("B", range(1, 21)),
        *ids("K", range(1, 16)),
        *(f"K15{letter}" for letter in "abcdefghijklmn"),
        *ids("K", range(16, 23)),
        *ids("R", range(1, 41)),
    ]


def test_a_narrowed_row_is_tested_as_far_as_it_is_built() -> None:
    tested = {test.row for test in collect()}
    assert not [row for row in NARROWED if row not in tested]


def test_each_test_belongs_to_a_row() -> None:
    assert not strays()
    assert not [test for test in collect() if test.row not in ROWS]


def test_no_two_tests_have_one_name_in_one_file() -> None:
    tests = collect()
    assert len(tests) == len(set(tests))


def test_the_page_is_up_to_date() -> None:
    page = FILE.read_text(encoding="utf-8")
    assert without_results(page) == without_results(render(collect(), {})), "run: python -m tests.conformance.make_page"


def test_the_page_has_the_result_of_each_test() -> None:
    page = FILE.read_text(encoding="utf-8")
    assert "not run" not in page
    assert "**failed**" not in page

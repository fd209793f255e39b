"""``docs/conformance.md`` lists every row, each with tests, and is up to date."""

from __future__ import annotations

from collections.abc import Iterable

from tests.conformance.make_page import FILE, collect, render, strays, without_results
from tests.conformance.rows import ROWS


def numbers(letter: str, *ranges: range) -> Iterable[str]:
    return (f"{letter}{number}" for one in ranges for number in one)


def test_the_rows_are_those_that_this_part_of_the_host_answers_for() -> None:
    wanted = [
        *numbers("F", range(1, 34), range(36, 37)),
        *numbers("E", range(1, 25)),
        *numbers("K", range(2, 5), range(11, 13)),
        *("K15a", "K15b", "K15c", "K15d", "K15e", "K15f", "K15g", "K15h", "K15i", "K16", "K22"),
        *numbers("R", range(1, 30), range(31, 34), range(40, 41)),
        *("B15", "B17"),
    ]
    assert list(ROWS) == wanted


def test_each_row_has_a_test() -> None:
    tested = {test.row for test in collect()}
    assert not [row for row in ROWS if row not in tested]


def test_each_test_belongs_to_a_row() -> None:
    assert not strays()
    assert not [test for test in collect() if test.row not in ROWS]


def test_no_two_tests_have_one_name_in_one_file() -> None:
    tests = collect()
    assert len(tests) == len(set(tests))


def test_the_page_is_up_to_date() -> None:
    page = FILE.read_text(encoding="utf-8")
    assert without_results(page) == without_results(render(collect(), {})), "run: python -m tests.conformance.make_page"


def test_the_page_knows_the_result_of_each_test() -> None:
    page = FILE.read_text(encoding="utf-8")
    assert "not run" not in page
    assert "no test" not in page

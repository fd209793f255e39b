"""A pymongo without ``_get_bound_session``: transactions hold as before, by documented methods."""

from __future__ import annotations

from importlib.metadata import version

from tests.compat.renaming import run_tests, warnings

BOUND = "pymongo:_get_bound_session"


def test_the_missing_name_is_reported_with_library_and_version():
    (line,) = warnings(BOUND, "pymongo")
    assert line.startswith(f"pymongo {version('pymongo')} has no AsyncMongoClient._get_bound_session: ")


def test_transactions_hold_without_it():
    run_tests(BOUND, "tests/data/test_transactions.py")

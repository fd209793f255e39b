"""Filters, orders and cursors, without a database."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import get_args

import msgspec
import pytest
from acme_todo.documents import as_stored
from acme_todo.errors import CursorMismatch
from acme_todo.listing import Listing, Sort
from acme_todo.requests import TaskCreate, TaskUpdate
from hypothesis import given
from hypothesis import strategies as st

LAST = SimpleNamespace(id="b", title="Zebra", priority=2, created_at=datetime(2026, 11, 20, 12, 0, 0, 123_000, tzinfo=UTC))


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


@pytest.mark.parametrize("sort", get_args(Sort))
def test_a_cursor_leads_behind_the_task_that_it_was_made_for(sort):
    listing = Listing(sort=sort)
    field = sort.removeprefix("-")
    value = {"createdAt": LAST.created_at, "title": LAST.title, "priority": LAST.priority}[field]
    beyond = "$lt" if sort.startswith("-") else "$gt"
    assert Listing(sort=sort, cursor=listing.cursor_after(LAST)).after() == {
        "$or": [{field: {beyond: value}}, {field: value, "_id": {beyond: "b"}}]
    }


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "?",
        "ü",
        "abcde",
        encoded([]),
        encoded({"sort": "title"}),
        encoded(["title", "A", "b"]),
        encoded(["-createdAt", "A", "b"]),
        encoded(["-createdAt", 2**60, "b"]),
        encoded(["-createdAt", 2**53, "b"]),
        encoded(["-createdAt", None, "b"]),
    ],
)
def test_any_other_cursor_is_refused(cursor):
    with pytest.raises(CursorMismatch):
        Listing(sort="-createdAt", cursor=cursor).after()


@given(st.text())
def test_no_text_for_a_cursor_is_an_error_of_the_server(text):
    with pytest.raises(CursorMismatch):
        Listing(cursor=text).after()


def test_a_title_is_searched_as_text_and_not_as_a_pattern():
    assert Listing(title="1.(").query("a")["title"] == {"$regex": r"^1\.\(", "$options": "i"}


def test_what_is_not_asked_for_does_not_filter():
    assert Listing().query("a") == {"account": "a", "isDeleted": False}


def test_a_moment_is_kept_in_utc_and_milliseconds():
    moment = datetime(2026, 1, 1, 1, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert as_stored(moment) == datetime(2025, 12, 31, 23, 0, 0, 999_000, tzinfo=UTC)


def test_an_update_distinguishes_null_from_nothing():
    assert msgspec.json.decode(b'{"due": null, "tags": ["a", "b", "a"]}', type=TaskUpdate).changes() == {
        "due": None,
        "tags": ["a", "b"],
    }


def test_the_id_is_left_to_the_server_unless_given():
    assert "id" not in msgspec.json.decode(b'{"title": "T"}', type=TaskCreate).fields()

"""Lists of ``crud``: filters, orders, and pages that miss nothing and list nothing twice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.cruds import Served, item, items, problem, served

SORTS = ("createdAt", "title", "status", "priority", "hours", "points", "dueAt", "kind", "code")


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> Iterator[Served]:
    """A host for all lists; each test has tags of its own."""
    with served(tmp_path_factory.mktemp("lists"), mongo) as made:
        yield made


@pytest.fixture
def tag(request: pytest.FixtureRequest) -> str:
    """The tag of a test."""
    return str(request.node.name)


def make(ask: Served, tag: str, **fields: Any) -> dict[str, Any]:
    """Create a task."""
    return item(ask("POST", "/task", {"title": "a", "tags": [tag], **fields}))


def pages(ask: Served, query: str, between: Callable[[], object] = lambda: None) -> list[list[dict[str, Any]]]:
    """Return all pages of a list."""
    found, cursor = [], ""
    while True:
        answer = ask("GET", f"/task?{query}{cursor}")
        found.append(items(answer))
        following = answer.json()["body"]["page"]["next"]
        if following is None:
            return found
        cursor = f"&cursor={following}"
        between()


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("status=done", "b"),
        ("priority=1", "b"),
        ("done=true", "b"),
        ("done=false", "ac"),
        ("hours=1.5", "b"),
        ("points=3", "b"),
        ("kind=bug", "b"),
        ("dueAt=2026-01-01T01:00:00%2B01:00", "b"),
        ("dueAt=2026-01-01T00:00:00", "b"),
        ("title=a", "a"),
        ("title=", ""),
        ("account=main", "abc"),
        ("account=other", ""),
        ("owner=me", ""),
        ("tags=x", "bc"),
        ("tags=x&tags=y", "c"),
        ("status=open&done=false&title=c", "c"),
        ("deleted=true", "d"),
        ("sort=-title", "cba"),
        ("unknown=1", "abc"),
    ],
)
def test_filters(ask: Served, query: str, titles: str, filtered: str) -> None:
    sort = "" if "sort=" in query else "&sort=title"
    assert "".join(row["title"] for row in items(ask("GET", f"/task?tags={filtered}&{query}{sort}"))) == titles


@pytest.fixture(scope="module")
def filtered(ask: Served) -> str:
    """Create some tasks with one tag."""
    due = "2026-01-01T00:00:00Z"
    make(ask, "filtered", title="a")
    more: dict[str, Any] = {"status": "done", "priority": 1, "done": True, "hours": 1.5, "points": 3, "kind": "bug", "dueAt": due}
    make(ask, "filtered", title="b", **{**more, "tags": ["filtered", "x"]})
    make(ask, "filtered", title="c", tags=["filtered", "x", "y"])
    ask("DELETE", f"/task/{make(ask, 'filtered', title='d')['id']}")
    return "filtered"


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("status=nope", "status"),
        ("priority=3", "priority"),
        ("priority=x", "priority"),
        ("done=maybe", "done"),
        ("hours=x", "hours"),
        ("dueAt=yesterday", "dueAt"),
        ("deleted=perhaps", "deleted"),
        ("sort=notes", "sort"),
        ("sort=secret", "sort"),
        ("sort=done", "sort"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
    ],
)
def test_an_invalid_value_is_refused_by_name(ask: Served, query: str, key: str) -> None:
    status, extra = problem(ask("GET", f"/task?{query}"))
    assert (status, [fault["key"] for fault in extra]) == (400, [key])


@pytest.mark.parametrize(
    "query", ['title={"$ne":null}', "title[$ne]=x", "$where=1", "owner[$gt]=", 'tags={"$ne":1}', "secret=hidden", "tags[$ne]=1"]
)
def test_operators_and_hidden_fields_reveal_nothing(ask: Served, query: str, filtered: str) -> None:
    name, _, value = query.partition("=")
    everything = len(items(ask("GET", f"/task?tags={filtered}")))
    answer = ask("GET", f"/task?tags={filtered}&{quote(name)}={quote(value)}")
    assert len(items(answer)) in (0, everything)
    wrong = ask("GET", f"/task?{quote(name)}=nothing-of-this-kind&tags={filtered}")
    assert len(items(wrong)) == (0 if name in ("title", "tags") else everything)


def test_a_datetime_out_of_range_is_refused(ask: Served) -> None:
    assert ask("GET", "/task?dueAt=0001-01-01T00:00:00%2B14:00").status_code == 400


def forged(*parts: Any) -> str:
    """Return a forged cursor."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("createdAt", "x"),
        ("createdAt", "ä"),
        ("createdAt", "W10"),
        ("createdAt", "%00"),
        ("createdAt", forged("createdAt", 1)),
        ("createdAt", forged("createdAt", 1, 2)),
        ("createdAt", forged("createdAt", 1, "x", "y")),
        ("createdAt", forged("createdAt", {"$gt": ""}, "x")),
        ("createdAt", forged("createdAt", 1, {"$ne": ""})),
        ("createdAt", forged("createdAt", "text", "x")),
        ("createdAt", forged("createdAt", 1.5, "x")),
        ("createdAt", forged("createdAt", 2**62, "x")),
        ("createdAt", forged("title", "a", "x")),
        ("title", forged("title", 1, "x")),
        ("points", forged("points", "a", "x")),
        ("points", forged("points", 2**64, "x")),
        ("points", forged("points", True, "x")),
        ("points", forged("-points", 1, "x")),
    ],
)
def test_a_forged_cursor_is_refused(ask: Served, sort: str, cursor: str) -> None:
    assert ask("GET", f"/task?sort={sort}&cursor={cursor}").status_code == 400


def test_a_page_contains_the_total(ask: Served, tag: str) -> None:
    for _ in range(3):
        make(ask, tag)
    body = ask("GET", f"/task?tags={tag}&limit=2").json()["body"]
    assert (len(body["items"]), body["page"]["total"]) == (2, 3)


def test_the_default_order_is_newest_first(ask: Served, tag: str) -> None:
    made = [make(ask, tag)["id"] for _ in range(3)]
    rows = items(ask("GET", f"/task?tags={tag}"))
    assert {row["id"] for row in rows} == set(made)
    assert [row["createdAt"] for row in rows] == sorted((row["createdAt"] for row in rows), reverse=True)


def test_a_long_string_fits_into_a_cursor(ask: Served, tag: str) -> None:
    for letter in "ab":
        make(ask, tag, code=letter * 4000)
    assert [len(page) for page in pages(ask, f"tags={tag}&sort=code&limit=1")] == [1, 1]


@pytest.mark.parametrize("sign", ["", "-"])
def test_documents_without_the_sort_field_are_listed_too(ask: Served, tag: str, sign: str) -> None:
    made = [make(ask, tag, points=number % 3)["id"] for number in range(6)]
    ask.write("acme__todo-task", {"_id": {"$in": made[:4]}}, {"$unset": {"points": ""}})
    found = [row["id"] for page in pages(ask, f"tags={tag}&sort={sign}points&limit=1") for row in page]
    assert (len(found), sorted(found)) == (6, sorted(made))


TASKS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["a", "b", "Ba", "ä", "a b"]),
        "status": st.sampled_from(["open", "done"]),
        "priority": st.sampled_from([1, 2]),
        "hours": st.sampled_from([None, 0, 1.5, -2, 1e300, 0.1]),
        "points": st.sampled_from([0, 1, -(2**63), 2**63 - 1, 2**53 + 1]),
        "dueAt": st.sampled_from([None, "2026-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z"]),
        "code": st.sampled_from([None, "", "x"]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tasks=st.lists(TASKS, max_size=9),
    sort=st.sampled_from(SORTS),
    down=st.booleans(),
    limit=st.integers(1, 4),
    inserted=st.lists(TASKS, max_size=2),
    deleted=st.sets(st.integers(0, 8), max_size=2),
    number=st.uuids(),
)
def test_pages_miss_nothing_and_list_nothing_twice(
    ask: Served, tasks: list[Any], sort: str, down: bool, limit: int, inserted: list[Any], deleted: set[int], number: Any
) -> None:
    tag = str(number)
    made = [make(ask, tag, **task) for task in tasks]
    changes: list[Callable[[], object]] = [lambda task=task: make(ask, tag, **task) for task in inserted]  # type: ignore[misc]
    changes += [lambda index=index: ask("DELETE", f"/task/{made[index]['id']}") for index in deleted if index < len(made)]  # type: ignore[misc]

    def between() -> None:
        if changes:
            changes.pop()()

    def rank(row: dict[str, Any]) -> tuple[Any, ...]:
        return (row[sort] is not None, row[sort] if row[sort] is not None else 0, row["id"])

    sign = "-" if down else ""
    found = [row for page in pages(ask, f"tags={tag}&sort={sign}{sort}&limit={limit}", between) for row in page]
    names = [row["id"] for row in found]
    stayed = {row["id"] for number, row in enumerate(made) if number not in deleted}
    assert len(names) == len(set(names))
    assert stayed <= set(names)
    assert found == sorted(found, key=rank, reverse=down)

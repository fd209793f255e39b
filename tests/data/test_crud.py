"""The routes of ``crud``, over HTTP on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.data.cruds import Client, Served, during, install, item, items, problem, served
from tests.distributions import Project


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> Iterator[Served]:
    """A host for tests that do not affect each other."""
    with served(tmp_path_factory.mktemp("tasks"), mongo) as ask:
        yield ask


def answers(project: Project, mongo: str, function: Any, **options: Any) -> Any:
    install(project, mongo, **options)

    async def run(_host: Any, ask: Client) -> Any:
        return await function(ask)

    return during(project, run)


def test_a_read_returns_the_created_document(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        created = await ask("POST", "/task", {"title": "a", "tags": ["x"], "dueAt": "2026-03-01T10:00:00.1239+02:00"})
        assert created.status_code == 201
        row = item(created)
        read = await ask("GET", f"/task/{row['id']}")
        assert read.json() == {**created.json(), "action": "dataRead"}
        assert row["dueAt"] == "2026-03-01T08:00:00.123000Z"

    answers(project, mongo, run)


def test_defaults_are_those_of_the_document(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        assert (row["status"], row["notes"], row["account"], row["version"], row["owner"]) == ("open", [], "main", 1, None)

    answers(project, mongo, run)


def test_a_client_may_choose_the_id_once(project: Project, mongo: str) -> None:
    chosen = str(uuid4()).upper()

    async def run(ask: Client) -> None:
        assert item(await ask("POST", "/task", {"title": "a", "id": chosen}))["id"] == chosen.lower()
        assert (await ask("POST", "/task", {"title": "b", "id": chosen})).status_code == 409
        assert item(await ask("GET", f"/task/{chosen}"))["title"] == "a"

    answers(project, mongo, run)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": 5}, "title"),
        ({"title": "SHOUT"}, "title"),
        ({"title": "a", "points": "1"}, "points"),
        ({"title": "a", "points": True}, "points"),
        ({"title": "a", "hours": "NaN"}, "hours"),
        ({"title": "a", "status": {"$ne": 1}}, "status"),
        ({"title": "a", "dueAt": 5}, "dueAt"),
        ({"title": "a", "due_at": None}, "due_at"),
        ({"title": "a", "unknown": 1}, "unknown"),
        ({"title": "a", "version": 7}, "version"),
        ({"title": "a", "owner": "me"}, "owner"),
        ({"title": "a", "isDeleted": True}, "isDeleted"),
        ({"title": "a", "createdAt": "2020-01-01T00:00:00Z"}, "createdAt"),
        ({"title": "a", "account": "other"}, "account"),
        ({"title": "a", "secret": "mine"}, "secret"),
        ({"title": "a", "id": "17"}, "id"),
    ],
)
def test_an_invalid_field_is_refused_by_name(body: Any, key: str, tasks: Served) -> None:
    before = tasks("GET", "/task").json()
    status, extra = problem(tasks("POST", "/task", body))
    assert (status, [fault["key"] for fault in extra]) == (400, [key])
    assert tasks("GET", "/task").json() == before


def test_a_number_that_cannot_be_stored_is_refused(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        assert (await ask("POST", "/task", {"title": "a", "points": 2**63})).status_code == 400
        assert (await ask("PATCH", f"/task/{row['id']}", {"points": 2**63})).status_code == 400
        assert (await ask("GET", f"/task?points={2**63}")).status_code == 400

    answers(project, mongo, run)


def test_an_update_changes_the_sent_fields_and_returns_the_previous_version(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        before = item(await ask("POST", "/task", {"title": "a", "hours": 2.5, "tags": ["x"]}))
        answer = await ask("PATCH", f"/task/{before['id']}", {"title": " b ", "hours": None})
        after = item(answer)
        assert answer.json()["body"]["prevVersion"] == before
        assert answer.json()["action"] == "dataUpdate"
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {"title", "hours", "version", "updatedAt", "_displayName"}
        assert (after["title"], after["hours"], after["version"]) == ("b", None, 2)
        assert item(await ask("GET", f"/task/{before['id']}")) == after

    answers(project, mongo, run)


@pytest.mark.parametrize(
    "body", [{}, {"version": 1}, {"title": None}, {"title": "SHOUT"}, {"code": "x"}, {"id": str(uuid4())}, {"owner": "x"}, []]
)
def test_an_invalid_update_changes_nothing(body: Any, tasks: Served) -> None:
    row = item(tasks("POST", "/task", {"title": "a", "code": "c"}))
    assert tasks("PATCH", f"/task/{row['id']}", body).status_code == 400
    assert item(tasks("GET", f"/task/{row['id']}")) == row


def test_an_update_of_another_version_is_refused_with_the_stored_one(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        assert (await ask("PATCH", f"/task/{row['id']}", {"title": "b", "version": 1})).status_code == 200
        assert problem(await ask("PATCH", f"/task/{row['id']}", {"title": "c", "version": 1})) == (409, {"version": 2})
        assert item(await ask("GET", f"/task/{row['id']}"))["title"] == "b"

    answers(project, mongo, run)


def test_the_trash(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        one = f"/task/{row['id']}"
        gone = await ask("DELETE", one)
        assert gone.json() == {"type": "task", "action": "dataDelete", "body": {"items": [], "deleted": [row["id"]]}}
        assert [(await ask(*call)).status_code for call in (("GET", one), ("DELETE", one))] == [404, 404]
        assert (await ask("PATCH", one, {"title": "b"})).status_code == 404
        assert items(await ask("GET", "/task")) == []
        assert [found["id"] for found in items(await ask("GET", "/task?deleted=true"))] == [row["id"]]
        back = await ask("POST", f"{one}/restore")
        assert (back.status_code, back.json()["action"], item(back)["isDeleted"]) == (200, "dataRestore", False)
        assert (await ask("POST", f"{one}/restore")).status_code == 409
        assert item(await ask("GET", one))["version"] == 3

    answers(project, mongo, run)


@pytest.mark.parametrize("trashed", [False, True])
def test_a_permanently_deleted_document_is_gone(trashed: bool, project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        row = item(await ask("POST", "/task", {"title": "a"}))
        one = f"/task/{row['id']}"
        if trashed:
            await ask("DELETE", one)
        gone = await ask("DELETE", f"{one}/hard")
        assert (gone.status_code, gone.json()["action"], gone.json()["body"]["deleted"]) == (200, "dataHardDelete", [row["id"]])
        assert (await ask("POST", f"{one}/restore")).status_code == 404
        assert (await ask("DELETE", f"{one}/hard")).status_code == 404
        assert items(await ask("GET", "/task?deleted=true")) == []

    answers(project, mongo, run)


def test_a_missing_document_is_404_for_every_operation(project: Project, mongo: str) -> None:
    nobody = f"/task/{uuid4()}"
    calls = [("GET", nobody), ("PATCH", nobody, {"title": "a"}), ("DELETE", nobody), ("DELETE", f"{nobody}/hard")]

    async def run(ask: Client) -> None:
        for call in [*calls, ("POST", f"{nobody}/restore"), ("GET", "/task/17"), ("GET", "/task/$ne")]:
            assert (await ask(*call)).status_code == 404, call

    answers(project, mongo, run)


def test_a_unique_value_is_stored_once(project: Project, mongo: str) -> None:
    more = """
class Unique(Task):
    class Settings:
        indexes = [IndexModel("title", unique=True)]

ROUTES = crud(Unique)
"""

    async def run(ask: Client) -> None:
        await ask("POST", "/unique", {"title": "a"})
        row = item(await ask("POST", "/unique", {"title": "b"}))
        assert (await ask("POST", "/unique", {"title": "a"})).status_code == 409
        assert (await ask("PATCH", f"/unique/{row['id']}", {"title": "a"})).status_code == 409

    answers(project, mongo, run, more=more, models="Unique")


WHOLE = """
class Span(Document):
    title: str = "span"
    start: int
    end: int

    @model_validator(mode="after")
    def _ordered(self) -> Any:
        if self.end < self.start:
            raise ValueError("it ends before it starts")
        return self

ROUTES = crud(Span)
"""


def test_the_document_as_a_whole_is_validated(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        status, extra = problem(await ask("POST", "/span", {"start": 2, "end": 1}))
        assert (status, extra[0]["message"]) == (400, "Value error, it ends before it starts")
        row = item(await ask("POST", "/span", {"start": 1, "end": 2}))
        assert (await ask("PATCH", f"/span/{row['id']}", {"end": 0})).status_code == 400
        assert item(await ask("GET", f"/span/{row['id']}")) == row
        assert item(await ask("PATCH", f"/span/{row['id']}", {"end": 5, "version": 1}))["end"] == 5
        assert problem(await ask("PATCH", f"/span/{row['id']}", {"end": 6, "version": 1})) == (409, {"version": 2})
        assert (await ask("PATCH", f"/span/{uuid4()}", {"end": 6})).status_code == 404

    answers(project, mongo, run, more=WHOLE, models="Span")


def test_concurrent_updates_never_combine_to_an_invalid_document(project: Project, mongo: str) -> None:
    async def run(ask: Client) -> None:
        for _ in range(5):
            row = item(await ask("POST", "/span", {"start": 0, "end": 10}))
            one = f"/span/{row['id']}"
            both = await asyncio.gather(ask("PATCH", one, {"start": 8}), ask("PATCH", one, {"end": 2}))
            assert sorted(answer.status_code for answer in both) == [200, 400]

    answers(project, mongo, run, more=WHOLE, models="Span")

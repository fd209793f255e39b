"""Optimistic concurrency: a write based on another version is refused, and no update is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from beanie import BulkWriter, UpdateResponse
from beanie.exceptions import DocumentNotFound, NotSupported
from hypothesis import given, settings
from hypothesis import strategies as st

from host.data import Conflict, Document, NotFound
from tests.data.notes import Note, Tracked, on_database, opened, stored

ROUNDS = 25
SAVERS = 4


async def _save(note: Any) -> Any:
    note.pages += 1
    return await note.save()


async def _replace(note: Any) -> Any:
    note.pages += 1
    return await note.replace()


async def _save_changes(note: Any) -> Any:
    note.pages += 1
    return await note.save_changes()


WRITES: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "save": _save,
    "replace": _replace,
    "save_changes": _save_changes,
    "set": lambda note: note.set({"pages": note.pages + 1}),
    "inc": lambda note: note.inc({"pages": 1}),
    "update": lambda note: note.update({"$set": {"pages": note.pages + 1}}),
    "a pipeline": lambda note: note.update([{"$set": {"pages": {"$add": ["$pages", 1]}}}]),
    "current_date": lambda note: note.current_date({"createdAt": True}),
}


@pytest.mark.parametrize("way", WRITES)
def test_a_write_increments_the_version(mongo: str, way: str) -> None:
    async def run() -> tuple[Document, Any]:
        note = await Tracked().insert()
        note = await WRITES[way](note)
        return await WRITES[way](note), await stored(note)

    note, found = on_database(mongo, run)
    assert (note.version, found["version"]) == (3, 3)
    assert found["updatedAt"] == note.updated_at


@pytest.mark.parametrize("way", WRITES)
def test_a_stale_write_is_refused_and_nothing_is_written(mongo: str, way: str) -> None:
    async def run() -> tuple[Conflict, Any, Any]:
        note = await Tracked().insert()
        stale = await Tracked.get(note.id)
        await note.set({Tracked.title: "theirs"})
        before = await stored(note)
        with pytest.raises(Conflict) as caught:
            await WRITES[way](stale)
        return caught.value, before, await stored(note)

    error, before, after = on_database(mongo, run)
    assert (error.status_code, error.extra) == (409, {"version": 2})
    assert "has version 2, not 1" in error.detail
    assert before == after


@pytest.mark.parametrize("way", WRITES)
def test_of_two_writes_of_one_version_one_succeeds(mongo: str, way: str) -> None:
    async def run() -> None:
        for _ in range(ROUNDS):
            note = await Tracked().insert()
            copies = [await Tracked.get(note.id) for _ in range(SAVERS)]
            results = await asyncio.gather(*[WRITES[way](copy) for copy in copies], return_exceptions=True)
            assert [type(result) for result in results].count(Conflict) == SAVERS - 1, results
            found = await stored(note)
            assert found is not None
            assert (found["version"], found["pages"]) == (2, 0 if way == "current_date" else 1)

    on_database(mongo, run)


@pytest.mark.parametrize("way", WRITES)
def test_a_removed_document_is_not_written_again(mongo: str, way: str) -> None:
    async def run() -> int:
        note = await Tracked().insert()
        copy = await Tracked.get(note.id)
        await note.hard_delete()
        with pytest.raises(NotFound):
            await WRITES[way](copy)
        return await Tracked.count(deleted=None)

    assert on_database(mongo, run) == 0


def test_a_delete_makes_copies_stale(mongo: str) -> None:
    async def run() -> bool:
        note = await Note().insert()
        copy = await Note.get(note.id)
        assert copy is not None
        await note.delete()
        with pytest.raises(Conflict):
            await copy.save()
        found = await stored(note)
        assert found is not None
        return bool(found["isDeleted"])

    assert on_database(mongo, run) is True


def test_the_version_that_the_client_read_is_checked(mongo: str) -> None:
    async def run() -> None:
        note = await (await Note().insert()).set({Note.pages: 1})
        note.version = 1
        with pytest.raises(Conflict):
            await note.save()

    on_database(mongo, run)


def test_a_write_may_be_forced(mongo: str) -> None:
    async def run() -> Any:
        note = await Note().insert()
        stale = await Note.get(note.id)
        assert stale is not None
        await note.set({Note.pages: 1})
        await stale.set({Note.title: "forced"}, ignore_revision=True)
        return await stored(note)

    found = on_database(mongo, run)
    assert (found["title"], found["pages"], found["version"]) == ("forced", 1, 3)


def test_updated_at_never_decreases(mongo: str) -> None:
    future = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)

    async def run() -> list[datetime]:
        note = await Note(updated_at=future).insert()
        await note.set({Note.pages: 1})
        moments = [note.updated_at]
        changed = await Note.change({"_id": note.id}, {"pages": 2})
        assert changed is not None
        moments += [changed[1].updated_at]
        await changed[1].replace()
        moments += [changed[1].updated_at]
        await changed[1].delete()
        return [*moments, changed[1].updated_at]

    assert on_database(mongo, run) == [future] * 4


@pytest.mark.parametrize("name", ["version", "updatedAt", "_id"])
def test_maintained_fields_cannot_be_written(mongo: str, name: str) -> None:
    async def run() -> None:
        note = await Note().insert()
        for write in (lambda: note.set({name: 9}), lambda: Note.find().update({"$set": {name: 9}})):
            with pytest.raises(ValueError, match=f"{name} cannot be written: the host maintains it"):
                await write()

    on_database(mongo, run)


@pytest.mark.parametrize("name", ["id", "version", "created_at", "updated_at", "nothing", "lastEditor"])
def test_a_change_names_fields_that_can_be_changed(mongo: str, name: str) -> None:
    async def run() -> None:
        with pytest.raises(ValueError, match=name):
            await Note.change({}, {name: 1})

    on_database(mongo, run)


def test_a_change_validates_values(mongo: str) -> None:
    async def run() -> Any:
        note = await Note().insert()
        with pytest.raises(ValueError, match="valid integer"):
            await Note.change({"_id": note.id}, {"pages": "many"})
        return await stored(note)

    assert on_database(mongo, run)["version"] == 1


def test_a_change_returns_the_document_before_and_after(mongo: str) -> None:
    async def run() -> tuple[Note, Note, Note | None]:
        note = await Note(owner="u").insert()
        due = datetime(2026, 1, 1, 0, 0, 0, 999999, tzinfo=UTC)
        changed = await Note.change(Note.id == note.id, {"due_at": due, "tags": ["x"]}, editor="v")
        assert changed is not None
        assert changed[0] == note
        return *changed, await Note.get(note.id)

    before, after, read = on_database(mongo, run)
    assert after == read
    assert (before.last_editor, after.last_editor, after.owner, after.version) == (None, "v", "u", 2)


def test_a_change_of_one_version_succeeds_once(mongo: str) -> None:
    async def run() -> list[bool]:
        note = await Note().insert()
        query = {"_id": note.id, "version": 1}
        results = await asyncio.gather(*[Note.change(query, {"pages": number}) for number in range(10)])
        return sorted(result is not None for result in results)

    assert on_database(mongo, run) == [False] * 9 + [True]


def test_concurrent_changes_are_all_counted(mongo: str) -> None:
    async def run() -> tuple[int, int]:
        note = await Note().insert()
        await asyncio.gather(*[Note.find(Note.id == note.id).inc({Note.pages: 1}) for _ in range(40)])
        found = await Note.get(note.id)
        assert found is not None
        return found.version, found.pages

    assert on_database(mongo, run) == (41, 40)


def test_an_update_by_query_increments_each_version(mongo: str) -> None:
    async def run() -> list[int]:
        await Note.insert_many([Note(), Note()])
        await Note.find_all().set({Note.pages: 1})
        await Note.find_one().update({"$inc": {"pages": 1}}, response_type=UpdateResponse.NEW_DOCUMENT)
        async with BulkWriter() as bulk:
            await Note.find_all().inc({Note.pages: 1}, bulk_writer=bulk)
        return sorted([note.version async for note in Note.find()])

    assert on_database(mongo, run) == [3, 4]


def test_an_upsert_without_defaults_is_refused(mongo: str) -> None:
    async def run() -> int:
        with pytest.raises(NotSupported, match="upsert"):
            await Note.find_one({"title": "x"}).update({"$set": {"pages": 1}}, upsert=True)
        await Note.find_one({"title": "x"}).upsert({"$set": {"pages": 1}}, on_insert=Note(title="x"))
        await Note.find_one({"title": "x"}).upsert({"$set": {"pages": 1}}, on_insert=Note(title="x"))
        return await Note.count()

    assert on_database(mongo, run) == 1


def test_a_bulk_writer_is_refused(mongo: str) -> None:
    async def run() -> None:
        note = await Note().insert()
        async with BulkWriter() as bulk:
            for write in (note.set({Note.pages: 1}, bulk_writer=bulk), note.replace(bulk_writer=bulk)):
                with pytest.raises(NotSupported, match="cannot report a version conflict"):
                    await write

    on_database(mongo, run)


def test_replace_many_replaces_documents(mongo: str) -> None:
    async def run() -> None:
        notes = [await Note().insert() for _ in range(2)]
        stale = await Note.get(notes[1].id)
        assert stale is not None
        await Note.replace_many(notes)
        with pytest.raises(Conflict):
            await Note.replace_many([stale])

    on_database(mongo, run)


def test_replacing_a_match_by_another_document(mongo: str) -> None:
    async def run() -> Any:
        note = await Note(title="old").insert()
        await Note.find_one(Note.title == "old").replace_one(Note(title="$title", pages=4))
        with pytest.raises(DocumentNotFound):
            await Note.find_one(Note.title == "old").replace_one(Note())
        return note.id, await Note.find_one()

    identifier, found = on_database(mongo, run)
    assert (found.id, found.title, found.pages, found.version) == (identifier, "$title", 4, 2)


STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["read", "save", "replace", "inc", "delete", "restore", "change"])))


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_no_sequence_of_writes_loses_an_update(mongo: str, steps: list[tuple[int, str]]) -> None:
    """Three writers with a copy each; the pages in the database are the writes that were not refused."""

    async def run() -> None:
        async with opened(mongo):
            note = await Note().insert()
            copies = [await Note.get(note.id) for _ in range(3)]
            written, version = 0, 1
            for who, what in steps:
                done = await _step(copies, who, what)
                written += done and what not in {"delete", "restore", "read"}
                version += done and what != "read"
                found = await stored(note)
                assert found is not None
                assert (found["pages"], found["version"]) == (written, version)

    asyncio.run(run())


async def _step(copies: list[Any], who: int, what: str) -> bool:
    """Do something with one copy; return whether something was written."""
    copy = copies[who]
    if what == "read":
        copies[who] = await Note.get(copy.id, deleted=None)
        return False
    if what == "change":
        current = await stored(copy)
        assert current is not None
        changed = await Note.change({"_id": copy.id}, {"pages": current["pages"] + 1}, deleted=None)
        return changed is not None
    before = await stored(copy)
    try:
        await {**WRITES, "delete": copy.delete, "restore": copy.restore}[what](*([copy] if what in WRITES else []))
    except Conflict:
        copies[who] = await Note.get(copy.id, deleted=None)
        assert await stored(copy) == before
    return await stored(copy) != before

"""Soft delete: a deleted document is kept, and found only on request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from beanie import BulkWriter, DeleteRules
from beanie.odm.operators.find.logical import Or

from host.data import Conflict, NotFound
from tests.data.notes import Folder, Note, on_database, stored


async def two() -> tuple[Note, Note]:
    """Create a note and a soft-deleted one."""
    kept, trashed = await Note(title="kept", pages=1).insert(), await Note(title="trashed", pages=10).insert()
    await trashed.delete()
    return kept, trashed


async def titles(query: Any) -> list[str]:
    return sorted([note.title async for note in query])


READING: dict[str, Callable[[Note, Note], Awaitable[Any]]] = {
    "find": lambda _kept, _trashed: titles(Note.find()),
    "find with a field": lambda _kept, _trashed: titles(Note.find(Note.pages > 0)),
    "find with a dict": lambda _kept, _trashed: titles(Note.find({"pages": {"$gt": 0}})),
    "find with two filters": lambda _kept, _trashed: titles(Note.find(Note.pages > 0, Note.pages < 99)),
    "find, then find": lambda _kept, _trashed: titles(Note.find(Note.pages > 0).find(Note.pages < 99)),
    "find_many": lambda _kept, _trashed: titles(Note.find_many(Note.pages > 0)),
    "find_all": lambda _kept, _trashed: titles(Note.find_all()),
    "all": lambda _kept, _trashed: titles(Note.all()),
    "find with links": lambda _kept, _trashed: titles(Note.find(fetch_links=True)),
    "lazily": lambda _kept, _trashed: titles(Note.find(lazy_parse=True)),
}


@pytest.mark.parametrize("way", READING)
def test_soft_deleted_documents_are_not_found(mongo: str, way: str) -> None:
    async def run() -> Any:
        return await READING[way](*await two())

    assert on_database(mongo, run) == ["kept"]


COUNTING: dict[str, Callable[[Note, Note], Awaitable[Any]]] = {
    "count": lambda _kept, _trashed: Note.count(),
    "find count": lambda _kept, _trashed: Note.find().count(),
    "find one count": lambda _kept, _trashed: Note.find_one().count(),
    "count with links": lambda _kept, _trashed: Note.find(fetch_links=True).count(),
    "find one count with links": lambda _kept, _trashed: Note.find_one(fetch_links=True).count(),
    "sum": lambda _kept, _trashed: Note.sum(Note.pages),
    "max": lambda _kept, _trashed: Note.max(Note.pages),
    "avg": lambda _kept, _trashed: Note.find().avg(Note.pages),
}


@pytest.mark.parametrize("way", COUNTING)
def test_soft_deleted_documents_are_not_counted(mongo: str, way: str) -> None:
    async def run() -> Any:
        return await COUNTING[way](*await two())

    assert on_database(mongo, run) == 1


SINGLE: dict[str, Callable[[Note], Awaitable[Any]]] = {
    "get": lambda trashed: Note.get(trashed.id),
    "find_one": lambda trashed: Note.find_one(Note.id == trashed.id),
    "find_one with links": lambda trashed: Note.find_one(Note.id == trashed.id, fetch_links=True),
    "first_or_none": lambda trashed: Note.find(Note.id == trashed.id).first_or_none(),
    "change": lambda trashed: Note.change({"_id": trashed.id}, {"pages": 2}),
}


@pytest.mark.parametrize("way", SINGLE)
def test_a_soft_deleted_document_does_not_exist_for_clients(mongo: str, way: str) -> None:
    async def run() -> Any:
        _kept, trashed = await two()
        return await SINGLE[way](trashed)

    assert on_database(mongo, run) is None


@pytest.mark.parametrize(("deleted", "expected"), [(False, ["kept"]), (True, ["trashed"]), (None, ["kept", "trashed"])])
def test_soft_deleted_documents_are_found_on_request(mongo: str, deleted: bool | None, expected: list[str]) -> None:
    async def run() -> list[Any]:
        kept, trashed = await two()
        single = [await Note.get(note.id, deleted=deleted) for note in (kept, trashed)]
        return [
            await titles(Note.find(deleted=deleted)),
            await titles(Note.find_all(deleted=deleted)),
            await titles(Note.find(deleted=deleted, fetch_links=True)),
            sorted(note.title for note in single if note is not None),
            sorted(await Note.distinct("title", deleted=deleted)),
            sorted([row["title"] for row in await Note.aggregate([{"$project": {"title": 1}}], deleted=deleted).to_list()]),
        ]

    assert on_database(mongo, run) == [expected] * 6


def test_soft_deleted_documents_are_counted_on_request(mongo: str) -> None:
    async def run() -> list[int]:
        await two()
        return [await Note.count(deleted=deleted) for deleted in (False, True, None)]

    assert on_database(mongo, run) == [1, 1, 2]


FILTERS: dict[str, Callable[[], Any]] = {
    "a field": lambda: Note.find(Note.is_deleted == True),  # noqa: E712 - Beanie's way to write it
    "a dict": lambda: Note.find({"isDeleted": True}),
    "within another": lambda: Note.find({"$and": [{"pages": 10}, {"isDeleted": True}]}),
    "one of two": lambda: Note.find(Or(Note.is_deleted == True, Note.title == "nothing")),  # noqa: E712 - as above
}


@pytest.mark.parametrize("way", FILTERS)
def test_a_filter_on_is_deleted_takes_precedence(mongo: str, way: str) -> None:
    async def run() -> list[str]:
        await two()
        return await titles(FILTERS[way]())

    assert on_database(mongo, run) == ["trashed"]


def test_deleted_is_true_or_false_or_none(mongo: str) -> None:
    async def run() -> None:
        with pytest.raises(TypeError, match="deleted is True, False or None for both, not 'yes'"):
            Note.find(deleted="yes")

    on_database(mongo, run)


def test_deleting_increments_the_version(mongo: str) -> None:
    async def run() -> tuple[Note, Any]:
        note = await Note().insert()
        await note.delete()
        return note, await stored(note)

    note, found = on_database(mongo, run)
    assert (found["isDeleted"], found["version"], found["updatedAt"]) == (True, 2, note.updated_at)
    assert (note.is_deleted, note.version) == (True, 2)


def test_deleting_twice_has_no_further_effect(mongo: str) -> None:
    async def run() -> tuple[list[int], Any]:
        note = await Note().insert()
        results = [await note.delete(), await note.delete()]
        return [result.deleted_count for result in results if result is not None], await stored(note)

    counts, found = on_database(mongo, run)
    assert (counts, found["version"]) == ([1, 0], 2)


def test_a_removed_document_can_be_deleted(mongo: str) -> None:
    async def run() -> int:
        note = await Note().insert()
        await note.hard_delete()
        result = await note.delete()
        assert result is not None
        return result.deleted_count

    assert on_database(mongo, run) == 0


def test_a_restored_document_is_found_again(mongo: str) -> None:
    async def run() -> tuple[Note, Note | None]:
        _kept, trashed = await two()
        await trashed.restore()
        return trashed, await Note.get(trashed.id)

    note, found = on_database(mongo, run)
    assert (note.is_deleted, note.version) == (False, 3)
    assert found == note


def test_restoring_what_is_not_deleted_changes_nothing(mongo: str) -> None:
    async def run() -> int:
        kept, _trashed = await two()
        return (await kept.restore()).version

    assert on_database(mongo, run) == 1


@pytest.mark.parametrize("way", ["delete", "restore", "both"])
def test_a_stale_copy_stays_stale_after_delete_and_restore(mongo: str, way: str) -> None:
    async def run() -> Any:
        note = await Note().insert()
        stale = await Note.get(note.id)
        assert stale is not None
        await note.set({Note.pages: 2})
        if way != "restore":
            await stale.delete()
        if way != "delete":
            await stale.restore()
        with pytest.raises(Conflict):
            await stale.save()
        return stale.is_deleted, await stored(note)

    deleted, found = on_database(mongo, run)
    assert (deleted, found["isDeleted"], found["pages"]) == (way == "delete", way == "delete", 2)


def test_a_removed_document_cannot_be_restored(mongo: str) -> None:
    async def run() -> None:
        note = await Note().insert()
        await note.hard_delete()
        with pytest.raises(NotFound, match=f"Note {note.id} does not exist"):
            await note.restore()

    on_database(mongo, run)


def test_restoring_may_conflict(mongo: str) -> None:
    async def run() -> bool:
        await Note.get_pymongo_collection().create_index("title", unique=True, partialFilterExpression={"isDeleted": False})
        first = await Note(title="same").insert()
        await first.delete()
        await Note(title="same").insert()
        with pytest.raises(Conflict, match="409: another Note has this title"):
            await first.restore()
        return first.is_deleted

    assert on_database(mongo, run) is True


def test_hard_delete_removes_permanently(mongo: str) -> None:
    async def run() -> tuple[bool, bool, int]:
        kept, trashed = await two()
        return await kept.hard_delete(), await trashed.hard_delete(), await Note.count(deleted=None)

    assert on_database(mongo, run) == (True, True, 0)


def test_a_removed_document_is_not_removed_again(mongo: str) -> None:
    async def run() -> bool:
        note = await Note().insert()
        await note.hard_delete()
        return await note.hard_delete()

    assert on_database(mongo, run) is False


DELETING: dict[str, Callable[[], Awaitable[Any]]] = {
    "find": lambda: Note.find(Note.pages > 0).delete(),
    "delete_many": lambda: Note.find(Note.pages > 0).delete_many(),
    "find_one": lambda: Note.find_one(Note.title == "kept").delete(),
    "delete_one": lambda: Note.find_one(Note.title == "kept").delete_one(),
    "delete_all": Note.delete_all,
    "all of them": lambda: Note.find(deleted=None).delete(),
}


@pytest.mark.parametrize("way", DELETING)
def test_a_delete_by_query_soft_deletes(mongo: str, way: str) -> None:
    async def run() -> tuple[int, list[int]]:
        await two()
        result = await DELETING[way]()
        return result.deleted_count, sorted([note.version async for note in Note.find(deleted=True)])

    assert on_database(mongo, run) == (1, [2, 2])


def test_a_bulk_writer_soft_deletes(mongo: str) -> None:
    async def run() -> tuple[int, int]:
        notes = [await Note().insert() for _ in range(3)]
        async with BulkWriter() as bulk:
            await Note.find_one(Note.id == notes[0].id).delete(bulk_writer=bulk)
            await Note.find(Note.id == notes[1].id).delete(bulk_writer=bulk)
            await notes[2].delete(bulk_writer=bulk)
        return await Note.count(deleted=True), await Note.count(deleted=None)

    assert on_database(mongo, run) == (3, 3)


def test_hard_delete_many_empties_the_trash(mongo: str) -> None:
    async def run() -> tuple[int, list[str]]:
        await two()
        return await Note.hard_delete_many(), await titles(Note.find(deleted=None))

    assert on_database(mongo, run) == (1, ["kept"])


def test_an_update_by_query_excludes_soft_deleted_documents(mongo: str) -> None:
    async def run() -> list[int]:
        await two()
        await Note.find().set({Note.pages: 7})
        return [note.pages async for note in Note.find(deleted=None).sort("title")]

    assert on_database(mongo, run) == [7, 10]


def test_a_soft_deleted_document_in_memory_can_be_changed(mongo: str) -> None:
    async def run() -> Any:
        _kept, trashed = await two()
        trashed.pages = 5
        await trashed.save()
        await trashed.inc({Note.pages: 1})
        await trashed.replace()
        return await stored(trashed)

    found = on_database(mongo, run)
    assert (found["pages"], found["isDeleted"], found["version"]) == (6, True, 5)


def test_links_to_soft_deleted_documents_are_not_fetched(mongo: str) -> None:
    async def run() -> list[Any]:
        folder = await Folder(name="f").insert()
        note = await Note(folder=folder).insert()  # type: ignore[arg-type]  # Beanie takes the document for its link
        await folder.delete()
        by_find = await Note.find(Note.id == note.id, fetch_links=True).first_or_none()
        by_one = await Note.find_one(Note.id == note.id, fetch_links=True)
        later = await Note.get(note.id)
        assert later is not None
        await later.fetch_all_links()
        trashed = await Note.find_one(Note.id == note.id, fetch_links=True, deleted=None)
        return [type(note and note.folder).__name__ for note in (by_find, by_one, later, trashed)]

    assert on_database(mongo, run) == ["Link", "Link", "Link", "Folder"]


def test_linked_documents_are_deleted_on_request(mongo: str) -> None:
    async def run() -> tuple[int, int]:
        note = await Note(folder=await Folder(name="f").insert()).insert()  # type: ignore[arg-type]  # as above
        await note.delete(link_rule=DeleteRules.DELETE_LINKS)
        return await Folder.count(deleted=True), await Note.count(deleted=True)

    assert on_database(mongo, run) == (1, 1)


def test_a_pipeline_excludes_soft_deleted_documents(mongo: str) -> None:
    async def run() -> list[dict[str, Any]]:
        await two()
        found: list[dict[str, Any]] = await Note.aggregate([{"$group": {"_id": None, "pages": {"$sum": "$pages"}}}]).to_list()
        return found

    assert on_database(mongo, run) == [{"_id": None, "pages": 1}]


def test_a_text_search_excludes_soft_deleted_documents(mongo: str) -> None:
    async def run() -> list[list[str]]:
        await Note.get_pymongo_collection().create_index([("title", "text")])
        await two()
        words = {"$text": {"$search": "kept trashed"}}
        return [await titles(Note.find(words)), await titles(Note.find(words, fetch_links=True))]

    assert on_database(mongo, run) == [["kept"], ["kept"]]

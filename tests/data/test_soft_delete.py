"""The bin: what is deleted is kept and not found, unless one asks for it (row R11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from beanie import BulkWriter, DeleteRules
from beanie.odm.operators.find.logical import Or

from host.data import Conflict, NotFound
from tests.data.notes import Folder, Note, on_database, stored


async def two() -> tuple[Note, Note]:
    """A note, and one in the bin."""
    kept, binned = await Note(title="kept", pages=1).insert(), await Note(title="binned", pages=10).insert()
    await binned.delete()
    return kept, binned


async def titles(query: Any) -> list[str]:
    return sorted([note.title async for note in query])


READING: dict[str, Callable[[Note, Note], Awaitable[Any]]] = {
    "find": lambda _kept, _binned: titles(Note.find()),
    "find with a field": lambda _kept, _binned: titles(Note.find(Note.pages > 0)),
    "find with a dict": lambda _kept, _binned: titles(Note.find({"pages": {"$gt": 0}})),
    "find with two filters": lambda _kept, _binned: titles(Note.find(Note.pages > 0, Note.pages < 99)),
    "find, then find": lambda _kept, _binned: titles(Note.find(Note.pages > 0).find(Note.pages < 99)),
    "find_many": lambda _kept, _binned: titles(Note.find_many(Note.pages > 0)),
    "find_all": lambda _kept, _binned: titles(Note.find_all()),
    "all": lambda _kept, _binned: titles(Note.all()),
    "find with links": lambda _kept, _binned: titles(Note.find(fetch_links=True)),
    "lazily": lambda _kept, _binned: titles(Note.find(lazy_parse=True)),
}


@pytest.mark.parametrize("way", READING)
def test_deleted_ones_are_not_found(mongo: str, way: str) -> None:
    async def run() -> Any:
        return await READING[way](*await two())

    assert on_database(mongo, run) == ["kept"]


COUNTING: dict[str, Callable[[Note, Note], Awaitable[Any]]] = {
    "count": lambda _kept, _binned: Note.count(),
    "find count": lambda _kept, _binned: Note.find().count(),
    "find one count": lambda _kept, _binned: Note.find_one().count(),
    "count with links": lambda _kept, _binned: Note.find(fetch_links=True).count(),
    "find one count with links": lambda _kept, _binned: Note.find_one(fetch_links=True).count(),
    "sum": lambda _kept, _binned: Note.sum(Note.pages),
    "max": lambda _kept, _binned: Note.max(Note.pages),
    "avg": lambda _kept, _binned: Note.find().avg(Note.pages),
}


@pytest.mark.parametrize("way", COUNTING)
def test_deleted_ones_do_not_count(mongo: str, way: str) -> None:
    async def run() -> Any:
        return await COUNTING[way](*await two())

    assert on_database(mongo, run) == 1


SINGLE: dict[str, Callable[[Note], Awaitable[Any]]] = {
    "get": lambda binned: Note.get(binned.id),
    "find_one": lambda binned: Note.find_one(Note.id == binned.id),
    "find_one with links": lambda binned: Note.find_one(Note.id == binned.id, fetch_links=True),
    "first_or_none": lambda binned: Note.find(Note.id == binned.id).first_or_none(),
    "change": lambda binned: Note.change({"_id": binned.id}, {"pages": 2}),
}


@pytest.mark.parametrize("way", SINGLE)
def test_one_that_is_deleted_is_not_there(mongo: str, way: str) -> None:
    async def run() -> Any:
        _kept, binned = await two()
        return await SINGLE[way](binned)

    assert on_database(mongo, run) is None


@pytest.mark.parametrize(("deleted", "expected"), [(False, ["kept"]), (True, ["binned"]), (None, ["binned", "kept"])])
def test_one_may_ask_for_the_bin(mongo: str, deleted: bool | None, expected: list[str]) -> None:
    async def run() -> list[Any]:
        kept, binned = await two()
        single = [await Note.get(one.id, deleted=deleted) for one in (kept, binned)]
        return [
            await titles(Note.find(deleted=deleted)),
            await titles(Note.find_all(deleted=deleted)),
            await titles(Note.find(deleted=deleted, fetch_links=True)),
            sorted(one.title for one in single if one is not None),
            sorted(await Note.distinct("title", deleted=deleted)),
            sorted([row["title"] for row in await Note.aggregate([{"$project": {"title": 1}}], deleted=deleted).to_list()]),
        ]

    assert on_database(mongo, run) == [expected] * 6


def test_one_may_count_the_bin(mongo: str) -> None:
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
def test_what_the_caller_says_of_the_bin_wins(mongo: str, way: str) -> None:
    async def run() -> list[str]:
        await two()
        return await titles(FILTERS[way]())

    assert on_database(mongo, run) == ["binned"]


def test_deleted_is_true_or_false_or_none(mongo: str) -> None:
    async def run() -> None:
        with pytest.raises(TypeError, match="deleted is True, False or None for both, not 'yes'"):
            Note.find(deleted="yes")

    on_database(mongo, run)


def test_deleting_is_a_write(mongo: str) -> None:
    async def run() -> tuple[Note, Any]:
        note = await Note().insert()
        await note.delete()
        return note, await stored(note)

    note, found = on_database(mongo, run)
    assert (found["isDeleted"], found["version"], found["updatedAt"]) == (True, 2, note.updated_at)
    assert (note.is_deleted, note.version) == (True, 2)


def test_deleting_twice_is_deleting_once(mongo: str) -> None:
    async def run() -> tuple[list[int], Any]:
        note = await Note().insert()
        results = [await note.delete(), await note.delete()]
        return [result.deleted_count for result in results if result is not None], await stored(note)

    counts, found = on_database(mongo, run)
    assert (counts, found["version"]) == ([1, 0], 2)


def test_one_that_is_gone_can_be_deleted(mongo: str) -> None:
    async def run() -> int:
        note = await Note().insert()
        await note.hard_delete()
        result = await note.delete()
        assert result is not None
        return result.deleted_count

    assert on_database(mongo, run) == 0


def test_what_is_restored_is_found_again(mongo: str) -> None:
    async def run() -> tuple[Note, Note | None]:
        _kept, binned = await two()
        await binned.restore()
        return binned, await Note.get(binned.id)

    note, found = on_database(mongo, run)
    assert (note.is_deleted, note.version) == (False, 3)
    assert found == note


def test_restoring_what_is_not_deleted_changes_nothing(mongo: str) -> None:
    async def run() -> int:
        kept, _binned = await two()
        return (await kept.restore()).version

    assert on_database(mongo, run) == 1


@pytest.mark.parametrize("way", ["delete", "restore", "both"])
def test_a_stale_copy_stays_stale_in_the_bin_and_out_of_it(mongo: str, way: str) -> None:
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


def test_what_was_removed_cannot_be_restored(mongo: str) -> None:
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


def test_hard_delete_removes_for_good(mongo: str) -> None:
    async def run() -> tuple[bool, bool, int]:
        kept, binned = await two()
        return await kept.hard_delete(), await binned.hard_delete(), await Note.count(deleted=None)

    assert on_database(mongo, run) == (True, True, 0)


def test_what_is_gone_is_not_removed_again(mongo: str) -> None:
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
def test_a_query_deletes_into_the_bin(mongo: str, way: str) -> None:
    async def run() -> tuple[int, list[int]]:
        await two()
        result = await DELETING[way]()
        return result.deleted_count, sorted([note.version async for note in Note.find(deleted=True)])

    assert on_database(mongo, run) == (1, [2, 2])


def test_a_bulk_writer_deletes_into_the_bin(mongo: str) -> None:
    async def run() -> tuple[int, int]:
        notes = [await Note().insert() for _ in range(3)]
        async with BulkWriter() as bulk:
            await Note.find_one(Note.id == notes[0].id).delete(bulk_writer=bulk)
            await Note.find(Note.id == notes[1].id).delete(bulk_writer=bulk)
            await notes[2].delete(bulk_writer=bulk)
        return await Note.count(deleted=True), await Note.count(deleted=None)

    assert on_database(mongo, run) == (3, 3)


def test_the_bin_is_emptied_by_name(mongo: str) -> None:
    async def run() -> tuple[int, list[str]]:
        await two()
        return await Note.hard_delete_many(), await titles(Note.find(deleted=None))

    assert on_database(mongo, run) == (1, ["kept"])


def test_a_query_changes_no_deleted_ones(mongo: str) -> None:
    async def run() -> list[int]:
        await two()
        await Note.find().set({Note.pages: 7})
        return [note.pages async for note in Note.find(deleted=None).sort("title")]

    assert on_database(mongo, run) == [10, 7]


def test_a_deleted_one_may_be_changed_by_who_has_it(mongo: str) -> None:
    async def run() -> Any:
        _kept, binned = await two()
        binned.pages = 5
        await binned.save()
        await binned.inc({Note.pages: 1})
        await binned.replace()
        return await stored(binned)

    found = on_database(mongo, run)
    assert (found["pages"], found["isDeleted"], found["version"]) == (6, True, 5)


def test_links_to_deleted_ones_are_not_followed(mongo: str) -> None:
    async def run() -> list[Any]:
        folder = await Folder(name="f").insert()
        note = await Note(folder=folder).insert()  # type: ignore[arg-type]  # Beanie takes the document for its link
        await folder.delete()
        by_find = await Note.find(Note.id == note.id, fetch_links=True).first_or_none()
        by_one = await Note.find_one(Note.id == note.id, fetch_links=True)
        later = await Note.get(note.id)
        assert later is not None
        await later.fetch_all_links()
        binned = await Note.find_one(Note.id == note.id, fetch_links=True, deleted=None)
        return [type(one and one.folder).__name__ for one in (by_find, by_one, later, binned)]

    assert on_database(mongo, run) == ["Link", "Link", "Link", "Folder"]


def test_what_is_linked_goes_along_where_one_says_so(mongo: str) -> None:
    async def run() -> tuple[int, int]:
        note = await Note(folder=await Folder(name="f").insert()).insert()  # type: ignore[arg-type]  # as above
        await note.delete(link_rule=DeleteRules.DELETE_LINKS)
        return await Folder.count(deleted=True), await Note.count(deleted=True)

    assert on_database(mongo, run) == (1, 1)


def test_a_pipeline_begins_without_deleted_ones(mongo: str) -> None:
    async def run() -> list[dict[str, Any]]:
        await two()
        found: list[dict[str, Any]] = await Note.aggregate([{"$group": {"_id": None, "pages": {"$sum": "$pages"}}}]).to_list()
        return found

    assert on_database(mongo, run) == [{"_id": None, "pages": 1}]


def test_a_search_for_words_leaves_deleted_ones_out(mongo: str) -> None:
    async def run() -> list[list[str]]:
        await Note.get_pymongo_collection().create_index([("title", "text")])
        await two()
        words = {"$text": {"$search": "kept binned"}}
        return [await titles(Note.find(words)), await titles(Note.find(words, fetch_links=True))]

    assert on_database(mongo, run) == [["kept"], ["kept"]]

"""The fields of every document, and how they are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from beanie.exceptions import CollectionWasNotInitialized
from pydantic import ConfigDict, Field, ValidationError

from host.data import Conflict, Document
from tests.data.notes import Circle, Folder, Note, Shape, on_database, stored


def test_a_new_document_has_a_random_uuid_as_a_string(mongo: str) -> None:
    async def run() -> str:
        return (await Note().insert()).id

    identifier = on_database(mongo, run)
    assert identifier == str(UUID(identifier))
    assert UUID(identifier).version == 4


def test_fields_are_stored_in_camel_case(mongo: str) -> None:
    async def run() -> Any:
        return await stored(await Note(due_at=datetime(2026, 1, 2, tzinfo=UTC), last_editor="u").insert())

    found = on_database(mongo, run)
    assert set(found) == {
        *("_id", "version", "tags", "owner", "lastEditor", "isDeleted", "createdAt", "updatedAt"),
        *("title", "pages", "dueAt", "code", "folder", "labels"),
    }


def test_a_document_can_be_created_by_both_names_of_a_field(mongo: str) -> None:
    async def run() -> tuple[str | None, str | None]:
        return Note(last_editor="u").last_editor, Note.model_validate({"lastEditor": "v"}).last_editor

    assert on_database(mongo, run) == ("u", "v")


def test_a_new_document_has_the_documented_defaults(mongo: str) -> None:
    async def run() -> Note:
        return Note()

    note = on_database(mongo, run)
    assert (note.version, note.tags, note.owner, note.last_editor, note.is_deleted) == (1, [], None, None, False)
    assert note.created_at == note.updated_at
    assert note.created_at.tzinfo is UTC


def test_what_is_read_equals_what_was_written(mongo: str) -> None:
    async def run() -> tuple[Note, Note | None]:
        moment = datetime(2026, 5, 1, 12, 0, 0, 123987, tzinfo=timezone(timedelta(hours=2)))
        note = await Note(due_at=moment, tags=["x"], labels={"a": 1}).insert()
        return note, await Note.get(note.id)

    written, read = on_database(mongo, run)
    assert read == written
    assert written.due_at == datetime(2026, 5, 1, 10, 0, 0, 123000, tzinfo=UTC)


def test_a_client_may_choose_the_id(mongo: str) -> None:
    async def run() -> str:
        return (await Note(id="0F8FAD5B-D9CB-469F-A165-70867728950E").insert()).id

    assert on_database(mongo, run) == "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "1",
        "0f8fad5bd9cb469fa16570867728950e",
        "{0f8fad5b-d9cb-469f-a165-70867728950e}",
        "0f8fad5b-d9cb-469f-a165-70867728950e\n",
        "\uff10f8fad5b-d9cb-469f-a165-70867728950e",
        {"$ne": None},
        7,
    ],
)
def test_an_id_that_is_not_a_uuid_is_refused(mongo: str, identifier: Any) -> None:
    async def run() -> None:
        with pytest.raises(ValidationError, match="an id is a UUID"):
            Note(id=identifier)

    on_database(mongo, run)


def test_an_id_that_was_set_later_is_validated_too(mongo: str) -> None:
    async def run() -> int:
        note = Note()
        note.id = "nonsense"
        with pytest.raises(ValueError, match="an id is a UUID"):
            await note.insert()
        return await Note.count(deleted=None)

    assert on_database(mongo, run) == 0


def test_an_id_that_is_used_is_refused(mongo: str) -> None:
    async def run() -> tuple[Conflict, str]:
        first = await Note(title="first").insert()
        with pytest.raises(Conflict) as caught:
            await Note(id=first.id.upper(), title="second").insert()
        read = await Note.get(first.id)
        assert read is not None
        return caught.value, read.title

    error, title = on_database(mongo, run)
    assert (error.status_code, error.detail, title) == (409, "another Note has this id", "first")


def test_saving_a_new_document_never_overwrites_another(mongo: str) -> None:
    async def run() -> str:
        first = await Note(title="first").insert()
        with pytest.raises(Conflict):
            await Note(id=first.id, title="second").save()
        read = await Note.get(first.id)
        assert read is not None
        return read.title

    assert on_database(mongo, run) == "first"


def test_the_id_of_a_deleted_document_is_used(mongo: str) -> None:
    async def run() -> None:
        first = await Note().insert()
        await first.delete()
        with pytest.raises(Conflict):
            await Note(id=first.id).insert()

    on_database(mongo, run)


def test_a_value_that_must_be_unique_is_a_conflict(mongo: str) -> None:
    async def run() -> str:
        await Note(code="x").insert()
        with pytest.raises(Conflict) as caught:
            await Note(code="x").insert()
        other = await Note(code="y").insert()
        with pytest.raises(Conflict):
            await other.set({Note.code: "x"})
        with pytest.raises(Conflict):
            await Note.change({"_id": other.id}, {"code": "x"})
        other.code = "x"
        with pytest.raises(Conflict):
            await other.replace()
        return caught.value.detail

    assert on_database(mongo, run) == "another Note has this code"


def test_insert_many_inserts_documents(mongo: str) -> None:
    async def run() -> tuple[int, int]:
        notes = [Note(title=str(number)) for number in range(5)]
        await Note.insert_many(notes)
        await notes[3].set({Note.pages: 3})
        return await Note.count(), notes[3].version

    assert on_database(mongo, run) == (5, 2)


def test_insert_many_with_a_used_id(mongo: str) -> None:
    async def run() -> tuple[str, list[bool]]:
        first = await Note().insert()
        notes = [Note(), Note(id=first.id), Note()]
        with pytest.raises(Conflict) as caught:
            await Note.insert_many(notes)
        return caught.value.detail, [note.is_stored for note in notes]

    assert on_database(mongo, run) == ("another Note has this id", [True, False, False])


def test_an_invalid_id_is_not_found(mongo: str) -> None:
    async def run() -> list[Note | None]:
        note = await Note().insert()
        return [
            await Note.get(identifier) for identifier in ("x", 7, None, {"$ne": None}, str(uuid4()), UUID(note.id), note.id.upper())
        ]

    found = on_database(mongo, run)
    assert [note is None for note in found] == [True] * 5 + [False] * 2


def test_a_class_cannot_rename_fields_of_the_host() -> None:
    with pytest.raises(TypeError, match=r"Other\.id must stay '_id' in the database, not 'ID'"):

        class Other(Document):
            model_config = ConfigDict(alias_generator=lambda name: name.upper())


def test_a_class_cannot_have_a_field_that_could_not_be_read() -> None:
    with pytest.raises(TypeError, match=r"Other\.me cannot be 'self' in the database"):

        class Other(Document):
            me: str = Field(default="", alias="self")


def test_a_family_shares_one_collection_and_its_classes_are_distinguished(mongo: str) -> None:
    async def run() -> tuple[int, int, int, list[str]]:
        await Shape().insert()
        circle = await Circle(radius=3).insert()
        await circle.set({Circle.radius: 4})
        everything = await Shape.find_all(with_children=True).to_list()
        await circle.delete()
        return (
            await Shape.count(),
            await Circle.count(),
            await Shape.find_all(with_children=True).count(),
            sorted(type(document).__name__ for document in everything),
        )

    assert on_database(mongo, run) == (1, 0, 1, ["Circle", "Shape"])


def test_a_family_changes_in_one_step(mongo: str) -> None:
    async def run() -> tuple[int, int]:
        circle = await Circle(radius=3).insert()
        changed = await Circle.change({"_id": circle.id}, {"radius": 5})
        assert changed is not None
        return changed[0].radius, changed[1].radius

    assert on_database(mongo, run) == (3, 5)


def test_a_link_is_stored_and_fetched(mongo: str) -> None:
    async def run() -> str:
        folder = await Folder(name="f").insert()
        note = await Note(folder=folder).insert()  # type: ignore[arg-type]  # Beanie takes the document for its link
        found = await Note.find_one(Note.id == note.id, fetch_links=True)
        assert found is not None
        assert isinstance(found.folder, Folder)
        return found.folder.name

    assert on_database(mongo, run) == "f"


def test_a_class_that_is_not_open_is_stored_nowhere(mongo: str) -> None:
    class Stray(Document):
        title: str = "a"

    async def run() -> None:
        await Note().insert()  # opens the base of both
        for use in (Stray, Stray.find, Stray.get_pymongo_collection):
            with pytest.raises(CollectionWasNotInitialized, match="Stray is not open: return it from register_models"):
                use()

    on_database(mongo, run)

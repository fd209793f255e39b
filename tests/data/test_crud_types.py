"""Fields of many types through ``crud``: a value is stored and read back equal, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.data.cruds import Served, item, items, served

MORE = """
from datetime import time, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID
from beanie import BackLink, Link, Document as BeanieDocument
from pydantic import BaseModel

class Mixed(Enum):
    NUMBER = 1
    TEXT = "two"

class Ratio(Enum):
    HALF = 0.5

class Address(BaseModel):
    street_name: str
    zip_code: str = Field(alias="zip")
    since: date | None = None

class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    price: Decimal = Decimal(1)

class Dog(BaseModel):
    kind: Literal["dog"] = "dog"

class Thing(Document):
    title: str = "thing"
    address: Address | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    price: Decimal = Decimal("1.10")
    day: date | None = None
    took: timedelta | None = None
    at: time | None = None
    mixed: Mixed = Mixed.NUMBER
    ratio: Ratio = Ratio.HALF
    blob: bytes = b""
    counts: dict[str, int] = Field(default_factory=dict)
    anything: dict[str, Any] = Field(default_factory=dict)
    numbers: list[int] | None = Field(default_factory=list)
    mine: str = Field(default="x", alias="myOwnName")
    either: int | str = 0
    pair: tuple[int, str] = (1, "a")
    ref: UUID | None = None

    class Settings:
        bson_encoders = {time: str}

class Special(Thing):
    more: int = 5

class Shelf(Document):
    title: str = "shelf"
    books: list[BackLink[Book]] = Field(default_factory=list, json_schema_extra={"original_field": "shelf"})

class Label(BeanieDocument):
    title: str = "label"

class Book(Document):
    title: str = "book"
    shelf: Link[Shelf] | None = None
    others: Annotated[list[Link[Shelf]], Field(max_length=2)] = Field(default_factory=list)
    label: Link[Label] | None = None

class Animal(Document):
    title: str = "animal"

    class Settings:
        is_root = True

class Bird(Animal):
    wings: int = 2

class Clashing(Document):
    title: str = "clashing"
    type: str = ""
    model: str = ""
    function: str = ""
    name: str = ""
    schema_: str = Field(default="", alias="schema")
    fields: str = ""

Shelf.model_rebuild()
ROUTES = [crud(Thing), crud(Special), crud(Shelf), crud(Book), crud(Animal), crud(Bird), crud(Clashing)]
"""

VALUES = {
    "address": {"street_name": "s", "zip": "1", "since": "2020-01-01"},
    "pet": {"kind": "cat", "price": "2.50"},
    "price": "12.30",
    "day": "2024-01-02",
    "took": "PT5S",
    "at": "10:11:12",
    "mixed": "two",
    "ratio": 0.5,
    "blob": "abc",
    "counts": {"a": 1},
    "anything": {"x": [1, {"y": None}], "$where": "1", "a.b": 2},
    "numbers": None,
    "myOwnName": "m",
    "either": "5",
    "pair": [2, "b"],
    "ref": "0f8fad5b-d9cb-469f-a165-70867728950e",
}


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> Iterator[Served]:
    """A host with documents that have such fields."""
    with served(
        tmp_path_factory.mktemp("things"), mongo, MORE, models="Thing, Special, Label, Shelf, Book, Animal, Bird, Clashing"
    ) as made:
        yield made


@pytest.mark.parametrize("entity", ["thing", "special"])
@pytest.mark.parametrize("name", VALUES)
def test_a_read_returns_what_was_sent(things: Served, name: str, entity: str) -> None:
    created = item(things("POST", f"/{entity}", {name: VALUES[name]}))
    assert created[name] == VALUES[name]
    assert item(things("GET", f"/{entity}/{created['id']}")) == created


@pytest.mark.parametrize("name", VALUES)
def test_a_change_returns_what_is_read(things: Served, name: str) -> None:
    identifier = item(things("POST", "/thing", {}))["id"]
    changed = item(things("PATCH", f"/thing/{identifier}", {name: VALUES[name]}))
    assert changed[name] == VALUES[name]
    assert item(things("GET", f"/thing/{identifier}")) == changed


@pytest.mark.parametrize("name", ["shelf", "others"])
def test_a_link_is_sent_in_the_form_of_responses(things: Served, name: str) -> None:
    link = {"id": item(things("POST", "/shelf", {}))["id"], "collection": "acme__todo-shelf"}
    sent = link if name == "shelf" else [link, link]
    created = item(things("POST", "/book", {name: sent}))
    changed = item(things("PATCH", f"/book/{item(things('POST', '/book', {}))['id']}", {name: sent}))
    assert created[name] == changed[name] == sent
    assert item(things("GET", f"/book/{changed['id']}"))[name] == sent


def test_a_link_is_to_the_collection_of_its_class_whatever_a_client_says(things: Served) -> None:
    link = {"id": item(things("POST", "/shelf", {}))["id"], "collection": "other"}
    assert item(things("POST", "/book", {"shelf": link}))["shelf"] == {**link, "collection": "acme__todo-shelf"}


def test_a_link_may_be_to_a_document_with_another_kind_of_id(things: Served) -> None:
    label = {"id": "0123456789abcdef01234567"}
    assert item(things("POST", "/book", {"label": label}))["label"]["id"] == label["id"]
    assert things("POST", "/book", {"label": {"id": "x"}}).status_code == 400


@pytest.mark.parametrize(
    "sent", [{"id": "x", "collection": "acme__todo-shelf"}, {"id": 5}, {"title": "a whole one", "owner": "me"}, {"_id": "x"}, "x"]
)
def test_only_a_reference_is_accepted_as_a_link(things: Served, sent: Any) -> None:
    row = item(things("POST", "/book", {}))
    assert things("POST", "/book", {"shelf": sent}).status_code == 400
    assert things("PATCH", f"/book/{row['id']}", {"shelf": sent}).status_code == 400
    assert item(things("GET", f"/book/{row['id']}")) == row


def test_back_links_are_not_writable(things: Served) -> None:
    assert things("POST", "/shelf", {"books": [{"title": "a"}]}).status_code == 400


@pytest.mark.parametrize(("own", "other"), [("animal", "bird"), ("bird", "animal")])
def test_the_routes_of_a_class_do_not_reach_another_in_its_collection(things: Served, own: str, other: str) -> None:
    row = item(things("POST", f"/{own}", {}))
    one = f"/{other}/{row['id']}"
    for call in [
        ("GET", one),
        ("PATCH", one, {"title": "b"}),
        ("DELETE", one),
        ("DELETE", f"{one}/hard"),
        ("POST", f"{one}/restore"),
    ]:
        assert things(*call).status_code == 404, call
    assert item(things("GET", f"/{own}/{row['id']}")) == row


@pytest.mark.parametrize("name", ["type", "model", "function", "name", "schema", "fields"])
def test_a_field_may_have_a_name_that_the_host_uses_itself(things: Served, name: str) -> None:
    row = item(things("POST", "/clashing", {name: name}))
    assert row[name] == name
    assert items(things("GET", f"/clashing?{name}={name}")) == [row]


def nested(levels: int) -> dict[str, Any]:
    """Objects within objects."""
    made: dict[str, Any] = {}
    for _ in range(levels):
        made = {"a": made}
    return made


@pytest.mark.parametrize("value", [{"price": "1" * 35}, {"price": "1e7000"}, {"anything": nested(182)}, {"anything": {"\0": 1}}])
def test_values_that_cannot_be_stored_are_refused(things: Served, value: dict[str, Any]) -> None:
    row = item(things("POST", "/thing", {}))
    assert things("POST", "/thing", value).status_code == 400
    assert things("PATCH", f"/thing/{row['id']}", value).status_code == 400
    assert item(things("GET", f"/thing/{row['id']}")) == row


def test_a_document_that_would_grow_too_large_is_refused(things: Served) -> None:
    identifier = item(things("POST", "/thing", {"title": "x" * 9_000_000}))["id"]
    assert things("PATCH", f"/thing/{identifier}", {"blob": "x" * 9_000_000}).status_code == 400


def test_unsupported_types_are_not_filters(things: Served) -> None:
    everything = things("GET", "/thing?limit=1").json()["body"]["page"]["total"]
    assert things("GET", "/thing?limit=1&mixed=nothing&ratio=7").json()["body"]["page"]["total"] == everything


def test_an_invalid_stored_document_is_not_the_clients_fault(things: Served) -> None:
    identifier = item(things("POST", "/special", {}))["id"]
    things.write("acme__todo-special", {"_id": identifier}, {"$set": {"more": "x"}})
    try:
        assert things("GET", "/special").status_code == 500
    finally:
        things("DELETE", f"/special/{identifier}/hard")

"""The classes of request bodies, derived from a document's fields."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from host.data import Document, ReadOnly, UtcDatetime, create_type, fields_of, update_type, version_of


class Color(StrEnum):
    """A colour."""

    RED = "red"


class Address(BaseModel):
    """A part of a document."""

    street: str


class Base(Document):
    """A base class of the plugin."""

    model_config = ConfigDict(str_strip_whitespace=True)

    tags: Annotated[list[Annotated[str, Field(max_length=3)]], Field(max_length=2)] = Field(default_factory=list)
    name: str

    @field_validator("name", mode="before")
    @classmethod
    def _no_digits(cls, value: object) -> object:
        if any(character.isdigit() for character in str(value)):
            raise ValueError(f"{cls.__name__} has no digits")
        return value


class Shop(Base):
    """A document."""

    color: Color = Field(default=Color.RED, description="Of the door.")
    size: Annotated[int, Field(ge=1, le=9)] = 1
    price: Decimal = Decimal(1)
    opened_at: UtcDatetime | None = None
    address: Address | None = None
    low: int = 0
    high: int = 9
    account: ReadOnly[str] = "main"
    secret: str = Field(default="", exclude=True)
    code: str = Field(default="", frozen=True)
    renamed: str = Field(default="", alias="otherName")

    @field_validator("high")
    @classmethod
    def _above(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("low", 0):
            raise ValueError("too low")
        return value


Create, Update = create_type(Shop), update_type(Shop)


def created(**body: Any) -> dict[str, Any]:
    """Return the fields that a body sets on a new document."""
    return fields_of(Create.model_validate(body))


def updated(**body: Any) -> dict[str, Any]:
    """Return the fields that a body changes."""
    return fields_of(Update.model_validate(body))


def test_the_classes_are_named_after_the_document_and_cached() -> None:
    assert (Create.__name__, Create.__qualname__, Create.__module__) == ("ShopCreate", "ShopCreate", __name__)
    assert (Update.__name__, Update.__module__) == ("ShopUpdate", __name__)
    assert create_type(Shop) is Create
    assert create_type(Base) is not Create


def test_create_has_the_writable_fields_in_camel_case() -> None:
    properties = Create.model_json_schema()["properties"]
    own = {"name", "tags", "color", "size", "price", "openedAt", "address", "low", "high", "code", "otherName"}
    assert set(properties) == own | {"id"}
    assert Create.model_json_schema()["required"] == ["name"]


def test_update_has_no_required_and_no_frozen_fields() -> None:
    schema = Update.model_json_schema()
    assert "required" not in schema
    assert schema["properties"].keys() == Create.model_json_schema()["properties"].keys() - {"id", "code"} | {"version"}
    assert not [name for name, one in schema["properties"].items() if "default" in one]


def test_fields_omitted_on_creation_get_the_defaults_of_the_document() -> None:
    assert created(name="a") == {"name": "a"}


def test_values_are_converted_as_by_the_document() -> None:
    given = created(name=" a ", color="red", openedAt="2026-01-01T01:00:00.0009+01:00", address={"street": "x"}, otherName="r")
    assert given == {
        "name": "a",
        "color": Color.RED,
        "opened_at": datetime(2026, 1, 1, tzinfo=UTC),
        "address": Address(street="x"),
        "renamed": "r",
    }


def test_an_id_is_converted_to_lower_case() -> None:
    assert created(name="a", id="0F8FAD5B-D9CB-469F-A165-70867728950E")["id"] == "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert "id" not in created(name="a", id=None)


def test_null_is_a_value_only_where_the_field_takes_it() -> None:
    assert updated(openedAt=None) == {"opened_at": None}
    with pytest.raises(ValidationError):
        updated(name=None)


def test_a_version_alone_is_not_an_update() -> None:
    data = Update.model_validate({"name": "a", "version": 3})
    assert (fields_of(data), version_of(data)) == ({"name": "a"}, 3)
    assert version_of(Update.model_validate({"name": "a"})) is None
    with pytest.raises(ValidationError, match="nothing to change: send at least one of tags, name, color"):
        Update.model_validate({"version": 3})


WRONG = [
    {"size": 0},
    {"size": 10},
    {"size": "1"},
    {"size": 1.5},
    {"tags": ["long"]},
    {"tags": ["a", "b", "c"]},
    {"name": "7"},
    {"color": "blue"},
    {"low": 5, "high": 4},
    {"address": {"street": 1}},
    {"address": {}},
    {"openedAt": 5},
    {"openedAt": "0001-01-01T00:00:00+14:00"},
    {"account": "x"},
    {"secret": "x"},
    {"renamed": "x"},
    {"opened_at": None},
    {"revisionId": None},
    {"isDeleted": False},
    {"lastEditor": "x"},
]


@pytest.mark.parametrize("body", WRONG, ids=str)
def test_constraints_and_validators_apply_to_create(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        created(**{"name": "a", **body})


@pytest.mark.parametrize("body", WRONG, ids=str)
def test_constraints_and_validators_apply_to_update(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        updated(**body)


def test_a_validator_sees_the_class_of_the_document() -> None:
    with pytest.raises(ValidationError, match="Shop has no digits"):
        updated(name="7")


class Meeting(Document):
    """Its validator runs before a string becomes a datetime."""

    at: UtcDatetime

    @field_validator("at", mode="wrap")
    @classmethod
    def _seen(cls, value: Any, handler: Any) -> Any:
        return handler("2026-01-01T00:00:00Z" if value == "new year" else value)


@pytest.mark.parametrize("text", ["new year", "2026-01-01T00:00:00Z"])
def test_a_validator_may_precede_a_type_that_json_does_not_have(text: str) -> None:
    given = fields_of(create_type(Meeting).model_validate({"at": text}))
    assert given == {"at": datetime(2026, 1, 1, tzinfo=UTC)}


def test_a_base_and_its_subclass_have_their_own() -> None:
    assert set(create_type(Base).model_json_schema()["properties"]) == {"name", "tags", "id"}

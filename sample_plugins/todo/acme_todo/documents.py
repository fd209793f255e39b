"""What all documents of this plugin have (row R10), stored and sent in camelCase."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from beanie import Document
from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel


def wire_name(name: str) -> str:
    """The name of a field in the database and on the wire; ``id`` is MongoDB's ``_id``."""
    return "_id" if name == "id" else to_camel(name)


def as_stored(moment: datetime) -> datetime:
    """The moment as MongoDB keeps it, in UTC and milliseconds, so that an answer does not differ from what is read later.

    Raises:
        ValueError: in UTC it would be before the year 1 or after 9999.
    """
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment is out of range") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def now() -> datetime:
    """The current moment in UTC."""
    return as_stored(datetime.now(UTC))


#: A UUID as it is stored and sent: a string, lower case, with hyphens.
Identifier = Annotated[str, Field(json_schema_extra={"format": "uuid"})]

#: A moment that does not change on its way through the database.
Moment = Annotated[datetime, AfterValidator(as_stored)]


class Entity(Document):
    """Base of the documents.

    Args:
        id: a UUID.
        version: 1 for a new document, one more with each change.
        tags: free words.
        is_deleted: in the bin: kept, but not shown.
        created_at: when it was made.
        updated_at: when it was changed last.
    """

    model_config = ConfigDict(alias_generator=wire_name)

    id: Identifier = Field(default_factory=lambda: str(uuid4()))  # type: ignore[assignment]  # UUIDs instead of ObjectIds
    version: int = 1
    tags: list[str] = Field(default_factory=list)
    is_deleted: bool = False
    created_at: Moment = Field(default_factory=now)
    updated_at: Moment = Field(default_factory=now)

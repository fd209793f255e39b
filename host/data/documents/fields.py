"""Fields that every document has: their stored names, and types whose values survive the database unchanged."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.alias_generators import to_camel

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def wire_name(name: str) -> str:
    """Return the name of a field in the database and on the wire: camelCase, and MongoDB's ``_id`` for ``id``."""
    return "_id" if name == "id" else to_camel(name)


def as_identifier(value: Any) -> str:
    """Return a UUID as it is stored and sent: a lower-case string with hyphens.

    Args:
        value: a UUID, or its string in any case.

    Raises:
        ValueError: the value is not a UUID.
    """
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("an id is a UUID such as 0f8fad5b-d9cb-469f-a165-70867728950e")
    return value.lower()


def new_identifier() -> str:
    """Return a random UUID, version 4."""
    return str(uuid4())


def as_stored(value: datetime) -> datetime:
    """Return a datetime as MongoDB stores it, in UTC and milliseconds, so that a response equals what is read later.

    Args:
        value: the datetime; without a time zone it is in UTC, as in MongoDB.

    Raises:
        ValueError: in UTC it would be before the year 1 or after 9999.
    """
    try:
        utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the datetime is out of range") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def now() -> datetime:
    """Return the current time as it is stored."""
    return as_stored(datetime.now(UTC))


#: A UUID as a string.
Identifier = Annotated[str, BeforeValidator(as_identifier), Field(json_schema_extra={"format": "uuid"})]

#: A datetime that survives the database unchanged.
UtcDatetime = Annotated[datetime, AfterValidator(as_stored)]

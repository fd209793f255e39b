"""Fields that every document has: how they are named, and values that do not change on their way through the database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.alias_generators import to_camel

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def wire_name(name: str) -> str:
    """The name of a field in the database and on the wire; ``id`` is MongoDB's ``_id``."""
    return "_id" if name == "id" else to_camel(name)


def as_identifier(value: Any) -> str:
    """A UUID as it is stored and sent: text, lower case, with hyphens (row R10).

    Args:
        value: a UUID, or its text in any case.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("an id is a UUID such as 0f8fad5b-d9cb-469f-a165-70867728950e")
    return value.lower()


def new_identifier() -> str:
    """A random UUID, version 4."""
    return str(uuid4())


def as_stored(moment: datetime) -> datetime:
    """The moment as MongoDB keeps it, in UTC and milliseconds, so that an answer does not differ from what is read later.

    Args:
        moment: one without a time zone is in UTC, as the database takes it.

    Raises:
        ValueError: in UTC it would be before the year 1 or after 9999.
    """
    try:
        utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment is out of range") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def now() -> datetime:
    """The current moment, as it is stored."""
    return as_stored(datetime.now(UTC))


#: A UUID as text.
Identifier = Annotated[str, BeforeValidator(as_identifier), Field(json_schema_extra={"format": "uuid"})]

#: A moment that does not change on its way through the database.
UtcDatetime = Annotated[datetime, AfterValidator(as_stored)]

"""The cursor of a list: the position after which the next page begins, as an opaque string."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from bson import Int64

from host.data.documents.errors import CursorMismatch
from host.data.endpoints.list_fields import ListField

MAX_CURSOR_LENGTH: Final = 65536

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_INVALID: Final = "the cursor does not come from this list"


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The end of a page.

    Args:
        sort: the order of the list.
        value: the last document's stored value of the field that the list is sorted by; a datetime in milliseconds since 1970.
        id: the last document's id.
    """

    sort: str
    value: int | float | str | None
    id: str


def encode_cursor(sort: str, field: ListField, stored: Mapping[str, Any]) -> str:
    """Return the cursor of a page.

    Args:
        sort: the order of the list.
        field: the field that it is sorted by.
        stored: the last document of the page, as it is stored.
    """
    value = stored.get(field.stored)
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        value = (aware - _EPOCH) // _MILLISECOND
    elif isinstance(value, Int64):
        value = int(value)  # msgspec does not encode subclasses of int
    encoded = msgspec.json.encode(_Cursor(sort, value, stored["_id"]))
    return base64.urlsafe_b64encode(encoded).decode().rstrip("=")


def decode_cursor(text: str, sort: str, field: ListField) -> tuple[Any, str]:
    """Return the position that a cursor holds: a value of the field that the list is sorted by, and an id.

    The client may send anything, so the value is checked against the field: MongoDB never compares it with another type.

    Args:
        text: the cursor.
        sort: the order of the list.
        field: the field that it is sorted by.

    Raises:
        CursorMismatch: it is not a cursor, or the cursor of another list.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        cursor = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Cursor)
    except (UnicodeError, binascii.Error, msgspec.MsgspecError) as error:
        raise CursorMismatch(_INVALID) from error
    if cursor.sort != sort:
        raise CursorMismatch(f"the cursor belongs to the order {cursor.sort}, not {sort}")
    if cursor.value is not None and isinstance(cursor.value, str) != (field.kind == "string"):
        raise CursorMismatch(_INVALID)
    if isinstance(cursor.value, int) and not -(2**63) <= cursor.value < 2**63:
        raise CursorMismatch(_INVALID)
    return (cursor.value if field.kind != "datetime" else _datetime(cursor.value)), cursor.id


def _datetime(milliseconds: object) -> datetime | None:
    if milliseconds is None:
        return None
    if not isinstance(milliseconds, int):
        raise CursorMismatch(_INVALID)
    try:
        return _EPOCH + milliseconds * _MILLISECOND
    except OverflowError as error:
        raise CursorMismatch(_INVALID) from error

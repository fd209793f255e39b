"""Lists, page by page, by a cursor that says where the last page ended (row E14).

A page begins after the last document of the one before, not after a number of documents. So however many are created or deleted
meanwhile, none comes twice, and none that was there all the time is left out. (A document that moves within the order while
somebody pages in it may be met twice or not at all; ``createdAt`` never changes.)
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeAlias, TypeVar

import msgspec
from beanie.odm.utils.parsing import parse_obj
from bson import Int64

from hookspecs import Page
from host.data.documents.document import Document
from host.data.documents.errors import CursorMismatch
from host.data.endpoints.columns import Column, columns_of

D = TypeVar("D", bound=Document)
Query: TypeAlias = dict[str, Any]

DEFAULT_SORT: Final = "-createdAt"
DEFAULT_LIMIT: Final = 50
MOST: Final = 200
LONGEST_CURSOR: Final = 65536

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_WRONG: Final = "the cursor is none that this list gave"


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a page ended.

    Args:
        sort: the order it belongs to.
        value: of the field that is sorted by, as it is stored; a moment in milliseconds since 1970.
        id: of the document.
    """

    sort: str
    value: int | float | str | None
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a client wants to see.

    Args:
        filters: the name of a field on the wire → the value that it has.
        query: a further MongoDB filter, made by the plugin and by no client.
        tags: only documents that have all of them.
        deleted: the bin instead of what lives.
        sort: the name of a field on the wire; ``-`` in front for downwards.
        limit: how many on a page, 1 to 200.
        cursor: where the page before ended.
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    deleted: bool = False
    sort: str = DEFAULT_SORT
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def all_of(*queries: Mapping[str, Any]) -> Query:
    """The filter for what fits all of some filters."""
    given = [dict(query) for query in queries if query]
    if len(given) > 1:
        return {"$and": given}
    return given[0] if given else {}


class Lister(Generic[D]):
    """Reads the lists of one class of documents.

    Args:
        model: the class.
    """

    def __init__(self, model: type[D]) -> None:
        self._model = model
        self._columns = {column.name: column for column in columns_of(model)}

    async def page(self, listing: Listing, within: Mapping[str, Any]) -> tuple[list[D], Page]:
        """One page.

        Args:
            listing: what is wanted.
            within: the filter for what may be seen at all.

        Returns:
            the documents, and where the list stands.

        Raises:
            CursorMismatch: the cursor is no cursor of this list.
            KeyError: the list cannot be narrowed or sorted by that field.
        """
        column, direction = self._order(listing.sort)
        query = all_of(within, self._filter(listing))
        from_here = all_of(query, self._after(listing, column, direction))
        # As it is stored: a field without a value there is sorted as null, whatever default the class gives it.
        found = (
            await self._model.get_pymongo_collection()
            .find(self._encoded(from_here, listing))
            .sort([(column.stored, direction), ("_id", direction)])
            .limit(listing.limit + 1)
            .to_list()
        )
        total = await self._model.find(query, deleted=listing.deleted).count()
        shown = found[: listing.limit]
        following = _cursor(listing.sort, column, shown[-1]) if len(found) > len(shown) else None
        documents: list[Any] = [parse_obj(self._model, one) for one in shown]
        return documents, Page(total=total, next=following)

    def _encoded(self, query: Query, listing: Listing) -> Mapping[str, Any]:
        """The filter as Beanie would send it."""
        encoded: Mapping[str, Any] = self._model.find(query, deleted=listing.deleted).get_filter_query()
        return encoded

    def _filter(self, listing: Listing) -> Query:
        query: Query = {}
        for name, value in listing.filters.items():
            column = self._columns[name]
            if not column.narrows:
                raise KeyError(name)
            query[column.stored] = {"$eq": value}
        tags = {"tags": {"$all": list(listing.tags)}} if listing.tags else {}
        return all_of(listing.query, query, tags)

    def _order(self, sort: str) -> tuple[Column, int]:
        column = self._columns[sort.removeprefix("-")]
        if not column.sorts:
            raise KeyError(sort)
        return column, -1 if sort.startswith("-") else 1

    def _after(self, listing: Listing, column: Column, direction: int) -> Query:
        """The filter for what comes after the cursor; null comes before everything else (MongoDB's order of types)."""
        if listing.cursor is None:
            return {}
        value, last = _position(listing.cursor, listing.sort, column)
        name, beyond = column.stored, "$gt" if direction == 1 else "$lt"
        choices: list[Query] = [{name: value, "_id": {beyond: last}}]
        if value is not None:
            choices.append({name: {beyond: value}})
        if value is None and direction == 1:
            choices.append({name: {"$ne": None}})
        if value is not None and direction == -1:
            choices.append({name: None})
        return {"$or": choices}


def _cursor(sort: str, column: Column, stored: Mapping[str, Any]) -> str:
    """The cursor for a page that ends with a stored document."""
    value = stored.get(column.stored)
    if isinstance(value, datetime):
        moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        value = (moment - _EPOCH) // _MILLISECOND
    elif isinstance(value, Int64):
        value = int(value)
    text = msgspec.json.encode(_Cursor(sort, value, stored["_id"]))
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _position(text: str, sort: str, column: Column) -> tuple[Any, str]:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        cursor = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Cursor)
    except (UnicodeError, binascii.Error, msgspec.MsgspecError) as error:
        raise CursorMismatch(_WRONG) from error
    if cursor.sort != sort:
        raise CursorMismatch(f"the cursor belongs to the order {cursor.sort}, not {sort}")
    if cursor.value is not None and isinstance(cursor.value, str) != (column.kind == "text"):
        raise CursorMismatch(_WRONG)
    if isinstance(cursor.value, int) and not -(2**63) <= cursor.value < 2**63:
        raise CursorMismatch(_WRONG)
    return (cursor.value if column.kind != "moment" else _moment(cursor.value)), cursor.id


def _moment(value: object) -> datetime | None:
    """A moment in milliseconds since 1970."""
    if value is None:
        return None
    if not isinstance(value, int):
        raise CursorMismatch(_WRONG)
    try:
        return _EPOCH + value * _MILLISECOND
    except OverflowError as error:
        raise CursorMismatch(_WRONG) from error

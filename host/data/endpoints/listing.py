"""Lists, read page by page with a cursor.

A page begins after the last document of the previous page, not after a number of documents. So however many documents are created
or deleted in between, none is listed twice, and none that exists all the time is missed. (A document whose position in the order
changes between two pages may be listed twice or not at all; ``createdAt`` never changes.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from hookspecs import Page
from host.common.compat.beanie import parse_obj
from host.data.documents.document import Document
from host.data.endpoints.cursor import decode_cursor, encode_cursor
from host.data.endpoints.list_fields import ListField, list_fields

D = TypeVar("D", bound=Document)
Query: TypeAlias = dict[str, Any]

DEFAULT_SORT: Final = "-createdAt"
DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A request for one page of a list.

    Args:
        filters: the required values of fields, by the fields' names on the wire.
        query: a further MongoDB filter, built by the plugin and never by a client.
        tags: only documents that have all of these tags.
        deleted: list the soft-deleted documents instead of the others.
        sort: the name of a field on the wire; ``-`` in front means descending.
        limit: the maximum number of documents on the page, 1 to 200.
        cursor: ``next`` of the previous page.
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    deleted: bool = False
    sort: str = DEFAULT_SORT
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def all_of(*queries: Mapping[str, Any]) -> Query:
    """Return the filter for documents that match all of some filters."""
    conditions = [dict(query) for query in queries if query]
    if len(conditions) > 1:
        return {"$and": conditions}
    return conditions[0] if conditions else {}


class Paginator(Generic[D]):
    """Reads pages of the documents of one class.

    Args:
        model: the document class.
    """

    def __init__(self, model: type[D]) -> None:
        self._model = model
        self._fields = {field.name: field for field in list_fields(model)}

    async def page(self, listing: Listing, visible: Mapping[str, Any]) -> tuple[list[D], Page]:
        """Read one page.

        Args:
            listing: the requested page.
            visible: the filter for the documents that the request may see.

        Returns:
            The documents, and the position of the page in the list.

        Raises:
            CursorMismatch: the cursor does not belong to this list.
            KeyError: the list cannot be filtered or sorted by a field.
        """
        sort_field, direction = self._order(listing.sort)
        query = all_of(visible, self._filter(listing))
        remaining = all_of(query, self._after_cursor(listing, sort_field, direction))
        # From the collection, since the cursor needs the stored value: MongoDB sorts a missing field as null, while the parsed
        # document has the default of its class there. One document more than the page shows whether another page follows.
        stored = (
            await self._model.get_pymongo_collection()
            .find(self._encode(remaining, listing))
            .sort([(sort_field.stored, direction), ("_id", direction)])
            .limit(listing.limit + 1)
            .to_list()
        )
        total = await self._model.find(query, deleted=listing.deleted).count()
        shown = stored[: listing.limit]
        following = encode_cursor(listing.sort, sort_field, shown[-1]) if len(stored) > len(shown) else None
        documents: list[Any] = [parse_obj(self._model, document) for document in shown]
        return documents, Page(total=total, next=following)

    def _encode(self, query: Query, listing: Listing) -> Mapping[str, Any]:
        """Return the filter as Beanie would send it."""
        encoded: Mapping[str, Any] = self._model.find(query, deleted=listing.deleted).get_filter_query()
        return encoded

    def _filter(self, listing: Listing) -> Query:
        query: Query = {}
        for name, value in listing.filters.items():
            list_field = self._fields[name]
            if not list_field.filterable:
                raise KeyError(name)
            query[list_field.stored] = {"$eq": value}
        tags = {"tags": {"$all": list(listing.tags)}} if listing.tags else {}
        return all_of(listing.query, query, tags)

    def _order(self, sort: str) -> tuple[ListField, int]:
        sort_field = self._fields[sort.removeprefix("-")]
        if not sort_field.sortable:
            raise KeyError(sort)
        return sort_field, -1 if sort.startswith("-") else 1

    def _after_cursor(self, listing: Listing, sort_field: ListField, direction: int) -> Query:
        """Return the filter for what comes after the cursor.

        null needs conditions of its own: MongoDB sorts it before all other values, but ``$gt`` and ``$lt`` compare only values of
        one type.
        """
        if listing.cursor is None:
            return {}
        value, last_id = decode_cursor(listing.cursor, listing.sort, sort_field)
        name, beyond = sort_field.stored, "$gt" if direction == 1 else "$lt"
        alternatives: list[Query] = [{name: value, "_id": {beyond: last_id}}]
        if value is not None:
            alternatives.append({name: {beyond: value}})
        if value is None and direction == 1:
            alternatives.append({name: {"$ne": None}})
        if value is not None and direction == -1:
            alternatives.append({name: None})
        return {"$or": alternatives}

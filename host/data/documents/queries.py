"""Beanie's searches with the rules of :class:`~host.data.documents.document.Document`: the bin stays closed.

A query leaves deleted documents out unless it was made with ``deleted=True`` (only those) or ``deleted=None`` (all), or names
``isDeleted`` in its filter: what the caller says explicitly wins (row R11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic

from beanie.exceptions import DocumentNotFound, NotSupported
from beanie.odm.bulk import BulkWriter
from beanie.odm.queries import find as beanie_find
from beanie.odm.queries.find import FindQueryResultType
from beanie.odm.utils.dump import get_dict
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.results import UpdateResult

from host.data.documents.fields import now
from host.data.documents.writes import (
    FLAG,
    KEPT,
    UPDATED,
    VERSION,
    DeleteMany,
    DeleteOne,
    UpdateMany,
    UpdateOne,
    duplicate_error,
    refuse,
    with_version_bump,
)

_JOINED: Final = ("$and", "$or", "$nor")


def names_flag(query: Mapping[str, Any]) -> bool:
    """Whether a filter says itself which documents it wants, deleted ones or not."""
    return FLAG in query or any(names_flag(part) for name in _JOINED for part in query.get(name, ()))


def leave_out(stages: list[dict[str, Any]]) -> None:
    """Have the lookups of a pipeline find no deleted documents, also those within them."""
    for stage in stages:
        if (lookup := stage.get("$lookup")) is not None:
            inner = lookup.setdefault("pipeline", [])
            leave_out(inner)
            inner.insert(0, {"$match": {FLAG: {"$ne": True}}})


class _Binned:
    """The half that both find queries have: the filter of the bin."""

    deleted: bool | None = False

    def get_filter_query(self) -> dict[str, Any]:
        """The filter, with that of the bin."""
        query: dict[str, Any] = super().get_filter_query()  # type: ignore[misc]  # of the query it is mixed into
        return query if self.deleted is None or names_flag(query) else {**query, FLAG: self.deleted}

    def choose(self, options: dict[str, Any]) -> None:
        """Take ``deleted`` out of the arguments for pymongo.

        Raises:
            TypeError: it is neither a bool nor ``None``.
        """
        deleted = options.pop("deleted", self.deleted)
        if deleted is not None and not isinstance(deleted, bool):
            raise TypeError(f"deleted is True, False or None for both, not {deleted!r}")
        self.deleted = deleted


class FindMany(_Binned, beanie_find.FindMany[FindQueryResultType], Generic[FindQueryResultType]):
    """Finds documents."""

    UpdateQueryType = UpdateMany
    DeleteQueryType = DeleteMany

    def find_many(self, *args: Any, **options: Any) -> Any:
        """Add to the filter, and choose between the documents and the bin."""
        self.choose(options)
        return super().find_many(*args, **options)

    def build_aggregation_pipeline(self, *extra_stages: dict[str, Any]) -> list[dict[str, Any]]:
        """The pipeline, in which fetched links leave deleted documents out too."""
        stages = super().build_aggregation_pipeline(*extra_stages)
        if self.fetch_links and self.deleted is False:
            given = {id(stage) for stage in extra_stages}
            leave_out([stage for stage in stages if id(stage) not in given])
        return stages


class FindOne(_Binned, beanie_find.FindOne[FindQueryResultType], Generic[FindQueryResultType]):
    """Finds one document."""

    UpdateQueryType = UpdateOne
    DeleteQueryType = DeleteOne

    def find_one(self, *args: Any, **options: Any) -> Any:
        """Add to the filter, and choose between the documents and the bin."""
        self.choose(options)
        return super().find_one(*args, **options)

    def update(self, *args: Any, expecting: Any = None, forced: bool = False, **options: Any) -> Any:
        """Change what is found.

        Args:
            args: the modifications.
            expecting: the document as its writer knows it: it is refused where another version is stored; in the bin or not.
            forced: it is written whatever version is stored.
            options: those of Beanie.
        """
        if expecting is None:
            return super().update(*args, **options)
        self.deleted = None
        if not forced:
            self.find_expressions.append({VERSION: expecting.version})
        update: Any = super().update(*args, **options)
        update.expecting = expecting
        return update

    async def replace_one(
        self, document: Any, session: AsyncClientSession | None = None, bulk_writer: BulkWriter | None = None
    ) -> UpdateResult:
        """Replace what is found by a document; refused where it is the same document and another version is stored.

        Raises:
            Conflict: it has another version.
            NotFound: the document is gone.
            DocumentNotFound: nothing was found that another document could replace.
            NotSupported: a bulk writer cannot tell that a document has another version.
        """
        if bulk_writer is not None:
            raise NotSupported("a bulk writer cannot tell that a document has another version; write it without")
        query = self.get_filter_query()
        same = query.get("_id") == document.id
        if same:
            query = {name: value for name, value in query.items() if name != FLAG} | {VERSION: document.version}
        content = {name: value for name, value in get_dict(document, to_db=True).items() if name not in KEPT}
        kept = {"_id": "$_id", VERSION: f"${VERSION}", UPDATED: f"${UPDATED}"}
        change = with_version_bump([{"$replaceWith": {"$mergeObjects": [{"$literal": content}, kept]}}], now())
        collection = self.document_model.get_pymongo_collection()
        try:
            written = await collection.find_one_and_update(
                query, change, {VERSION: 1, UPDATED: 1}, return_document=ReturnDocument.AFTER, session=session or self.session
            )
        except DuplicateKeyError as error:
            raise duplicate_error(self.document_model, error) from error
        if written is None and same:
            await refuse(document, session or self.session)
        if written is None:
            raise DocumentNotFound
        if same:
            document.version, document.updated_at = written[VERSION], written[UPDATED]
        return UpdateResult({"n": 1, "nModified": 1, "updatedExisting": True}, acknowledged=True)

    async def count(self) -> int:
        """How many documents fit the filter."""
        return await self._all().count() if self.fetch_links else await super().count()

    async def _find_one(self) -> Any:
        return await self._all().first_or_none() if self.fetch_links else await super()._find_one()  # type: ignore[no-untyped-call]  # Beanie's

    def _all(self) -> Any:
        """The same search with links, which Beanie does by a pipeline."""
        return self.document_model.find_many(
            *self.find_expressions,
            deleted=self.deleted,
            session=self.session,
            fetch_links=True,
            projection_model=self.projection_model,
            nesting_depth=self.nesting_depth,
            nesting_depths_per_field=self.nesting_depths_per_field,
            **self.pymongo_kwargs,
        )

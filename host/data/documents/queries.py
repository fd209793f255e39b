"""Beanie's find queries with the rules of :class:`~host.data.documents.document.Document`: they exclude soft-deleted documents.

``deleted=True`` finds only soft-deleted documents, ``deleted=None`` finds all, and a filter that mentions ``isDeleted`` is used as
it is: what the caller asks for explicitly takes precedence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

from beanie import BulkWriter
from beanie.exceptions import DocumentNotFound, NotSupported
from pydantic import BaseModel
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.results import UpdateResult

from host.common.compat.beanie import adopt, get_dict
from host.common.compat.beanie import find as beanie_find
from host.data.documents.fields import now
from host.data.documents.version_check import VERSION, raise_conflict
from host.data.documents.writes import (
    IS_DELETED,
    READ_ONLY_STORED_FIELDS,
    UPDATED_AT,
    DeleteMany,
    DeleteOne,
    UpdateMany,
    UpdateOne,
    duplicate_error,
    with_version_bump,
)

_LOGICAL_OPERATORS: Final = ("$and", "$or", "$nor")

Found = TypeVar("Found", bound=BaseModel)


def mentions_is_deleted(query: Mapping[str, Any]) -> bool:
    """Return whether a filter itself decides between deleted documents and others."""
    return IS_DELETED in query or any(mentions_is_deleted(part) for name in _LOGICAL_OPERATORS for part in query.get(name, ()))


def exclude_deleted(stages: list[dict[str, Any]]) -> None:
    """Make the lookups of a pipeline, nested ones included, find no soft-deleted documents."""
    for stage in stages:
        if (lookup := stage.get("$lookup")) is not None:
            nested = lookup.setdefault("pipeline", [])
            exclude_deleted(nested)
            # $ne also matches documents of classes that have no such field.
            nested.insert(0, {"$match": {IS_DELETED: {"$ne": True}}})


class _SoftDeleteFilterMixin:
    """What both find queries add to Beanie's: the filter for soft-deleted documents."""

    deleted: bool | None = False

    def get_filter_query(self) -> dict[str, Any]:
        """Return the filter, with the condition on soft-deleted documents."""
        query: dict[str, Any] = super().get_filter_query()  # type: ignore[misc]  # of the query it is mixed into
        return query if self.deleted is None or mentions_is_deleted(query) else {**query, IS_DELETED: self.deleted}

    def pop_deleted(self, options: dict[str, Any]) -> None:
        """Move ``deleted`` from the arguments for pymongo to this query.

        Raises:
            TypeError: ``deleted`` is neither a bool nor ``None``.
        """
        deleted = options.pop("deleted", self.deleted)
        if deleted is not None and not isinstance(deleted, bool):
            raise TypeError(f"deleted is True, False or None for both, not {deleted!r}")
        self.deleted = deleted

    def take_deleted(self) -> Any:
        """Do the same with a query that Beanie has made."""
        self.pop_deleted(self.pymongo_kwargs)  # type: ignore[attr-defined]  # of the query it is mixed into
        return self

    def delete(self, *args: Any, **options: Any) -> Any:
        """Soft-delete what matches."""
        return adopt(self.DeleteQueryType, super().delete(*args, **options))  # type: ignore[attr-defined,misc]  # idem

    def update(self, *args: Any, **options: Any) -> Any:
        """Update what matches."""
        return adopt(self.UpdateQueryType, super().update(*args, **options))  # type: ignore[attr-defined,misc]  # idem

    def upsert(self, *args: Any, **options: Any) -> Any:
        """Update what matches, or insert a document."""
        return adopt(self.UpdateQueryType, super().upsert(*args, **options))  # type: ignore[attr-defined,misc]  # idem


class FindMany(_SoftDeleteFilterMixin, beanie_find.FindMany[Found], Generic[Found]):
    """Finds documents."""

    UpdateQueryType = UpdateMany
    DeleteQueryType = DeleteMany

    def find_many(self, *args: Any, **options: Any) -> Any:
        """Add to the filter; ``deleted`` selects soft-deleted documents, others, or both."""
        self.pop_deleted(options)
        return super().find_many(*args, **options)

    def build_aggregation_pipeline(self, *extra_stages: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the pipeline, in which fetched links exclude soft-deleted documents too."""
        stages = super().build_aggregation_pipeline(*extra_stages)
        if self.fetch_links and self.deleted is False:
            # The caller's own stages stay as they are. By identity, since dictionaries are not hashable.
            callers = {id(stage) for stage in extra_stages}
            exclude_deleted([stage for stage in stages if id(stage) not in callers])
        return stages


class FindOne(_SoftDeleteFilterMixin, beanie_find.FindOne[Found], Generic[Found]):
    """Finds one document."""

    UpdateQueryType = UpdateOne
    DeleteQueryType = DeleteOne

    def find_one(self, *args: Any, **options: Any) -> Any:
        """Add to the filter; ``deleted`` selects soft-deleted documents, others, or both."""
        self.pop_deleted(options)
        return super().find_one(*args, **options)

    def update(self, *args: Any, expecting: Any = None, forced: bool = False, **options: Any) -> Any:
        """Update the document that matches.

        Args:
            args: the modifications.
            expecting: the document in memory; the update is refused if another version is stored, soft-deleted or not.
            forced: write whatever version is stored.
            options: Beanie's.
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
        """Replace the document that matches; refuse it if it is the same document and another version is stored.

        Raises:
            Conflict: another version is stored.
            NotFound: the document was removed.
            DocumentNotFound: no other document matches that could be replaced.
            NotSupported: a bulk writer is passed, which cannot report a version conflict.
        """
        if bulk_writer is not None:
            raise NotSupported("a bulk writer cannot report a version conflict; replace the document without one")
        query = self.get_filter_query()
        same = query.get("_id") == document.id
        if same:
            query = {name: value for name, value in query.items() if name != IS_DELETED} | {VERSION: document.version}
        content = {name: value for name, value in get_dict(document, to_db=True).items() if name not in READ_ONLY_STORED_FIELDS}
        # A pipeline instead of replace_one: only a pipeline can keep fields of the stored document. $literal, as strings of the
        # content may begin with a dollar sign.
        maintained = {"_id": "$_id", VERSION: f"${VERSION}", UPDATED_AT: f"${UPDATED_AT}"}
        change = with_version_bump([{"$replaceWith": {"$mergeObjects": [{"$literal": content}, maintained]}}], now())
        collection = self.document_model.get_pymongo_collection()
        try:
            written = await collection.find_one_and_update(
                query, change, {VERSION: 1, UPDATED_AT: 1}, return_document=ReturnDocument.AFTER, session=session or self.session
            )
        except DuplicateKeyError as error:
            raise duplicate_error(self.document_model, error) from error
        if written is None and same:
            await raise_conflict(document, session or self.session)
        if written is None:
            raise DocumentNotFound
        if same:
            document.version, document.updated_at = written[VERSION], written[UPDATED_AT]
        return UpdateResult({"n": 1, "nModified": 1, "updatedExisting": True}, acknowledged=True)

    async def count(self) -> int:
        """Return the number of documents that match."""
        return await self._all().count() if self.fetch_links else await super().count()

    def __await__(self) -> Any:
        return self._all().first_or_none().__await__() if self.fetch_links else super().__await__()

    def _all(self) -> Any:
        """Return the same query as a ``FindMany``: with links, Beanie reads by a pipeline, which ``FindOne`` cannot count."""
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

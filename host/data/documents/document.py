"""The base class of documents: UUIDs, timestamps, an owner, soft delete, and protection against lost updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import beanie
from beanie import BulkWriter, Delete, DeleteRules, WriteRules
from beanie.exceptions import NotSupported
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.results import DeleteResult, InsertManyResult

from host.common.compat.beanie import wrap_with_actions
from host.data.documents.changes import change
from host.data.documents.errors import NotFound
from host.data.documents.fields import as_identifier, now
from host.data.documents.reading import Findable
from host.data.documents.version_check import VERSION
from host.data.documents.writes import IS_DELETED, UPDATED_AT, duplicate_error, with_version_bump

#: See https://www.mongodb.com/docs/manual/reference/error-codes/
_DUPLICATE_KEY: Final = 11000


class Document(Findable):
    """Base class of a plugin's documents. In the database and on the wire, field names are camelCase.

    All reading methods (``find``, ``find_one``, ``find_many``, ``find_all``, ``all``, ``get``, ``count``, ``aggregate``,
    ``distinct``) accept ``deleted``: ``False``, the default, excludes soft-deleted documents, ``True`` finds only those, ``None``
    finds both. A filter that mentions ``isDeleted`` takes precedence.

    Args:
        id: a UUID; a new one by default.
        version: 1 for a new document, incremented with each write; a write based on another version is refused.
        tags: arbitrary strings.
        owner: the id of the user who owns the document.
        last_editor: the id of the user who last changed it.
        is_deleted: whether it is soft-deleted: still stored, but excluded from reads.
        created_at: when it was created.
        updated_at: when it was last written; never decreases.
    """

    async def insert(
        self,
        *,
        link_rule: WriteRules = WriteRules.DO_NOTHING,
        session: AsyncClientSession | None = None,
        skip_actions: list[Any] | None = None,
    ) -> Self:
        """Insert a new document.

        Raises:
            Conflict: the id, or another value that must be unique, is already used.
            ValueError: the id is not a UUID.
        """
        self.id = as_identifier(self.id)
        try:
            await super().insert(link_rule=link_rule, session=session, skip_actions=skip_actions)
        except DuplicateKeyError as error:
            raise duplicate_error(type(self), error) from error
        self._stored = True
        return self

    @classmethod
    async def insert_many(
        cls,
        documents: Iterable[Self],
        session: AsyncClientSession | None = None,
        link_rule: WriteRules = WriteRules.DO_NOTHING,
        **pymongo_kwargs: Any,
    ) -> InsertManyResult:
        """Insert new documents in order. Outside a transaction, those before a refused one stay inserted.

        Raises:
            Conflict: an id, or another value that must be unique, is already used.
            ValueError: an id is not a UUID.
        """
        documents = list(documents)
        for document in documents:
            document.id = as_identifier(document.id)
        written = len(documents)
        try:
            return await super().insert_many(documents, session=session, link_rule=link_rule, **pymongo_kwargs)
        except BulkWriteError as error:
            problems = error.details.get("writeErrors", []) if error.details else []
            written = error.details.get("nInserted", 0) if error.details else 0
            if problems and problems[0].get("code") == _DUPLICATE_KEY:
                raise duplicate_error(cls, DuplicateKeyError("", _DUPLICATE_KEY, problems[0])) from error
            raise
        finally:
            for document in documents[:written]:
                document.mark_stored()

    async def update(
        self,
        *args: dict[Any, Any] | Mapping[Any, Any],
        ignore_revision: bool = False,
        session: AsyncClientSession | None = None,
        bulk_writer: BulkWriter | None = None,
        skip_actions: list[Any] | None = None,
        skip_sync: bool | None = None,
        **pymongo_kwargs: Any,
    ) -> Self:
        """Update the stored document if its version is that of this one; ``save``, ``set`` and the like call this.

        With ``ignore_revision``, write whatever version is stored.

        Raises:
            Conflict: another version is stored, given in ``extra``; nothing was written.
            NotFound: the document was removed.
            NotSupported: a bulk writer is passed, which cannot report a version conflict.
        """
        if bulk_writer is not None:
            raise NotSupported("a bulk writer cannot report a version conflict; update the document without one")
        if pymongo_kwargs.pop("upsert", False) and not self.is_stored:
            return await self.insert(session=session, skip_actions=skip_actions)
        return await super().update(
            *args,
            ignore_revision=ignore_revision,
            session=session,
            skip_actions=skip_actions,
            skip_sync=skip_sync,
            expecting=self,
            forced=ignore_revision,
            **pymongo_kwargs,
        )

    @classmethod
    async def replace_many(cls, documents: list[Self], session: AsyncClientSession | None = None) -> None:
        """Replace documents one after the other; for all or none, call this in a transaction.

        Raises:
            Conflict: another version of a document is stored.
            NotFound: a document was removed.
        """
        for document in documents:
            await document.replace(session=session)

    @classmethod
    async def change(
        cls, query: Mapping[Any, Any] | bool, fields: Mapping[str, Any], editor: str | None = None, *, deleted: bool | None = False
    ) -> tuple[Self, Self] | None:
        """Set fields of the first document that matches, in one atomic step.

        The version is incremented, and ``updated_at`` never decreases.

        Args:
            query: the filter; with ``version`` in it, only that version is changed.
            fields: values by the names of the fields in Python.
            editor: the id of the user who changes it; ``None`` leaves ``last_editor`` as it is.
            deleted: ``True`` to look among the soft-deleted documents, ``None`` among all.

        Returns:
            The document before and after the change, or ``None`` if none matches.

        Raises:
            Conflict: another document has a value that must be unique.
            ValueError: a field does not exist or is written by the host only, or a value is not valid.
        """
        if editor is not None:
            fields = {**fields, "last_editor": editor}
        return await change(cls, query, fields, deleted=deleted)

    @wrap_with_actions(Delete)
    async def delete(
        self,
        session: AsyncClientSession | None = None,
        bulk_writer: BulkWriter | None = None,
        link_rule: DeleteRules = DeleteRules.DO_NOTHING,
        skip_actions: list[Any] | None = None,  # noqa: ARG002 - read by the decorator
        **pymongo_kwargs: Any,
    ) -> DeleteResult | None:
        """Soft-delete the document, whatever its version; do nothing if it is soft-deleted already.

        Args:
            session: pymongo's session.
            bulk_writer: Beanie's bulk writer; the document in memory then stays unchanged.
            link_rule: whether linked documents are soft-deleted too.
            skip_actions: events of Beanie to skip.
            pymongo_kwargs: arguments for pymongo.

        Returns:
            How many documents were soft-deleted, 0 or 1; ``None`` with a bulk writer.
        """
        if link_rule is DeleteRules.DELETE_LINKS:
            for linked in self._linked():
                await linked.delete(session=session, link_rule=link_rule)
        if bulk_writer is not None:
            query = type(self).find_one({"_id": self.id}).delete(session=session, bulk_writer=bulk_writer, **pymongo_kwargs)
            return await query
        changed = await self._set_deleted(True, session=session, **pymongo_kwargs)
        return DeleteResult({"n": int(changed)}, acknowledged=True)

    async def restore(self, session: AsyncClientSession | None = None) -> Self:
        """Restore the soft-deleted document, whatever its version; do nothing if it is not soft-deleted.

        Raises:
            NotFound: the document was permanently removed.
            Conflict: another document has a value that must be unique.
        """
        if not await self._set_deleted(False, session=session):
            stored = await type(self).get(self.id, session=session, deleted=None, with_children=True)
            if stored is None:
                raise NotFound(f"{type(self).__name__} {self.id} does not exist")
            self._refresh({IS_DELETED: stored.is_deleted, VERSION: stored.version, UPDATED_AT: stored.updated_at}, stored.version)
        return self

    @wrap_with_actions(Delete)
    async def hard_delete(
        self,
        session: AsyncClientSession | None = None,
        skip_actions: list[Any] | None = None,  # noqa: ARG002 - read by the decorator
    ) -> bool:
        """Permanently remove the document, soft-deleted or not.

        Returns:
            Whether the document existed.
        """
        result = await self.get_pymongo_collection().delete_one({"_id": self.id}, session=session)
        self._stored = False
        return result.deleted_count == 1

    @classmethod
    async def hard_delete_many(
        cls, *filters: Mapping[Any, Any] | bool, deleted: bool | None = True, session: AsyncClientSession | None = None
    ) -> int:
        """Permanently remove documents: only soft-deleted ones, unless ``deleted`` says otherwise.

        Returns:
            The number of removed documents.
        """
        query = cls.find(*filters, deleted=deleted).get_filter_query()
        return (await cls.get_pymongo_collection().delete_many(query, session=session)).deleted_count

    async def _set_deleted(self, deleted: bool, *, session: AsyncClientSession | None, **pymongo_kwargs: Any) -> bool:
        try:
            stored = await self.get_pymongo_collection().find_one_and_update(
                {"_id": self.id, IS_DELETED: not deleted},
                with_version_bump({"$set": {IS_DELETED: deleted}}, now()),
                {IS_DELETED: 1, VERSION: 1, UPDATED_AT: 1},
                return_document=ReturnDocument.AFTER,
                session=session,
                **pymongo_kwargs,
            )
        except DuplicateKeyError as error:
            raise duplicate_error(type(self), error) from error
        if stored is not None:
            self._refresh(stored, stored[VERSION] - 1)
        return stored is not None

    def _refresh(self, stored: Mapping[str, Any], previous_version: int) -> None:
        """Copy the maintained fields of the stored document.

        A stale copy keeps its version: with the stored one, it could be saved over the changes of others.
        """
        self.is_deleted = stored[IS_DELETED]
        if self.version == previous_version:
            self.version, self.updated_at = stored[VERSION], stored[UPDATED_AT]

    def _linked(self) -> list[beanie.Document]:
        values = [getattr(self, name) for name in self.get_link_fields() or {}]
        linked = [item for value in values for item in (value if isinstance(value, list) else [value])]
        return [item for item in linked if isinstance(item, beanie.Document)]  # without links that were not fetched

"""What all documents of plugins can have (rows R10, R11): a UUID, times, an owner, a bin, and no lost writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import beanie
from beanie import DeleteRules, WriteRules
from beanie.exceptions import NotSupported
from beanie.odm.actions import ActionDirections, EventTypes, wrap_with_actions
from beanie.odm.bulk import BulkWriter
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.results import DeleteResult, InsertManyResult

from host.data.documents.changes import change
from host.data.documents.errors import NotFound
from host.data.documents.fields import as_identifier, now
from host.data.documents.reading import Findable
from host.data.documents.writes import FLAG, UPDATED, VERSION, duplicate_error, with_version_bump

#: See https://www.mongodb.com/docs/manual/reference/error-codes/
_DUPLICATE: Final = 11000


class Document(Findable):
    """Base of a plugin's documents. In the database and on the wire its fields are named in camelCase.

    All that reads (``find``, ``find_one``, ``find_many``, ``find_all``, ``all``, ``get``, ``count``, ``aggregate``, ``distinct``)
    takes ``deleted``: ``False`` leaves deleted documents out, ``True`` finds only them, ``None`` both. A filter that names
    ``is_deleted`` itself decides.

    Args:
        id: a UUID, a new one unless it is given.
        version: 1 for a new document, one more with each write; a write of another version is refused.
        tags: free words.
        owner: the id of the user whose it is.
        last_editor: the id of the user who wrote it last.
        is_deleted: in the bin: kept, but not found.
        created_at: when it was made.
        updated_at: when it was written last; it never falls.
    """

    async def insert(
        self,
        *,
        link_rule: WriteRules = WriteRules.DO_NOTHING,
        session: AsyncClientSession | None = None,
        skip_actions: list[ActionDirections | str] | None = None,
    ) -> Self:
        """Write a new document.

        Raises:
            Conflict: its id is used, or another unique value of it (row R10).
            ValueError: its id is no UUID.
        """
        self.id = as_identifier(self.id)
        try:
            return await super().insert(link_rule=link_rule, session=session, skip_actions=skip_actions)
        except DuplicateKeyError as error:
            raise duplicate_error(type(self), error) from error

    @classmethod
    async def insert_many(
        cls,
        documents: Iterable[Self],
        session: AsyncClientSession | None = None,
        link_rule: WriteRules = WriteRules.DO_NOTHING,
        **pymongo_kwargs: Any,
    ) -> InsertManyResult:
        """Write new documents, in their order; those before one that is refused are written, unless it is in a transaction.

        Raises:
            Conflict: an id is used, or another unique value.
            ValueError: an id is no UUID.
        """
        made = list(documents)
        for document in made:
            document.id = as_identifier(document.id)
        written = len(made)
        try:
            return await super().insert_many(made, session=session, link_rule=link_rule, **pymongo_kwargs)
        except BulkWriteError as error:
            problems = error.details.get("writeErrors", []) if error.details else []
            written = error.details.get("nInserted", 0) if error.details else 0
            if problems and problems[0].get("code") == _DUPLICATE:
                raise duplicate_error(cls, DuplicateKeyError("", _DUPLICATE, problems[0])) from error
            raise
        finally:
            for document in made[:written]:
                document._save_state()  # noqa: SLF001 - of the same class

    async def update(
        self,
        *args: dict[Any, Any] | Mapping[Any, Any],
        ignore_revision: bool = False,
        session: AsyncClientSession | None = None,
        bulk_writer: BulkWriter | None = None,
        skip_actions: list[ActionDirections | str] | None = None,
        skip_sync: bool | None = None,
        **pymongo_kwargs: Any,
    ) -> Self:
        """Change the stored document, where it has the version that this one has; ``save``, ``set`` and the like end here.

        With ``ignore_revision`` it is written whatever version it has.

        Raises:
            Conflict: it has another version by now, which ``extra`` tells; nothing was written.
            NotFound: it was removed meanwhile.
            NotSupported: a bulk writer cannot tell that a document has another version.
        """
        if bulk_writer is not None:
            raise NotSupported("a bulk writer cannot tell that a document has another version; write it without")
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
        """Replace documents one by one; run it in a transaction for all or none.

        Raises:
            Conflict: one has another version by now.
            NotFound: one was removed meanwhile.
        """
        for document in documents:
            await document.replace(session=session)

    @classmethod
    async def change(
        cls, query: Mapping[Any, Any] | bool, fields: Mapping[str, Any], editor: str | None = None, *, deleted: bool | None = False
    ) -> tuple[Self, Self] | None:
        """Set fields of the first document that fits, in one step; its version grows, and ``updated_at`` never falls.

        Args:
            query: which; with ``version`` in it, only that version is changed.
            fields: values by the names that the fields have in Python.
            editor: the id of the user who does it, ``None`` to leave ``last_editor`` as it is.
            deleted: whether it is looked for in the bin.

        Returns:
            the document before and after, ``None`` where none fits.

        Raises:
            Conflict: another document has a value that is unique.
            ValueError: a field that there is not, that only the host writes, or a value that does not fit it.
        """
        given = fields if editor is None else {**fields, "last_editor": editor}
        return await change(cls, query, given, deleted=deleted)

    @wrap_with_actions(EventTypes.DELETE)
    async def delete(
        self,
        session: AsyncClientSession | None = None,
        bulk_writer: BulkWriter | None = None,
        link_rule: DeleteRules = DeleteRules.DO_NOTHING,
        skip_actions: list[ActionDirections | str] | None = None,  # noqa: ARG002 - the decorator's
        **pymongo_kwargs: Any,
    ) -> DeleteResult | None:
        """Put the document into the bin, whatever its version; nothing happens where it is there already.

        Args:
            session: pymongo's.
            bulk_writer: Beanie's; the document in memory does not change then.
            link_rule: whether what it links to is deleted too.
            skip_actions: Beanie's events that are left out.
            pymongo_kwargs: what pymongo takes.

        Returns:
            how many documents went into the bin, 0 or 1.
        """
        if link_rule is DeleteRules.DELETE_LINKS:
            for linked in self._linked():
                await linked.delete(session=session, link_rule=link_rule)
        if bulk_writer is not None:
            query = type(self).find_one({"_id": self.id}).delete(session=session, bulk_writer=bulk_writer, **pymongo_kwargs)
            return await query
        moved = await self._move(deleted=True, session=session, **pymongo_kwargs)
        return DeleteResult({"n": int(moved)}, acknowledged=True)

    async def restore(self, session: AsyncClientSession | None = None) -> Self:
        """Take the document out of the bin, whatever its version; nothing happens where it is not there.

        Raises:
            NotFound: it was removed for good.
            Conflict: another document has a value that is unique.
        """
        if not await self._move(deleted=False, session=session):
            stored = await type(self).get(self.id, session=session, deleted=None, with_children=True)
            if stored is None:
                raise NotFound(f"there is no {type(self).__name__} {self.id}")
            self._follow({FLAG: stored.is_deleted, VERSION: stored.version, UPDATED: stored.updated_at}, stored.version)
        return self

    @wrap_with_actions(EventTypes.DELETE)
    async def hard_delete(
        self,
        session: AsyncClientSession | None = None,
        skip_actions: list[ActionDirections | str] | None = None,  # noqa: ARG002 - the decorator's
    ) -> bool:
        """Remove the document for good, in the bin or not.

        Returns:
            whether it was there.
        """
        removed = await self.get_pymongo_collection().delete_one({"_id": self.id}, session=session)
        self._stored = False
        return removed.deleted_count == 1

    @classmethod
    async def hard_delete_many(
        cls, *filters: Mapping[Any, Any] | bool, deleted: bool | None = True, session: AsyncClientSession | None = None
    ) -> int:
        """Remove documents for good; those in the bin, unless ``deleted`` says otherwise.

        Returns:
            how many were removed.
        """
        query = cls.find(*filters, deleted=deleted).get_filter_query()
        return (await cls.get_pymongo_collection().delete_many(query, session=session)).deleted_count

    async def _move(self, *, deleted: bool, session: AsyncClientSession | None, **pymongo_kwargs: Any) -> bool:
        try:
            moved = await self.get_pymongo_collection().find_one_and_update(
                {"_id": self.id, FLAG: not deleted},
                with_version_bump({"$set": {FLAG: deleted}}, now()),
                {FLAG: 1, VERSION: 1, UPDATED: 1},
                return_document=ReturnDocument.AFTER,
                session=session,
                **pymongo_kwargs,
            )
        except DuplicateKeyError as error:
            raise duplicate_error(type(self), error) from error
        if moved is not None:
            self._follow(moved, moved[VERSION] - 1)
        return moved is not None

    def _follow(self, stored: Mapping[str, Any], before: int) -> None:
        """Take over what is stored; a copy that was stale stays so, or it could be saved over what others wrote."""
        self.is_deleted = stored[FLAG]
        if self.version == before:
            self.version, self.updated_at = stored[VERSION], stored[UPDATED]

    def _linked(self) -> list[beanie.Document]:
        values = [getattr(self, name) for name in self.get_link_fields() or {}]
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        return [one for one in flat if isinstance(one, beanie.Document)]

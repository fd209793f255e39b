"""Beanie's update and delete queries with the rules of :class:`~host.data.documents.document.Document`.

Each write increments ``version`` and never decreases ``updatedAt``; a delete query soft-deletes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from beanie.exceptions import NotSupported
from pymongo import UpdateMany as UpdateManyOperation
from pymongo import UpdateOne as UpdateOneOperation
from pymongo.errors import DuplicateKeyError
from pymongo.results import DeleteResult

from host.common.compat.beanie import delete as beanie_delete
from host.common.compat.beanie import get_dict
from host.common.compat.beanie import update as beanie_update
from host.data.documents.errors import Conflict
from host.data.documents.fields import now
from host.data.documents.version_check import VERSION, raise_conflict

if TYPE_CHECKING:
    from beanie import Document

    from host.data.documents.version_check import Versioned

#: Stored names of the fields that the host maintains.
IS_DELETED: Final = "isDeleted"
UPDATED_AT: Final = "updatedAt"

#: Stored names of the fields that an update cannot write: only the host does.
READ_ONLY_STORED_FIELDS: Final = frozenset({"_id", VERSION, UPDATED_AT})


def with_version_bump(update: Any, timestamp: datetime) -> Any:
    """Return an update that also increments the version and sets ``updatedAt``.

    ``updatedAt`` is raised with ``$max``: the clocks of two machines may differ, and it must not decrease.

    Args:
        update: MongoDB update operators, or a pipeline.
        timestamp: the time of the write.

    Raises:
        ValueError: the update itself writes the id, the version or ``updatedAt``.
    """
    if isinstance(update, list):
        version = {"$add": [{"$ifNull": [f"${VERSION}", 0]}, 1]}
        return [*update, {"$set": {VERSION: version, UPDATED_AT: {"$max": [f"${UPDATED_AT}", timestamp]}}}]
    update = dict(update or {})
    for fields in update.values():
        if isinstance(fields, Mapping) and (read_only := READ_ONLY_STORED_FIELDS & fields.keys()):
            raise ValueError(f"{', '.join(sorted(read_only))} cannot be written: the host maintains it")
    return {**update, "$inc": {**update.get("$inc", {}), VERSION: 1}, "$max": {**update.get("$max", {}), UPDATED_AT: timestamp}}


def duplicate_error(model: type[Any], error: DuplicateKeyError) -> Conflict:
    """Build the 409 response for a value that must be unique and that another document already has."""
    fields = list((error.details or {}).get("keyPattern", {}))
    what = "id" if fields == ["_id"] else " and ".join(fields) or "value of a unique field"
    return Conflict(f"another {model.__name__} has this {what}")


class _VersionBumpMixin:
    """What both update queries add to Beanie's: the version bump, and the check for a conflict."""

    expecting: Versioned | None = None

    @property
    def update_query(self) -> Any:
        update = super().update_query  # type: ignore[misc]  # of the query it is mixed into
        if self.expecting is not None and isinstance(update, dict):
            # Document.save() sets all fields, the maintained ones included: drop those that are unchanged, and let
            # with_version_bump refuse the others.
            own = get_dict(cast("Document", self.expecting), to_db=True)
            written = {
                name: value
                for name, value in update.get("$set", {}).items()
                if name not in READ_ONLY_STORED_FIELDS or value != own[name]
            }
            # MongoDB refuses an empty $set.
            update = {**update, "$set": written} if written else {name: value for name, value in update.items() if name != "$set"}
        return with_version_bump(update, now())

    def __await__(self) -> Any:
        return self._checked(super().__await__()).__await__()  # type: ignore[misc]  # of the query it is mixed into

    async def _checked(self, writing: Any) -> Any:
        if self.pymongo_kwargs.get("upsert"):  # type: ignore[attr-defined]  # of the query it is mixed into
            raise NotSupported("upsert=True would create a document without its defaults; call .upsert(…, on_insert=document)")
        try:
            result = await _Awaiting(writing)
        except DuplicateKeyError as error:
            raise duplicate_error(self.document_model, error) from error  # type: ignore[attr-defined]  # of the query it is mixed into
        if result is None and self.expecting is not None:
            await raise_conflict(self.expecting, self.session)  # type: ignore[attr-defined]  # of the query it is mixed into
        return result


class _Awaiting:
    """Awaits what a query iterates over when it is awaited."""

    def __init__(self, steps: Any) -> None:
        self._steps = steps

    def __await__(self) -> Any:
        return self._steps


class UpdateMany(_VersionBumpMixin, beanie_update.UpdateMany):
    """Updates all documents that match."""


class UpdateOne(_VersionBumpMixin, beanie_update.UpdateOne):
    """Updates one document that matches."""


class _SoftDeleteMixin:
    """What both delete queries have in common: they flag documents as deleted and never remove any."""

    find_query: Mapping[str, Any]

    def _soft_delete_arguments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the filter and the update for pymongo."""
        return {"$and": [dict(self.find_query), {IS_DELETED: False}]}, with_version_bump({"$set": {IS_DELETED: True}}, now())


class DeleteMany(_SoftDeleteMixin, beanie_delete.DeleteMany):
    """Soft-deletes all documents that match."""

    def __await__(self) -> Any:
        return self._run().__await__()

    async def _run(self) -> DeleteResult | None:
        arguments = self._soft_delete_arguments()
        if self.bulk_writer is not None:
            self.bulk_writer.add_operation(self.document_model, UpdateManyOperation(*arguments, **self.pymongo_kwargs))
            return None
        collection = self.document_model.get_pymongo_collection()
        result = await collection.update_many(*arguments, session=self.session, **self.pymongo_kwargs)
        return DeleteResult({"n": result.modified_count}, acknowledged=result.acknowledged)


class DeleteOne(_SoftDeleteMixin, beanie_delete.DeleteOne):
    """Soft-deletes one document that matches."""

    def __await__(self) -> Any:
        return self._run().__await__()

    async def _run(self) -> DeleteResult | None:
        arguments = self._soft_delete_arguments()
        if self.bulk_writer is not None:
            self.bulk_writer.add_operation(self.document_model, UpdateOneOperation(*arguments, **self.pymongo_kwargs))
            return None
        collection = self.document_model.get_pymongo_collection()
        result = await collection.update_one(*arguments, session=self.session, **self.pymongo_kwargs)
        return DeleteResult({"n": result.modified_count}, acknowledged=result.acknowledged)

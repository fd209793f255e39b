"""Beanie's updates and deletions with the rules of :class:`~host.data.documents.document.Document`.

Each write raises ``version`` by one and never lowers ``updatedAt``; what is deleted by a query goes into the bin.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from beanie.exceptions import NotSupported
from beanie.odm.queries import delete as beanie_delete
from beanie.odm.queries import update as beanie_update
from beanie.odm.utils.dump import get_dict
from pymongo import UpdateMany as UpdateManyOperation
from pymongo import UpdateOne as UpdateOneOperation
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.results import DeleteResult

from host.data.documents.errors import Conflict, NotFound
from host.data.documents.fields import now

if TYPE_CHECKING:
    from beanie import Document

    from host.data.documents.versioned import Versioned

FLAG: Final = "isDeleted"
VERSION: Final = "version"
UPDATED: Final = "updatedAt"

#: What only the host writes.
KEPT: Final = frozenset({"_id", VERSION, UPDATED})


def with_version_bump(update: Any, moment: datetime) -> Any:
    """An update that also raises the version and ``updatedAt``, which never falls.

    Args:
        update: MongoDB's operators, or a pipeline.
        moment: of the write.

    Raises:
        ValueError: it writes the id, the version or ``updatedAt`` itself.
    """
    if isinstance(update, list):
        version = {"$add": [{"$ifNull": [f"${VERSION}", 0]}, 1]}
        return [*update, {"$set": {VERSION: version, UPDATED: {"$max": [f"${UPDATED}", moment]}}}]
    update = dict(update or {})
    for fields in update.values():
        if isinstance(fields, Mapping) and (wrong := KEPT & fields.keys()):
            raise ValueError(f"{', '.join(sorted(wrong))} cannot be written: the host keeps it")
    return {**update, "$inc": {**update.get("$inc", {}), VERSION: 1}, "$max": {**update.get("$max", {}), UPDATED: moment}}


def duplicate_error(model: type[Any], error: DuplicateKeyError) -> Conflict:
    """What a client is told of a value that another document has already."""
    fields = list((error.details or {}).get("keyPattern", {}))
    what = "id" if fields == ["_id"] else " and ".join(fields) or "value of a unique field"
    return Conflict(f"another {model.__name__} has this {what}")


async def refuse(document: Versioned, session: AsyncClientSession | None) -> NoReturn:
    """Say why a document was not written: it has another version by now, or is gone.

    Raises:
        Conflict: the one.
        NotFound: the other.
    """
    name = type(document).__name__
    stored = await type(document).get_pymongo_collection().find_one({"_id": document.id}, {VERSION: 1}, session=session)
    if stored is None:
        raise NotFound(f"there is no {name} {document.id}")
    version = stored.get(VERSION, 0)
    raise Conflict(f"the {name} {document.id} has version {version} by now, not {document.version}", version=version)


class _Counting:
    """The half that both update queries have."""

    expecting: Versioned | None = None

    @property
    def update_query(self) -> Any:
        update = super().update_query  # type: ignore[misc]  # of the query it is mixed into
        if self.expecting is not None and isinstance(update, dict):
            own = get_dict(cast("Document", self.expecting), to_db=True)
            kept = {name: value for name, value in update.get("$set", {}).items() if name not in KEPT or value != own[name]}
            update = {**update, "$set": kept} if kept else {name: value for name, value in update.items() if name != "$set"}
        return with_version_bump(update, now())

    async def _update(self) -> Any:
        if self.pymongo_kwargs.get("upsert"):  # type: ignore[attr-defined]  # of the query it is mixed into
            raise NotSupported("upsert=True would make a document without its defaults; call .upsert(…, on_insert=document)")
        try:
            result = await super()._update()  # type: ignore[misc]  # of the query it is mixed into
        except DuplicateKeyError as error:
            raise duplicate_error(self.document_model, error) from error  # type: ignore[attr-defined]  # of the query it is mixed into
        if result is None and self.expecting is not None:
            await refuse(self.expecting, self.session)  # type: ignore[attr-defined]  # of the query it is mixed into
        return result


class UpdateMany(_Counting, beanie_update.UpdateMany):
    """Changes all documents that were found."""


class UpdateOne(_Counting, beanie_update.UpdateOne):
    """Changes one document that was found."""


class _Binning:
    """The half that both delete queries have: they put documents into the bin, and never remove any for good."""

    find_query: Mapping[str, Any]

    def _into_bin(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"$and": [dict(self.find_query), {FLAG: False}]}, with_version_bump({"$set": {FLAG: True}}, now())


class DeleteMany(_Binning, beanie_delete.DeleteMany):
    """Puts all documents that were found into the bin."""

    def __await__(self) -> Any:
        return self._run().__await__()

    async def _run(self) -> DeleteResult | None:
        if self.bulk_writer is not None:
            self.bulk_writer.add_operation(self.document_model, UpdateManyOperation(*self._into_bin(), **self.pymongo_kwargs))
            return None
        collection = self.document_model.get_pymongo_collection()
        result = await collection.update_many(*self._into_bin(), session=self.session, **self.pymongo_kwargs)
        return DeleteResult({"n": result.modified_count}, acknowledged=result.acknowledged)


class DeleteOne(_Binning, beanie_delete.DeleteOne):
    """Puts one document that was found into the bin."""

    def __await__(self) -> Any:
        return self._run().__await__()

    async def _run(self) -> DeleteResult | None:
        if self.bulk_writer is not None:
            self.bulk_writer.add_operation(self.document_model, UpdateOneOperation(*self._into_bin(), **self.pymongo_kwargs))
            return None
        collection = self.document_model.get_pymongo_collection()
        result = await collection.update_one(*self._into_bin(), session=self.session, **self.pymongo_kwargs)
        return DeleteResult({"n": result.modified_count}, acknowledged=result.acknowledged)

"""Reads and writes the documents of one class within the permissions of one request; knows neither payloads nor channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast

from litestar.exceptions import HTTPException

from hookspecs import Grant, RequestData
from host.common.compat.beanie import parse_obj
from host.data.documents.document import Document
from host.data.documents.errors import Conflict, NotFound
from host.data.endpoints.listing import all_of
from host.data.endpoints.permissions import Permissions
from host.data.endpoints.validation import document_errors_as_400, storage_errors_as_400

D = TypeVar("D", bound=Document)
Query: TypeAlias = Mapping[str, Any]

#: How often an update is retried because another one was faster.
_MAX_ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class DocumentAccess(Generic[D]):
    """The documents of one class, as one request may read and write them.

    Args:
        model: the document class.
        entity: its name in errors.
        permissions: what the user may do.
        request_data: the request.
        within: returns the filter of the service for a request.
        has_model_validators: whether the class checks a document as a whole.
    """

    model: type[D]
    entity: str
    permissions: Permissions
    request_data: RequestData
    within: Callable[[RequestData], Query]
    has_model_validators: bool

    def visible(self) -> dict[str, Any]:
        """Return the filter for the documents that the request may read.

        Raises:
            NotAuthorizedException: the user must sign in first.
        """
        return all_of(self.within(self.request_data), self.permissions.read_filter)

    async def get(self, identifier: str, not_deleted: Query) -> D | None:
        """Return a document that exists, is not soft-deleted and may be read.

        Args:
            identifier: its id.
            not_deleted: the filter that Beanie adds to every query of the class.

        Raises:
            NotAuthorizedException: the user must sign in first.
        """
        within, read_filter = self.within(self.request_data), self.permissions.read_filter
        if within:
            return await self.model.find_one(all_of({"_id": identifier}, within, read_filter))
        # Building a query of Beanie takes longer than reading the document, and here it would add only `not_deleted`.
        stored = await self.model.get_pymongo_collection().find_one({"_id": identifier, **not_deleted, **read_filter})
        return None if stored is None else cast("D", parse_obj(self.model, stored))

    async def update(self, identifier: str, fields: Query, version: int | None) -> tuple[D, D]:
        """Update fields of a document.

        A class with model validators is checked as a whole: the stored document with the new fields is validated first, and only
        the version that was validated is updated. If another update was faster, both steps are repeated.

        Args:
            identifier: its id.
            fields: the new values by the names of the fields in Python.
            version: the version that the client has read; ``None`` updates any.

        Returns:
            The document before and after.

        Raises:
            HTTPException: the document does not exist, has another version, or may not be updated, or a value is not valid.
        """
        grant = self.permissions.update_grant
        for _ in range(_MAX_ATTEMPTS):
            expected = await self._validated_version(identifier, fields, grant) if self.has_model_validators else version
            if version in (None, expected):
                changed = await self.write(identifier, fields, grant, deleted=False, version=expected)
                if changed is not None:
                    return changed
            if version is not None or not self.has_model_validators:
                break
        raise await self.write_error(identifier, grant, version=version)

    async def write(
        self, identifier: str, fields: Query, grant: Grant, *, deleted: bool, version: int | None = None
    ) -> tuple[D, D] | None:
        """Write fields of a document in one step, if the request may write it.

        Args:
            identifier: its id.
            fields: the new values by the names of the fields in Python.
            grant: allows writing.
            deleted: whether the document must be soft-deleted, or must not be.
            version: the version that it must have; ``None`` for any.

        Returns:
            The document before and after, or ``None`` if it was not written; then :meth:`write_error` returns the reason.
        """
        query = all_of({} if version is None else {"version": version}, self._writable(identifier, grant))
        with storage_errors_as_400():
            return await self.model.change(query, fields, self.user_id, deleted=deleted)

    async def remove(self, identifier: str, grant: Grant) -> D | None:
        """Permanently remove a document, soft-deleted or not, if the request may.

        Args:
            identifier: its id.
            grant: allows deletion.

        Returns:
            The removed document with its id and owner only: also an invalid document can be removed, and cannot be read.
        """
        # By Beanie's query, which adds the class id: the collection may hold documents of other classes.
        query = self.model.find_one(self._writable(identifier, grant), deleted=None).get_filter_query()
        stored = await self.model.get_pymongo_collection().find_one_and_delete(query)
        return None if stored is None else self.model.model_construct(id=stored["_id"], owner=stored.get("owner"))

    async def write_error(
        self, identifier: str, grant: Grant, *, deleted: bool | None = False, version: int | None = None
    ) -> HTTPException:
        """Return the reason why a document was not written.

        Args:
            identifier: its id.
            grant: allows writing.
            deleted: ``None`` if the document might have been soft-deleted.
            version: the version that it had to have.
        """
        document = await self.model.find_one(all_of({"_id": identifier}, self.visible()), deleted=deleted)
        if document is None:
            return self.not_found(identifier)
        if not grant.allows(self.permissions.user, document.owner):
            return self.permissions.error(grant, f"write the {self.entity} {identifier}")
        if version is not None and document.version != version:
            return Conflict(f"the {self.entity} {identifier} has version {document.version} now", version=document.version)
        if deleted is None and not document.is_deleted:
            return Conflict(f"the {self.entity} {identifier} is not deleted")
        return Conflict(f"the {self.entity} {identifier} was changed at the same time, try again", version=document.version)

    def not_found(self, identifier: str) -> NotFound:
        """Return the error for a document that does not exist or may not be read."""
        return NotFound(f"there is no {self.entity} {identifier}")

    @property
    def user_id(self) -> str | None:
        """The id of the user, or ``None`` if not signed in."""
        user = self.permissions.user
        return None if user is None else user.id

    def _writable(self, identifier: str, grant: Grant) -> dict[str, Any]:
        write_filter = self.permissions.write_filter(grant)
        return all_of({"_id": identifier}, self.within(self.request_data), write_filter)

    async def _validated_version(self, identifier: str, fields: Query, grant: Grant) -> int | None:
        """Validate the stored document with new fields; return the version for which the result holds."""
        document = await self.model.find_one(self._writable(identifier, grant))
        if document is None:
            return None
        current = {name: getattr(document, name) for name in self.model.model_fields}
        with document_errors_as_400():
            self.model.model_validate({**current, **fields}, by_alias=False, by_name=True)
        return document.version

"""The operations on the documents of one class, as routes and other plugins call them.

They act within the rules of the class, wrap the result in a payload, announce it on the channels and return it. The document's own
methods know neither requests nor rules nor channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from hookspecs import Payload, RequestData, Scope, StoreAction
from host.data.documents.derive import (
    Create,
    CreateType,
    Update,
    UpdateType,
    create_type,
    fields_of,
    has_model_validators,
    update_type,
    version_of,
)
from host.data.documents.document import Document
from host.data.endpoints.access import DocumentAccess, Query
from host.data.endpoints.listing import Listing, Paginator
from host.data.endpoints.permissions import Permissions
from host.data.endpoints.validation import document_errors_as_400, storage_errors_as_400

D = TypeVar("D", bound=Document)


def entity_of(model: type[Any]) -> str:
    """Return the name of a document class in routes, payloads and channels: ``task`` for ``Task``."""
    return model.__name__[:1].lower() + model.__name__[1:]


class EntityService(Generic[D]):
    """The operations on the documents of one class. Override the methods that a plugin needs to behave differently.

    Args:
        model: the document class.
        scope: the scope of the plugin.
    """

    def __init__(self, model: type[D], scope: Scope) -> None:
        self.model = model
        self.scope = scope
        self._paginator = Paginator(model)
        self._has_model_validators = has_model_validators(model)
        self._not_deleted: Query | None = None

    @property
    def type(self) -> str:
        """The entity: ``task`` for ``Task``."""
        return entity_of(self.model)

    @property
    def create_type(self) -> CreateType:
        """The class of bodies for :meth:`create`: ``TaskCreate`` for ``Task``."""
        return create_type(self.model)

    @property
    def update_type(self) -> UpdateType:
        """The class of bodies for :meth:`update`: ``TaskUpdate`` for ``Task``."""
        return update_type(self.model)

    def within(self, request_data: RequestData) -> Mapping[str, Any]:  # noqa: ARG002 - for overrides
        """Return the MongoDB filter for the documents that exist for a request; all by default.

        Args:
            request_data: the request.
        """
        return {}

    def make(self, data: Create, request_data: RequestData, **fields: Any) -> D:
        """Return the new document, not yet stored; override it to set fields that clients do not send.

        Args:
            data: the request body.
            request_data: the request; its user becomes the owner.
            fields: further values by the names of the fields in Python; they take precedence over the client's.

        Raises:
            pydantic.ValidationError: the document as a whole is not valid.
        """
        user = None if request_data.user is None else request_data.user.id
        return self.model(**{"owner": user, "last_editor": user, **fields_of(data), **fields})

    async def read_all(self, listing: Listing, request_data: RequestData) -> Payload[D]:
        """Read one page of a list.

        Args:
            listing: the requested page.
            request_data: the request.

        Raises:
            CursorMismatch: the cursor does not belong to this list.
            NotAuthorizedException: the user must sign in first.
        """
        with storage_errors_as_400():
            documents, page = await self._paginator.page(listing, self._access(request_data).visible())
        return await self.scope.payload(documents, action=StoreAction.READ, model=self.model, request=request_data, page=page)

    async def read(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """Read one document.

        Args:
            identifier: its id.
            request_data: the request.

        Raises:
            NotFound: it does not exist, is soft-deleted, or may not be read.
            NotAuthorizedException: the user must sign in first.
        """
        if self._not_deleted is None:
            # Beanie knows the filter only after the class is opened, so not yet in __init__.
            self._not_deleted = self.model.find_one({}).get_filter_query()
        access = self._access(request_data)
        document = await access.get(identifier, self._not_deleted)
        if document is None:
            raise access.not_found(identifier)
        return await self.scope.payload([document], action=StoreAction.READ, model=self.model, request=request_data)

    async def create(self, data: Create, request_data: RequestData) -> Payload[D]:
        """Create a document, owned by the user of the request.

        Args:
            data: the request body.
            request_data: the request.

        Raises:
            Conflict: the client's id, or another value that must be unique, is already used.
            ValidationException: the document as a whole is not valid or cannot be stored.
            NotAuthorizedException: the user must sign in first.
            PermissionDeniedException: the user may not create documents.
        """
        self._permissions(request_data).check_create()
        with document_errors_as_400(), storage_errors_as_400():
            document = self.make(data, request_data)
            await document.insert()
        payload = await self.scope.payload([document], action=StoreAction.CREATE, model=self.model, request=request_data)
        await self._announce("Created", payload, request_data)
        return payload

    async def update(self, identifier: str, data: Update, request_data: RequestData) -> Payload[D]:
        """Update the fields of a document that the client sent, in one step.

        Args:
            identifier: its id.
            data: the request body; with a version, only that version is updated.
            request_data: the request.

        Raises:
            NotFound: it does not exist, is soft-deleted, or may not be read.
            Conflict: another version is stored, or a value that must be unique is already used.
            ValidationException: the document as a whole would not be valid, or cannot be stored.
            NotAuthorizedException: the user must sign in first.
            PermissionDeniedException: the user may read it but not update it.
        """
        before, after = await self._access(request_data).update(identifier, fields_of(data), version_of(data))
        payload = await self.scope.payload(
            [after], action=StoreAction.UPDATE, model=self.model, request=request_data, prev_version=before
        )
        await self._announce("Updated", payload, request_data)
        return payload

    async def delete(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """Soft-delete a document.

        Args:
            identifier: its id.
            request_data: the request.

        Raises:
            NotFound: it does not exist, is soft-deleted already, or may not be read.
            NotAuthorizedException: the user must sign in first.
            PermissionDeniedException: the user may read it but not delete it.
        """
        access = self._access(request_data)
        grant = access.permissions.delete_grant
        changed = await access.write(identifier, {"is_deleted": True}, grant, deleted=False)
        if changed is None:
            raise await access.write_error(identifier, grant)
        return await self._deleted(changed[1], StoreAction.DELETE, request_data)

    async def hard_delete(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """Permanently delete a document, whether it is soft-deleted or not.

        Args:
            identifier: its id.
            request_data: the request.

        Raises:
            NotFound: it does not exist or may not be read.
            NotAuthorizedException: the user must sign in first.
            PermissionDeniedException: the user may read it but not delete it.
        """
        access = self._access(request_data)
        grant = access.permissions.delete_grant
        removed = await access.remove(identifier, grant)
        if removed is None:
            raise await access.write_error(identifier, grant, deleted=None)
        return await self._deleted(removed, StoreAction.HARD_DELETE, request_data)

    async def restore(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """Restore a soft-deleted document.

        Args:
            identifier: its id.
            request_data: the request.

        Raises:
            NotFound: it does not exist or may not be read.
            Conflict: it is not soft-deleted.
            NotAuthorizedException: the user must sign in first.
            PermissionDeniedException: the user may read it but not update it.
        """
        access = self._access(request_data)
        grant = access.permissions.update_grant
        changed = await access.write(identifier, {"is_deleted": False}, grant, deleted=True)
        if changed is None:
            raise await access.write_error(identifier, grant, deleted=None)
        payload = await self.scope.payload([changed[1]], action=StoreAction.RESTORE, model=self.model, request=request_data)
        await self._announce("Restored", payload, request_data)
        return payload

    def _permissions(self, request_data: RequestData) -> Permissions:
        return Permissions(self.scope.rules(self.model), request_data.user)

    def _access(self, request_data: RequestData) -> DocumentAccess[D]:
        permissions = self._permissions(request_data)
        return DocumentAccess(self.model, self.type, permissions, request_data, self.within, self._has_model_validators)

    async def _deleted(self, document: D, action: StoreAction, request_data: RequestData) -> Payload[D]:
        """Return and announce the payload of a deletion."""
        payload = await self.scope.payload([], action=action, model=self.model, request=request_data, deleted=[document])
        await self._announce("Deleted", payload, request_data)
        return payload

    async def _announce(self, suffix: str, payload: Payload[D], request_data: RequestData) -> None:
        """Broadcast a payload on a channel of the entity, unless the request asks for silence."""
        if not request_data.broadcast:
            return
        channel = f"{self.type}{suffix}"
        try:
            await self.scope.broadcast(channel, payload)
        except Exception:  # the write has succeeded, so the request must too
            self.scope.log.exception("could not broadcast on %s", channel)

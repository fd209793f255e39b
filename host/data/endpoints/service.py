"""What happens to the documents of one class: the half that is called by routes and other plugins (rows R14, E17, E18).

It acts within the rules, wraps what came of it in a payload, announces that, and returns it. The other half, which knows neither
requests nor rules nor channels, is the document's own methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar, cast

from beanie.odm.utils.parsing import parse_obj
from litestar.exceptions import HTTPException

from hookspecs import Grant, Payload, RequestData, Scope, StoreAction
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
from host.data.documents.errors import Conflict, NotFound
from host.data.endpoints.listing import Lister, Listing, all_of
from host.data.endpoints.permissions import Permissions
from host.data.endpoints.validation import fitting, storable

D = TypeVar("D", bound=Document)
Query = Mapping[str, Any]

#: How often an update begins anew because somebody else was faster.
_ATTEMPTS: Final = 10


def entity_of(model: type[Any]) -> str:
    """The name of a class in routes, payloads and channels: ``task`` of ``Task``."""
    return model.__name__[:1].lower() + model.__name__[1:]


class EntityService(Generic[D]):
    """Acts on the documents of one class. Override what a plugin does otherwise.

    Args:
        model: the class.
        scope: of the plugin.
    """

    def __init__(self, model: type[D], scope: Scope) -> None:
        self.model = model
        self.scope = scope
        self._lister = Lister(model)
        self._whole = has_model_validators(model)
        #: The filter for what is not in the bin.
        self._live: Query | None = None

    @property
    def type(self) -> str:
        """The entity: ``task`` of ``Task``."""
        return entity_of(self.model)

    @property
    def create_type(self) -> CreateType:
        """What :meth:`create` takes: ``TaskCreate`` of ``Task``."""
        return create_type(self.model)

    @property
    def update_type(self) -> UpdateType:
        """What :meth:`update` takes: ``TaskUpdate`` of ``Task``."""
        return update_type(self.model)

    def within(self, request_data: RequestData) -> Query:  # noqa: ARG002 - for who overrides it
        """The filter for the documents that there are for a request; all, unless overridden.

        Args:
            request_data: of the request.
        """
        return {}

    def make(self, data: Create, request_data: RequestData, **fields: Any) -> D:
        """The new document, not yet stored; override it to fill in what clients do not send.

        Args:
            data: what the client sent.
            request_data: of the request; its user becomes the owner.
            fields: further values by their names in Python, which count before those of the client.

        Raises:
            pydantic.ValidationError: the document as a whole does not fit.
        """
        user = None if request_data.user is None else request_data.user.id
        return self.model(**{"owner": user, "last_editor": user, **fields_of(data), **fields})

    async def read_all(self, listing: Listing, request_data: RequestData) -> Payload[D]:
        """One page of a list.

        Args:
            listing: what is wanted.
            request_data: of the request.

        Raises:
            CursorMismatch: the cursor is no cursor of this list.
            NotAuthorizedException: one must sign in.
        """
        with storable():
            found, page = await self._lister.page(listing, self._visible(request_data))
        return await self.scope.payload(found, action=StoreAction.READ, model=self.model, request=request_data, page=page)

    async def read(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """One document.

        Args:
            identifier: its id.
            request_data: of the request.

        Raises:
            NotFound: there is none, or it is in the bin, or one may not read it.
            NotAuthorizedException: one must sign in.
        """
        found = await self._found(identifier, request_data)
        if found is None:
            raise self._not_found(identifier)
        return await self.scope.payload([found], action=StoreAction.READ, model=self.model, request=request_data)

    async def create(self, data: Create, request_data: RequestData) -> Payload[D]:
        """Make a document, which belongs to who asks for it.

        Args:
            data: what the client sent.
            request_data: of the request.

        Raises:
            Conflict: the id that the client chose is taken, or another field that must be unique.
            ValidationException: the document as a whole does not fit, or cannot be stored.
            NotAuthorizedException: one must sign in.
            PermissionDeniedException: one may not.
        """
        self._permissions(request_data).check_creating()
        with fitting(), storable():
            document = self.make(data, request_data)
            await document.insert()
        payload = await self.scope.payload([document], action=StoreAction.CREATE, model=self.model, request=request_data)
        await self._announce("Created", payload, request_data)
        return payload

    async def update(self, identifier: str, data: Update, request_data: RequestData) -> Payload[D]:
        """Change the given fields of a document and no others, in one step.

        Args:
            identifier: its id.
            data: what the client sent; with a version, only that version is changed.
            request_data: of the request.

        Raises:
            NotFound: there is none, or it is in the bin, or one may not read it.
            Conflict: it has another version than the client saw, or a field that must be unique is taken.
            ValidationException: the document as a whole would not fit, or cannot be stored.
            NotAuthorizedException: one must sign in.
            PermissionDeniedException: one may read it and not change it.
        """
        before, after = await self._updated(identifier, data, request_data)
        payload = await self.scope.payload(
            [after], action=StoreAction.UPDATE, model=self.model, request=request_data, prev_version=before
        )
        await self._announce("Updated", payload, request_data)
        return payload

    async def delete(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """Put a document into the bin.

        Args:
            identifier: its id.
            request_data: of the request.

        Raises:
            NotFound: there is none, or it is in the bin already, or one may not read it.
            NotAuthorizedException: one must sign in.
            PermissionDeniedException: one may read it and not delete it.
        """
        grant = self._permissions(request_data).deleting
        changed = await self._changed(identifier, {"is_deleted": True}, grant, request_data, deleted=False)
        if changed is None:
            raise await self._refusal(identifier, grant, request_data)
        return await self._deleted(changed[1], StoreAction.DELETE, request_data)

    async def hard_delete(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """Remove a document for good, whether it is in the bin or not.

        Args:
            identifier: its id.
            request_data: of the request.

        Raises:
            NotFound: there is none, or one may not read it.
            NotAuthorizedException: one must sign in.
            PermissionDeniedException: one may read it and not delete it.
        """
        grant = self._permissions(request_data).deleting
        # By way of Beanie's query, which knows that other classes may lie in the same collection.
        query = self.model.find_one(self._writable(identifier, grant, request_data), deleted=None).get_filter_query()
        found = await self.model.get_pymongo_collection().find_one_and_delete(query)
        if found is None:
            raise await self._refusal(identifier, grant, request_data, deleted=None)
        # Also one that is no longer valid can be removed; of what is gone only id and owner count.
        gone = self.model.model_construct(id=found["_id"], owner=found.get("owner"))
        return await self._deleted(gone, StoreAction.HARD_DELETE, request_data)

    async def restore(self, identifier: str, request_data: RequestData) -> Payload[D]:
        """Take a document out of the bin.

        Args:
            identifier: its id.
            request_data: of the request.

        Raises:
            NotFound: there is none, or one may not read it.
            Conflict: it is not in the bin.
            NotAuthorizedException: one must sign in.
            PermissionDeniedException: one may read it and not change it.
        """
        grant = self._permissions(request_data).updating
        changed = await self._changed(identifier, {"is_deleted": False}, grant, request_data, deleted=True)
        if changed is None:
            refusal = await self._refusal(identifier, grant, request_data, deleted=None)
            raise refusal
        payload = await self.scope.payload([changed[1]], action=StoreAction.RESTORE, model=self.model, request=request_data)
        await self._announce("Restored", payload, request_data)
        return payload

    async def _found(self, identifier: str, request_data: RequestData) -> D | None:
        """A document that is not in the bin and may be read; without Beanie's query where it has nothing to add."""
        within, reading = self.within(request_data), self._permissions(request_data).reading
        if within:
            return await self.model.find_one(all_of({"_id": identifier}, within, reading))
        if self._live is None:
            self._live = self.model.find_one({}).get_filter_query()
        stored = await self.model.get_pymongo_collection().find_one({"_id": identifier, **self._live, **reading})
        return None if stored is None else cast("D", parse_obj(self.model, stored))

    def _permissions(self, request_data: RequestData) -> Permissions:
        return Permissions(self.scope.rules(self.model), request_data.user)

    def _visible(self, request_data: RequestData) -> Query:
        return all_of(self.within(request_data), self._permissions(request_data).reading)

    def _writable(self, identifier: str, grant: Grant, request_data: RequestData) -> dict[str, Any]:
        allowed = self._permissions(request_data).writing(grant)
        return all_of({"_id": identifier}, self.within(request_data), allowed)

    async def _updated(self, identifier: str, data: Update, request_data: RequestData) -> tuple[D, D]:
        grant = self._permissions(request_data).updating
        fields, version = fields_of(data), version_of(data)
        for _ in range(_ATTEMPTS):
            expected = await self._checked(identifier, fields, grant, request_data) if self._whole else version
            if version in (None, expected):
                changed = await self._changed(identifier, fields, grant, request_data, deleted=False, version=expected)
                if changed is not None:
                    return changed
            if version is not None or not self._whole:
                break
        raise await self._refusal(identifier, grant, request_data, version=version)

    async def _checked(self, identifier: str, fields: Query, grant: Grant, request_data: RequestData) -> int | None:
        """Check the document as a whole with what would be changed; gives the version for which that holds."""
        found = await self.model.find_one(self._writable(identifier, grant, request_data))
        if found is None:
            return None
        kept = {name: getattr(found, name) for name in self.model.model_fields}
        with fitting():
            self.model.model_validate({**kept, **fields}, by_alias=False, by_name=True)
        return found.version

    async def _changed(
        self,
        identifier: str,
        fields: Query,
        grant: Grant,
        request_data: RequestData,
        *,
        deleted: bool,
        version: int | None = None,
    ) -> tuple[D, D] | None:
        """Write fields of the document, where it may be written; gives it before and after."""
        seen = {} if version is None else {"version": version}
        query = all_of(seen, self._writable(identifier, grant, request_data))
        editor = None if request_data.user is None else request_data.user.id
        with storable():
            return await self.model.change(query, fields, editor, deleted=deleted)

    async def _deleted(self, gone: D, action: StoreAction, request_data: RequestData) -> Payload[D]:
        payload = await self.scope.payload([], action=action, model=self.model, request=request_data, deleted=[gone])
        await self._announce("Deleted", payload, request_data)
        return payload

    async def _refusal(
        self,
        identifier: str,
        grant: Grant,
        request_data: RequestData,
        *,
        deleted: bool | None = False,
        version: int | None = None,
    ) -> HTTPException:
        """Why a document was not written."""
        found = await self.model.find_one(all_of({"_id": identifier}, self._visible(request_data)), deleted=deleted)
        if found is None:
            return self._not_found(identifier)
        if not grant.allows(request_data.user, found.owner):
            return self._permissions(request_data).refusal(grant, f"write the {self.type} {identifier}")
        if version is not None and found.version != version:
            return Conflict(f"the {self.type} {identifier} has version {found.version} by now", version=found.version)
        if deleted is None and not found.is_deleted:
            return Conflict(f"the {self.type} {identifier} is not deleted")
        return Conflict(f"the {self.type} {identifier} was changed meanwhile, try again", version=found.version)

    def _not_found(self, identifier: str) -> NotFound:
        return NotFound(f"there is no {self.type} {identifier}")

    async def _announce(self, what: str, payload: Payload[D], request_data: RequestData) -> None:
        """Send the payload to who listens; that it cannot be sent is no fault of the request."""
        if not request_data.broadcast:
            return
        channel = f"{self.type}{what}"
        try:
            await self.scope.broadcast(channel, payload)
        except Exception:  # what was written stands, whatever became of the news
            self.scope.log.exception("%s was not announced", channel)

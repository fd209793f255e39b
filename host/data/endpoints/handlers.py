"""By which generic tools act on documents of any plugin (row R25).

A tool opens an extension point, ``ExtensionPoint(CrudHandlers)``; a plugin adds the service of each of its classes to it:
``Extension(CrudHandlers, EntityService(Task, scope), optional=True)``.
"""

from __future__ import annotations

from typing import Any, Protocol

from hookspecs import Payload, RequestData
from host.data.documents.derive import CreateType, UpdateType
from host.data.endpoints.listing import Listing


class CrudHandlers(Protocol):
    """Acts on the documents of one class, by the rules that hold for requests."""

    @property
    def type(self) -> str:
        """The entity: ``task`` of ``Task``."""

    @property
    def create_type(self) -> CreateType:
        """What :meth:`create` takes; ``model_validate`` makes it from what was JSON."""

    @property
    def update_type(self) -> UpdateType:
        """What :meth:`update` takes."""

    async def read_all(self, listing: Listing, request_data: RequestData) -> Payload[Any]:
        """One page of a list."""

    async def read(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """One document."""

    async def create(self, data: Any, request_data: RequestData) -> Payload[Any]:
        """Make a document."""

    async def update(self, identifier: str, data: Any, request_data: RequestData) -> Payload[Any]:
        """Change a document."""

    async def delete(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """Put a document into the bin."""

    async def hard_delete(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """Remove a document for good."""

    async def restore(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """Take a document out of the bin."""

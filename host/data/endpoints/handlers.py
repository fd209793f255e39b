"""The protocol by which generic tools, such as an admin interface, act on the documents of any plugin.

A tool opens an extension point, ``ExtensionPoint(CrudHandlers)``. A plugin adds the service of each of its classes to it:
``Extension(CrudHandlers, EntityService(Task, scope), optional=True)``.
"""

from __future__ import annotations

from typing import Any, Protocol

from hookspecs import Payload, RequestData
from host.data.documents.derive import CreateType, UpdateType
from host.data.endpoints.listing import Listing


class CrudHandlers(Protocol):
    """Reads and writes the documents of one class, by the rules that apply to requests."""

    @property
    def type(self) -> str:
        """The entity: ``task`` for ``Task``."""

    @property
    def create_type(self) -> CreateType:
        """The class of bodies for :meth:`create`; its ``model_validate`` builds one from decoded JSON."""

    @property
    def update_type(self) -> UpdateType:
        """The class of bodies for :meth:`update`."""

    async def read_all(self, listing: Listing, request_data: RequestData) -> Payload[Any]:
        """Read one page of a list."""

    async def read(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """Read one document."""

    async def create(self, data: Any, request_data: RequestData) -> Payload[Any]:
        """Create a document."""

    async def update(self, identifier: str, data: Any, request_data: RequestData) -> Payload[Any]:
        """Update a document."""

    async def delete(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """Soft-delete a document."""

    async def hard_delete(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """Permanently delete a document."""

    async def restore(self, identifier: str, request_data: RequestData) -> Payload[Any]:
        """Restore a soft-deleted document."""

"""Optimistic concurrency: the version of a document, and the error if another version is stored."""

from __future__ import annotations

from typing import Any, Final, NoReturn, Protocol

from pymongo.asynchronous.client_session import AsyncClientSession

from host.data.documents.errors import Conflict, NotFound

#: The stored name of the field that counts the writes of a document.
VERSION: Final = "version"


class Versioned(Protocol):
    """A document whose version guards against lost updates."""

    id: Any
    version: int

    @classmethod
    def get_pymongo_collection(cls) -> Any:
        """Return the collection of the document class."""


async def raise_conflict(document: Versioned, session: AsyncClientSession | None) -> NoReturn:
    """Raise the reason why a document was not written.

    Raises:
        Conflict: another version is stored.
        NotFound: the document was removed.
    """
    name = type(document).__name__
    stored = await type(document).get_pymongo_collection().find_one({"_id": document.id}, {VERSION: 1}, session=session)
    if stored is None:
        raise NotFound(f"{name} {document.id} does not exist")
    version = stored.get(VERSION, 0)
    raise Conflict(f"{name} {document.id} has version {version}, not {document.version}", version=version)

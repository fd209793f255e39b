"""The part of a document that updates and deletions need: its id, its version and its collection."""

from __future__ import annotations

from typing import Any, Protocol


class Versioned(Protocol):
    """A document whose version guards against lost updates."""

    id: Any
    version: int

    @classmethod
    def get_pymongo_collection(cls) -> Any:
        """Return the collection of the document class."""

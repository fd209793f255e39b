"""What clients send. What does not fit is refused with 400 before a handler runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from acme_todo.documents import as_stored
from acme_todo.models import Priority, TaskStatus

Title = Annotated[str, Meta(min_length=1, max_length=200)]
Tag = Annotated[str, Meta(min_length=1, max_length=40)]
Tags = Annotated[list[Tag], Meta(max_length=20)]
Due = Annotated[datetime, Meta(tz=True)]
Version = Annotated[int, Meta(ge=1, le=2**53)]


class TaskCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A task as a client creates it.

    Args:
        title: what.
        status: how far it is.
        priority: 1 is the most urgent.
        tags: free words; said twice is said once.
        due: with a time zone, or null for whenever.
        id: chosen by the client, so that it can send the request again when the answer is lost; null for a new one.
    """

    title: Title
    status: TaskStatus = TaskStatus.OPEN
    priority: Priority = Priority.NORMAL
    tags: Tags = []
    due: Due | None = None
    id: UUID | None = None

    def __post_init__(self) -> None:
        """Refuse a moment that cannot be stored.

        Raises:
            ValueError: it is out of range.
        """
        self.fields()

    def fields(self) -> dict[str, Any]:
        """The fields of the new document."""
        given = {
            "title": self.title,
            "status": self.status,
            "priority": self.priority,
            "tags": once(self.tags),
            "due": self.due and as_stored(self.due),
        }
        return given if self.id is None else {**given, "id": str(self.id)}


class TaskUpdate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Changes to a task; what is left out stays as it is.

    Args:
        title: what.
        status: how far it is.
        priority: 1 is the most urgent.
        tags: replaces all tags.
        due: with a time zone, or null for whenever.
        version: of the task that the client saw; the change is refused where the task has another by now.
    """

    title: Title | UnsetType = UNSET
    status: TaskStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    due: Due | UnsetType | None = UNSET
    version: Version | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a moment that cannot be stored, and an update that changes nothing.

        Raises:
            ValueError: it is one of these.
        """
        if not self.changes():
            raise ValueError("nothing to change: give title, status, priority, tags or due")

    def changes(self) -> dict[str, Any]:
        """The given fields by name."""
        given = {
            "title": self.title,
            "status": self.status,
            "priority": self.priority,
            "tags": self.tags if self.tags is UNSET else once(self.tags),
            "due": as_stored(self.due) if isinstance(self.due, datetime) else self.due,
        }
        return {name: value for name, value in given.items() if value is not UNSET}


def once(tags: list[str]) -> list[str]:
    """The tags in their order, each once."""
    return list(dict.fromkeys(tags))

"""The one document: a task."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter
from pymongo import ASCENDING, DESCENDING, IndexModel

from host.data import Document, ReadOnly, UtcDatetime


class TaskStatus(StrEnum):
    """How far a task is."""

    OPEN = "open"
    DOING = "doing"
    DONE = "done"


class Priority(IntEnum):
    """How urgent a task is."""

    HIGH = 1
    NORMAL = 2
    LOW = 3


def once(tags: list[str]) -> list[str]:
    """The tags in their order, each once."""
    return list(dict.fromkeys(tags))


_MOMENT: Final = TypeAdapter(UtcDatetime)

Title = Annotated[str, Field(min_length=1, max_length=200)]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=20), AfterValidator(once)]
#: With a time zone: whose evening it is cannot be guessed.
Due = Annotated[AwareDatetime, AfterValidator(_MOMENT.validate_python)]


class Task(Document):
    """Something to do.

    Args:
        account: whose quota it takes.
        title: what.
        status: how far it is.
        priority: 1 is the most urgent.
        tags: free words; said twice is said once.
        due: until when, ``None`` for whenever.
    """

    account: ReadOnly[str]
    title: Title
    status: TaskStatus = TaskStatus.OPEN
    priority: Priority = Priority.NORMAL
    tags: Tags = Field(default_factory=list)
    due: Due | None = None

    class Settings:
        """The host names the collection; the indexes are the plugin's, one for each order of the list and one for tags."""

        indexes = (
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("title", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("priority", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("tags", ASCENDING)]),
        )


def describe(task: Task) -> str:
    """The second line of a task, e.g. ``doing, priority 1, due 2026-11-20``."""
    parts = [task.status, f"priority {task.priority}"]
    if task.due is not None:
        parts.append(f"due {task.due:%Y-%m-%d}")
    return ", ".join(parts)

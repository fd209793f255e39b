"""The document class: a task."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter
from pymongo import ASCENDING, DESCENDING, IndexModel

from host.data import Document, ReadOnly, UtcDatetime


class TaskStatus(StrEnum):
    """The progress of a task."""

    OPEN = "open"
    DOING = "doing"
    DONE = "done"


class Priority(IntEnum):
    """The urgency of a task."""

    HIGH = 1
    NORMAL = 2
    LOW = 3


def without_duplicates(tags: list[str]) -> list[str]:
    """Return the tags without duplicates, in their order."""
    return list(dict.fromkeys(tags))


_UTC_DATETIME: Final = TypeAdapter(UtcDatetime)

Title = Annotated[str, Field(min_length=1, max_length=200)]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=20), AfterValidator(without_duplicates)]
#: Requires a time zone: the host cannot guess that of the client.
Due = Annotated[AwareDatetime, AfterValidator(_UTC_DATETIME.validate_python)]


class Task(Document):
    """Something to do.

    Args:
        account: the account whose quota it uses.
        title: the title.
        status: the progress.
        priority: the urgency; 1 is the highest.
        tags: arbitrary words; duplicates are removed.
        due: when it is due; ``None`` for no date.
    """

    account: ReadOnly[str]
    title: Title
    status: TaskStatus = TaskStatus.OPEN
    priority: Priority = Priority.NORMAL
    tags: Tags = Field(default_factory=list)
    due: Due | None = None

    class Settings:
        """The indexes, one for each order of the list and one for tags; the host names the collection."""

        indexes = (
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("createdAt", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("title", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("priority", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("account", ASCENDING), ("isDeleted", ASCENDING), ("tags", ASCENDING)]),
        )


def describe(task: Task) -> str:
    """Return the second line of a task, e.g. ``doing, priority 1, due 2026-11-20``."""
    parts = [task.status, f"priority {task.priority}"]
    if task.due is not None:
        parts.append(f"due {task.due:%Y-%m-%d}")
    return ", ".join(parts)

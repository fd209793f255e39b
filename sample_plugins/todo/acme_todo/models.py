"""The one document: a task."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from pymongo import ASCENDING, DESCENDING, IndexModel

from acme_todo.documents import Entity, Moment


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


class Task(Entity):
    """Something to do.

    Args:
        account: whose quota it takes.
        title: what.
        status: how far it is.
        priority: 1 is the most urgent.
        due: until when, ``None`` for whenever.
    """

    account: str
    title: str
    status: TaskStatus = TaskStatus.OPEN
    priority: Priority = Priority.NORMAL
    due: Moment | None = None

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

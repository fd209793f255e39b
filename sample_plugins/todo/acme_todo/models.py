"""The one document: a task."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pymongo import ASCENDING, DESCENDING, IndexModel

from acme_todo.documents import Entity, Moment

TaskStatus: TypeAlias = Literal["open", "doing", "done"]
Priority: TypeAlias = Literal[1, 2, 3]


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
    status: TaskStatus = "open"
    priority: Priority = 2
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

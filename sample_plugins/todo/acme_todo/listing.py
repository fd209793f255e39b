"""Lists of tasks: filters, orders, and pages by a cursor that says where the last page ended.

A page begins after the last task of the one before, not after a number of tasks. So however many are created or deleted
meanwhile, no task comes twice and none that was there all the time is left out. (A task whose title or priority changes while
somebody pages in that order moves within it, and may be met twice or not at all; ``createdAt`` never changes.)
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from acme_todo.errors import CursorMismatch
from acme_todo.models import Priority, Task, TaskStatus

Sort: TypeAlias = Literal["createdAt", "-createdAt", "title", "-title", "priority", "-priority"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a page ended.

    Args:
        sort: the order it belongs to.
        value: of the field that is sorted by; a moment in milliseconds since 1970.
        id: of the task.
    """

    sort: Sort
    value: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a client wants to see.

    Args:
        status: only these.
        priority: only these.
        tags: only tasks that have all of them.
        title: only titles that begin so, in upper or lower case.
        deleted: the bin instead of the tasks.
        sort: the order; ``-`` for downwards.
        limit: how many on a page.
        cursor: where the page before ended.
    """

    status: TaskStatus | None = None
    priority: Priority | None = None
    tags: tuple[str, ...] = ()
    title: str = ""
    deleted: bool = False
    sort: Sort = "-createdAt"
    limit: int = 50
    cursor: str | None = None

    def query(self, account: str) -> dict[str, Any]:
        """The filter, without the cursor."""
        query: dict[str, Any] = {"account": account, "isDeleted": self.deleted}
        if self.status is not None:
            query["status"] = self.status
        if self.priority is not None:
            query["priority"] = self.priority
        if self.tags:
            query["tags"] = {"$all": list(self.tags)}
        if self.title:
            query["title"] = {"$regex": f"^{re.escape(self.title)}", "$options": "i"}
        return query

    @property
    def field(self) -> str:
        """What is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def direction(self) -> Literal[1, -1]:
        """1 for upwards, -1 for downwards."""
        return -1 if self.sort.startswith("-") else 1

    def order(self) -> list[tuple[str, Any]]:
        """The sort keys; the id decides between equals."""
        return [(self.field, self.direction), ("_id", self.direction)]

    def after(self) -> dict[str, Any]:
        """The filter for what comes after the cursor.

        Raises:
            CursorMismatch: no cursor of this list.
        """
        if self.cursor is None:
            return {}
        value, last = self._position(self.cursor)
        beyond = "$gt" if self.direction == 1 else "$lt"
        return {"$or": [{self.field: {beyond: value}}, {self.field: value, "_id": {beyond: last}}]}

    def cursor_after(self, task: Task) -> str:
        """The cursor for a page that ends with a task."""
        values: dict[str, int | str] = {
            "createdAt": (task.created_at - _EPOCH) // _MILLISECOND,
            "title": task.title,
            "priority": task.priority,
        }
        text = msgspec.json.encode(_Cursor(self.sort, values[self.field], task.id))
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    def _position(self, text: str) -> tuple[Any, str]:
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            cursor = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Cursor)
        except (UnicodeError, binascii.Error, msgspec.MsgspecError) as error:
            raise CursorMismatch("the cursor is none that this list gave") from error
        if cursor.sort != self.sort or isinstance(cursor.value, str) != (self.field == "title"):
            raise CursorMismatch(f"the cursor belongs to the order {cursor.sort}, not {self.sort}")
        if self.field != "createdAt":
            return cursor.value, cursor.id
        try:
            return _EPOCH + int(cursor.value) * _MILLISECOND, cursor.id
        except OverflowError as error:
            raise CursorMismatch("the cursor is none that this list gave") from error

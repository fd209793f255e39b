"""What happens to tasks and to the quota that they take.

Task and quota are two documents, and each change writes one after the other: the unit is reserved before a task appears, and
released after it is gone. A process that dies in between therefore loses no task that was acknowledged, and there are never more
tasks than the quota allows; what it may leave is a unit that is reserved and not used. :mod:`acme_todo.recount` finds those.
For the same reason a unit stays reserved where the database does not say whether a task was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acme_billing import Billing, QuotaExceeded
from beanie import UpdateResponse
from msgspec import UNSET
from pymongo.errors import DuplicateKeyError

from acme_todo.documents import now
from acme_todo.errors import QuotaUsedUp, TaskConflict, TaskNotFound
from acme_todo.listing import Listing
from acme_todo.models import Task
from acme_todo.requests import TaskCreate, TaskUpdate
from hookspecs import Page


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of one account.

    Args:
        account: whose quota they take.
        billing: keeps it.
    """

    account: str
    billing: Billing

    async def page(self, listing: Listing) -> tuple[list[Task], Page]:
        """One page of a list.

        Raises:
            CursorMismatch: the cursor is no cursor of this list.
        """
        query, after = listing.query(self.account), listing.after()
        found = await Task.find(query, after).sort(listing.order()).limit(listing.limit + 1).to_list()
        shown = found[: listing.limit]
        total = await Task.find(query).count()
        return shown, Page(total=total, next=listing.cursor_after(shown[-1]) if len(found) > len(shown) else None)

    async def get(self, task: str) -> Task:
        """One task.

        Raises:
            TaskNotFound: there is none, or it is in the bin.
        """
        found = await Task.find_one(self._one(task, deleted=False))
        if found is None:
            raise TaskNotFound(task)
        return found

    async def create(self, data: TaskCreate) -> Task:
        """Reserve a unit, then write the task.

        Raises:
            QuotaUsedUp: there is no room.
            TaskConflict: the id that the client chose is taken.
        """
        task = Task(account=self.account, **data.fields())
        await self._reserve()
        try:
            await task.insert()
        except DuplicateKeyError:
            await self.billing.release(self.account)
            raise TaskConflict(f"the id {task.id} is taken") from None
        return task

    async def update(self, task: str, data: TaskUpdate) -> tuple[Task, Task]:
        """Change the given fields and no others, in one step.

        Returns:
            the task before and after.

        Raises:
            TaskNotFound: there is none, or it is in the bin.
            TaskConflict: it has another version than the client saw.
        """
        expected = {} if data.version is UNSET else {"version": data.version}
        moment = now()
        before = await _change({**self._one(task, deleted=False), **expected}, data.changes(), moment)
        if before is None:
            raise version_conflict(await self.get(task))
        return before, _after(before, data.changes(), moment)

    async def delete(self, task: str) -> None:
        """Put a task into the bin, then release its unit.

        Raises:
            TaskNotFound: there is none, or it is there already.
        """
        if await _change(self._one(task, deleted=False), {"isDeleted": True}, now()) is None:
            raise TaskNotFound(task)
        await self.billing.release(self.account)

    async def delete_hard(self, task: str) -> None:
        """Remove a task for good, from the list or from the bin; only in the list it held a unit.

        Raises:
            TaskNotFound: there is none.
        """
        removed = await Task.get_pymongo_collection().find_one_and_delete({"_id": task, "account": self.account})
        if removed is None:
            raise TaskNotFound(task)
        if not removed["isDeleted"]:
            await self.billing.release(self.account)

    async def restore(self, task: str) -> Task:
        """Reserve a unit, then take a task out of the bin.

        Raises:
            TaskNotFound: there is none.
            TaskConflict: it is not in the bin.
            QuotaUsedUp: there is no room.
        """
        await self._must_be_deleted(task)
        await self._reserve()
        moment = now()
        before = await _change(self._one(task, deleted=True), {"isDeleted": False}, moment)
        if before is None:
            await self.billing.release(self.account)
            raise TaskConflict(f"the task {task} was restored or removed meanwhile")
        return _after(before, {"is_deleted": False}, moment)

    async def _reserve(self) -> None:
        try:
            await self.billing.reserve(self.account)
        except QuotaExceeded as refusal:
            raise QuotaUsedUp(refusal) from refusal

    async def _must_be_deleted(self, task: str) -> None:
        found = await Task.find_one({"_id": task, "account": self.account})
        if found is None:
            raise TaskNotFound(task)
        if not found.is_deleted:
            raise TaskConflict(f"the task {task} is not deleted")

    def _one(self, task: str, *, deleted: bool) -> dict[str, Any]:
        return {"_id": task, "account": self.account, "isDeleted": deleted}


async def _change(query: dict[str, Any], fields: dict[str, Any], moment: datetime) -> Task | None:
    """Set fields of the task that fits the query; its version grows, and its ``updatedAt`` never falls.

    Returns:
        the task as it was before, ``None`` where none fits.
    """
    change = {"$set": fields, "$inc": {"version": 1}, "$max": {"updatedAt": moment}}
    found = await Task.find_one(query).update(change, response_type=UpdateResponse.OLD_DOCUMENT)
    return found if isinstance(found, Task) else None


def _after(before: Task, fields: dict[str, Any], moment: datetime) -> Task:
    """The task as :func:`_change` left it."""
    written = {"version": before.version + 1, "updated_at": max(before.updated_at, moment)}
    after: Task = before.model_copy(update=fields | written)
    return after


def version_conflict(task: Task) -> TaskConflict:
    """The refusal of an update that was made for another version; ``extra`` says which there is."""
    return TaskConflict(f"the task {task.id} has version {task.version} by now", extra={"version": task.version})

"""The routes of tasks: ordinary Litestar handlers, each with an ``opt`` that tells the frontend what it does."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from acme_billing import Billing
from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ValidationException
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from acme_todo.errors import CursorMismatch, QuotaUsedUp, TaskConflict, TaskNotFound
from acme_todo.listing import Listing, Sort
from acme_todo.models import Priority, Task, TaskStatus
from acme_todo.requests import Tag, TaskCreate, TaskUpdate
from acme_todo.tasks import Tasks
from hookspecs import Payload, Scope, operation


def tasks_of(plugin_scope: Scope, billing: Billing) -> Tasks:
    """The tasks that a request may see."""
    return Tasks(plugin_scope.options.account, billing)


def task_id(id: FromPath[UUID]) -> str:  # noqa: A002 - the name of the path parameter on the wire
    """The path parameter as it is stored: in lower case, with hyphens."""
    return str(id)


class TaskController(Controller):
    """``/task``."""

    path = "/task"
    dependencies = {  # noqa: RUF012 - Litestar's own way
        "tasks": Provide(tasks_of, sync_to_thread=False),
        "task_id": Provide(task_id, sync_to_thread=False),
    }

    @get("/", opt=operation("dataRead"), raises=[CursorMismatch])
    async def read_all(
        self,
        plugin_scope: Scope,
        tasks: NamedDependency[Tasks],
        status: FromQuery[TaskStatus | None] = None,
        priority: FromQuery[Priority | None] = None,
        tag: Annotated[list[Tag] | None, QueryParameter(description="Only tasks with all of these tags.")] = None,
        title: Annotated[
            str, QueryParameter(max_length=200, pattern="^[^\\x00]*$", description="Only titles that begin so, in any case.")
        ] = "",
        deleted: Annotated[bool, QueryParameter(description="The bin instead of the tasks.")] = False,
        sort: Annotated[Sort, QueryParameter(description="The order, with - for downwards.")] = "-createdAt",
        limit: Annotated[int, QueryParameter(ge=1, le=200, description="How many on a page.")] = 50,
        cursor: Annotated[str | None, QueryParameter(max_length=2000, description="The `next` of the page before.")] = None,
    ) -> Payload[Task]:
        """Tasks, page by page, the newest first.

        Pages stay in step while tasks are created and deleted: none comes twice, none is left out.
        """
        listing = Listing(
            status=status,
            priority=priority,
            tags=tuple(tag or ()),
            title=title,
            deleted=deleted,
            sort=sort,
            limit=limit,
            cursor=cursor,
        )
        found, page = await tasks.page(listing)
        return await plugin_scope.payload(found, action="dataRead", model=Task, page=page)

    @get("/{id:uuid}", opt=operation("dataRead"), raises=[TaskNotFound])
    async def read(self, plugin_scope: Scope, tasks: NamedDependency[Tasks], task_id: NamedDependency[str]) -> Payload[Task]:
        """One task, unless it is in the bin."""
        return await plugin_scope.payload([await tasks.get(task_id)], action="dataRead")

    @post(
        "/",
        opt=operation("dataCreate", broadcast=["taskCreated"]),
        raises=[QuotaUsedUp, TaskConflict, ValidationException],
    )
    async def create(self, plugin_scope: Scope, tasks: NamedDependency[Tasks], data: JSONBody[TaskCreate]) -> Payload[Task]:
        """Create a task; refused where the account's quota is used up."""
        return await plugin_scope.payload([await tasks.create(data)], action="dataCreate")

    @patch(
        "/{id:uuid}",
        opt=operation("dataUpdate", broadcast=["taskUpdated"]),
        raises=[TaskNotFound, TaskConflict, ValidationException],
    )
    async def update(
        self, plugin_scope: Scope, tasks: NamedDependency[Tasks], task_id: NamedDependency[str], data: JSONBody[TaskUpdate]
    ) -> Payload[Task]:
        """Change a task.

        Only the given fields are written. With a `version`, the change is refused where somebody else was faster.
        """
        before, after = await tasks.update(task_id, data)
        return await plugin_scope.payload([after], action="dataUpdate", prev_version=before)

    @delete(
        "/{id:uuid}",
        opt=operation("dataDelete", broadcast=["taskDeleted"]),
        raises=[TaskNotFound],
        status_code=HTTP_200_OK,
    )
    async def remove(self, plugin_scope: Scope, tasks: NamedDependency[Tasks], task_id: NamedDependency[str]) -> Payload[Task]:
        """Put a task into the bin; it no longer takes quota."""
        await tasks.delete(task_id)
        return await plugin_scope.payload([], action="dataDelete", model=Task, deleted=[task_id])

    @delete(
        "/{id:uuid}/hard",
        opt=operation("dataHardDelete", broadcast=["taskDeleted"]),
        raises=[TaskNotFound],
        status_code=HTTP_200_OK,
    )
    async def remove_hard(self, plugin_scope: Scope, tasks: NamedDependency[Tasks], task_id: NamedDependency[str]) -> Payload[Task]:
        """Remove a task for good, whether it is in the bin or not."""
        await tasks.delete_hard(task_id)
        return await plugin_scope.payload([], action="dataHardDelete", model=Task, deleted=[task_id])

    @post(
        "/{id:uuid}/restore",
        opt=operation("dataRestore", name="restore", broadcast=["taskRestored"]),
        raises=[TaskNotFound, TaskConflict, QuotaUsedUp],
        status_code=HTTP_200_OK,
    )
    async def restore(self, plugin_scope: Scope, tasks: NamedDependency[Tasks], task_id: NamedDependency[str]) -> Payload[Task]:
        """Take a task out of the bin; refused where the account's quota is used up."""
        return await plugin_scope.payload([await tasks.restore(task_id)], action="dataRestore")

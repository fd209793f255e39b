"""The routes of tasks: the ready-made ones, with a list that can also be filtered by the beginning of the title."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, TypeAlias

from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Meta

from acme_todo.errors import QuotaUsedUp
from acme_todo.models import Priority, Task, TaskStatus
from acme_todo.tasks import Tasks
from hookspecs import Payload, RequestData, Scope
from host.data import CrudController, Listing, crud

Tag = Annotated[str, Meta(min_length=1, max_length=40)]
Sort: TypeAlias = Literal["createdAt", "-createdAt", "title", "-title", "priority", "-priority"]


async def read_all(  # noqa: PLR0913, PLR0917 - one argument per query parameter
    self: CrudController[Task],
    plugin_scope: Scope,
    request_data: NamedDependency[RequestData],
    status: FromQuery[TaskStatus | None] = None,
    priority: FromQuery[Priority | None] = None,
    tag: Annotated[list[Tag] | None, QueryParameter(description="Only tasks with all of these tags.")] = None,
    title: Annotated[
        str,
        QueryParameter(
            max_length=200, pattern="^[^\\x00]*$", description="Only titles that begin with this, in upper or lower case."
        ),
    ] = "",
    deleted: Annotated[bool, QueryParameter(description="List the soft-deleted tasks instead of the others.")] = False,
    sort: Annotated[Sort, QueryParameter(description="The field to sort by; - in front means descending.")] = "-createdAt",
    limit: Annotated[int, QueryParameter(ge=1, le=200, description="The maximum number of tasks on the page.")] = 50,
    cursor: Annotated[str | None, QueryParameter(max_length=2000, description="The `next` of the previous page.")] = None,
) -> Payload[Task]:
    """List tasks, page by page, newest first by default.

    While tasks are created and deleted, no task is listed twice and none is missed.
    """
    listing = Listing(
        filters={name: value for name, value in (("status", status), ("priority", priority)) if value is not None},
        query={"title": {"$regex": f"^{re.escape(title)}", "$options": "i"}} if title else {},
        tags=tuple(tag or ()),
        deleted=deleted,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )
    return await self.entities(plugin_scope).read_all(listing, request_data)


_USES_QUOTA: Final = {"raises": [QuotaUsedUp]}

#: The routes below ``/task``.
TaskController = crud(
    Task,
    service=Tasks,
    replace={"getAll": read_all},
    options={"create": _USES_QUOTA, "restore": _USES_QUOTA},
)

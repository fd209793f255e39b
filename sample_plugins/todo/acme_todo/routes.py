"""The routes of tasks: those that the host makes of the document, with a list that also finds titles by their beginning."""

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


async def read_all(  # noqa: PLR0913, PLR0917 - one a parameter of the query
    self: CrudController,
    plugin_scope: Scope,
    request_data: NamedDependency[RequestData],
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
        filters={name: value for name, value in (("status", status), ("priority", priority)) if value is not None},
        query={"title": {"$regex": f"^{re.escape(title)}", "$options": "i"}} if title else {},
        tags=tuple(tag or ()),
        deleted=deleted,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )
    return await self.entities(plugin_scope).read_all(listing, request_data)


_TAKING_A_UNIT: Final = {"raises": [QuotaUsedUp]}

#: ``/task``.
TaskController = crud(
    Task,
    service=Tasks,
    replace={"getAll": read_all},
    options={"create": _TAKING_A_UNIT, "restore": _TAKING_A_UNIT},
)

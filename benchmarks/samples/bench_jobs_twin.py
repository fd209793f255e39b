"""A hand-written Litestar and Beanie application that answers as :mod:`bench_jobs_plugin` does."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from beanie import Document
from litestar import Litestar, Request, Router, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.plugins.pydantic import PydanticPlugin
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pymongo.errors import DuplicateKeyError


class State(StrEnum):
    """The state of a job."""

    OPEN = "open"
    DONE = "done"


def wire_name(name: str) -> str:
    """Return the name of a field in the database."""
    return "_id" if name == "id" else to_camel(name)


def now() -> datetime:
    """Return the current time, truncated to milliseconds."""
    current = datetime.now(UTC)
    return current.replace(microsecond=current.microsecond // 1000 * 1000)


class Job(Document):
    """Something to do."""

    model_config = ConfigDict(alias_generator=wire_name)

    id: str = Field(default_factory=lambda: str(uuid4()))  # type: ignore[assignment]  # UUIDs instead of ObjectIds
    version: int = 1
    tags: list[str] = Field(default_factory=list)
    owner: str | None = None
    last_editor: str | None = None
    is_deleted: bool = False
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)
    title: str
    state: State = State.OPEN
    points: int = 0


class JobCreate(BaseModel):
    """The fields of a new job."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    title: str
    state: State = State.OPEN
    points: int = 0
    tags: list[str] = Field(default_factory=list)
    id: UUID | None = None


def answer(action: str, job: Job) -> dict[str, Any]:
    """Return the response with one job."""
    row = job.model_dump(mode="json", by_alias=True, exclude={"revision_id"})
    row["id"] = row.pop("_id")
    row |= {"_displayName": job.title, "_completion": job.state, "_tags": job.tags}
    return {"type": "job", "action": action, "body": {"items": [row]}}


@get("/job/{id:uuid}")
async def read(id: FromPath[UUID]) -> dict[str, Any]:  # noqa: A002 - the name on the wire
    """Return one job."""
    job = await Job.find_one({"_id": str(id), "isDeleted": False})
    if job is None:
        raise NotFoundException(f"there is no job {id}")
    return answer("dataRead", job)


@post("/job")
async def create(request: Request[Any, Any, Any], data: JSONBody[JobCreate]) -> dict[str, Any]:
    """Create a job; a broadcast is not supported."""
    if request.headers.get("x-broadcast", "true") == "true":
        raise HTTPException("this application announces nothing", status_code=501)
    fields = data.model_dump(exclude_unset=True, exclude={"id"})
    job = Job(**fields) if data.id is None else Job(id=str(data.id), **fields)
    try:
        await job.insert()
    except DuplicateKeyError:
        raise HTTPException("another job has this id", status_code=409) from None
    return answer("dataCreate", job)


app = Litestar([Router("/bench__jobs", route_handlers=[read, create])], plugins=[PydanticPlugin(prefer_alias=True)])

"""A plugin with ``crud`` for one document; its counterpart is :mod:`bench_jobs_twin`."""

from __future__ import annotations

from enum import StrEnum

from litestar import Controller

from hookspecs import PayloadHandler, hookimpl
from host.data import Document, crud


class State(StrEnum):
    """The state of a job."""

    OPEN = "open"
    DONE = "done"


class Job(Document):
    """Something to do."""

    title: str
    state: State = State.OPEN
    points: int = 0


@hookimpl
def register_models() -> type[Job]:
    return Job


@hookimpl
def register_payload() -> PayloadHandler:
    return PayloadHandler(Job, display_name=lambda job: job.title, completion=lambda job: job.state)


@hookimpl
def register_routes() -> type[Controller]:
    return crud(Job)

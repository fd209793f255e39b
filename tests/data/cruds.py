"""A plugin with ``crud(Task)``, on a database of its own, and requests to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from host import Host
from tests.distributions import Project
from tests.inprocess import running

T = TypeVar("T")
Client = Callable[..., Awaitable[httpx.Response]]

MODELS = '''
from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

from litestar import Controller, Router, get, post
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.params import JSONBody
from pydantic import Field, field_validator, model_validator
from pymongo import IndexModel

from host.data import *


class Status(StrEnum):
    """The progress."""

    OPEN = "open"
    DONE = "done"


class Priority(IntEnum):
    """The urgency."""

    HIGH = 1
    LOW = 2


class Task(Document):
    """A task."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    status: Status = Status.OPEN
    priority: Priority = Priority.LOW
    done: bool = False
    hours: float | None = None
    points: int = 0
    due_at: UtcDatetime | None = None
    kind: Literal["bug", "idea"] = "idea"
    code: Annotated[str | None, Field(frozen=True)] = None
    account: ReadOnly[str] = "main"
    secret: str = Field(default="hidden", exclude=True)
    notes: list[str] = Field(default_factory=list)

    @field_validator("title")
    @classmethod
    def _no_shouting(cls, title: str) -> str:
        if title.isupper():
            raise ValueError("do not shout")
        return title.strip()
'''

HOOKS = """

@hookimpl
def register_models(): return MODELS

@hookimpl
def register_payload():
    return [PayloadHandler(model, lambda item: item.title, lambda item: item.owner or "nobody") for model in MODELS]
"""

#: The header ``X-User`` of a request contains the user, e.g. ``ann admin``: a name, then roles.
USERS = """

class Headers:
    async def authenticate(self, connection: Any) -> User | None:
        name, *roles = connection.headers.get("x-user", "").split() or [""]
        return User(id=name, roles=frozenset(roles)) if name else None

@hookimpl
def register_contract(): return Contract(Authenticator, Headers(), "1.0")
"""


def install(project: Project, url: str, more: str = "ROUTES = crud(Task)", *, users: bool = False, models: str = "Task") -> None:
    """Install the plugin ``acme__todo``.

    Args:
        project: gets it.
        url: of a MongoDB.
        more: source; ``ROUTES`` is what ``register_routes`` returns.
        users: who sends a request is known.
        models: the names of the document classes.
    """
    routes = "\n\n@hookimpl\ndef register_routes(): return ROUTES\n"
    known = f"\nMODELS = [{models}]\n"
    future, _, rest = (MODELS + more + known + HOOKS + routes + (USERS if users else "")).partition("annotations\n")
    imports = "from hookspecs import *\n"
    project.install("acme-todo", {"acme_todo.py": future + "annotations\n" + imports + rest})
    project.configure(f'[database]\nurl = "{url}"\nname = "test{uuid4().hex[:12]}"\n')


def during(project: Project, function: Callable[[Host, Client], Awaitable[T]]) -> T:
    """Start a host, do something with it and a client of the plugin's routes, drop the database, stop."""

    async def life() -> T:
        async with running(project) as (host, client):
            try:
                return await function(host, partial(asked, client))
            finally:
                await drop(host)

    return asyncio.run(life())


class Served:
    """A running host; call it with a method, a path, and the arguments of :func:`asked`.

    Args:
        runner: of its event loop.
        host: the host.
        client: of it.
    """

    def __init__(self, runner: asyncio.Runner, host: Host, client: httpx.AsyncClient) -> None:
        self._runner = runner
        self._client = client
        self.host = host

    def __call__(self, *call: Any, **more: Any) -> httpx.Response:
        return self._runner.run(asked(self._client, *call, **more))

    def write(self, collection: str, query: dict[str, Any], change: dict[str, Any]) -> None:
        """Change documents as no plugin can."""
        model = self.host.boot.models[collection]
        self._runner.run(_written(model, query, change))


async def _written(model: Any, query: dict[str, Any], change: dict[str, Any]) -> None:
    await model.get_pymongo_collection().update_many(query, change)


@contextmanager
def served(root: Path, url: str, more: str = "ROUTES = crud(Task)", **options: Any) -> Iterator[Served]:
    """A host for several tests.

    Args:
        root: an empty directory.
        url: of a MongoDB.
        more: as for :func:`install`.
        options: as for :func:`install`.
    """
    project = Project.at(root)
    with project.site.active(), asyncio.Runner() as runner:
        install(project, url, more, **options)
        life = running(project)
        host, client = runner.run(life.__aenter__())
        try:
            yield Served(runner, host, client)
        finally:
            runner.run(drop(host))
            runner.run(life.__aexit__(None, None, None))


async def asked(client: httpx.AsyncClient, method: str, path: str, body: Any = None, user: str = "", **more: Any) -> httpx.Response:
    """Send a request to the plugin and return the response."""
    headers = {**more.pop("headers", {}), **({"x-user": user} if user else {})}
    sent = {} if body is None else {"json": body}
    return await client.request(method, f"/acme__todo{path}", headers=headers, **sent, **more)


async def drop(host: Host) -> None:
    """Drop the database of a host."""
    for model in host.boot.models.values():
        database = model.get_pymongo_collection().database
        await database.client.drop_database(database.name)
        return


def item(answer: httpx.Response) -> dict[str, Any]:
    """Return the only row of a payload."""
    (only,) = items(answer)
    return only


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the rows of a payload."""
    assert answer.is_success, answer.text
    found: list[dict[str, Any]] = answer.json()["body"]["items"]
    return found


def problem(answer: httpx.Response) -> tuple[int, Any]:
    """Return the status and ``extra`` of a problem."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json().get("extra")

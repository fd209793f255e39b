"""What the tests of conformance share: a journal that plugins write, and whole lives of a host in this process."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest

from host import Host
from host.common.errors import BootError, HostError
from host.common.rendering import error_block
from tests.distributions import Project
from tests.inprocess import client_of

T = TypeVar("T")

#: The settings under which one plugin's failure is no other's.
ISOLATE = '[plugins]\non_failure = "isolate"\n'

#: A route that answers with the plugin's key.
ANSWERING = """
    from litestar import get

    @get("/", sync_to_thread=False)
    def root(plugin_scope: Scope) -> str:
        return plugin_scope.key

    @hookimpl
    def register_routes(scope): return root
"""

#: A service and two hooks, each of which is noted.
NOTING = """
    from journal import note

    @hookimpl
    def register_services(scope):
        return {"pool": Service(lambda: note("open") or "pool", close=lambda pool: note(f"close {pool}"))}
    @hookimpl
    async def on_startup(scope): note(f"start {scope.name}")
    @hookimpl
    async def on_shutdown(scope): note(f"stop {scope.name}")
"""


def journal(project: Project) -> list[str]:
    """Give plugins a module ``journal`` with a function ``note``; the list gets what they note."""
    project.install("journal", {"journal.py": "entries = []\nnote = entries.append\n"}, plugins={})
    entries: list[str] = importlib.import_module("journal").entries
    return entries


def in_host(project: Project, function: Callable[[Host], Awaitable[T]]) -> T:
    """Start a host, do something with it, stop it."""

    async def life() -> T:
        async with Host(project.settings) as host:
            return await function(host)

    try:
        return asyncio.run(life())
    except HostError as error:
        error.add_note(error_block(error))  # so that a test that fails says why
        raise


def live(project: Project) -> None:
    """Start and stop."""

    async def nothing(_host: Host) -> None: ...

    in_host(project, nothing)


def lived(project: Project, function: Callable[[Host], Awaitable[None]]) -> None:
    """Do something with a host that was not started."""

    async def life() -> None:
        await function(Host(project.settings))

    asyncio.run(life())


def get(project: Project, *paths: str) -> list[httpx.Response]:
    """What a started host answers to some GET requests."""

    async def ask(host: Host) -> list[httpx.Response]:
        async with client_of(host) as client:
            return [await client.get(path) for path in paths]

    return in_host(project, ask)


def texts(project: Project, *paths: str) -> list[str]:
    """The bodies of what a started host answers to some GET requests."""
    return [answer.text for answer in get(project, *paths)]


def errors(project: Project) -> tuple[HostError, ...]:
    """What a start or a stop fails with."""
    with pytest.raises(BootError) as caught:
        live(project)
    return caught.value.errors


def error(project: Project) -> Any:
    """The one error that a start or a stop fails with."""
    (only,) = errors(project)
    return only


def failures(project: Project) -> dict[str, list[HostError]]:
    """The failures of a start whose plugins are isolated, by key."""

    async def seen(host: Host) -> dict[str, list[HostError]]:
        return {key: host.boot.failures[key] for key in host.boot.failures}

    return in_host(project, seen)


def models(host: Host, key: str) -> list[Any]:
    """The document classes of one plugin of a started host, in the order in which it registered them."""
    return [model for name, model in host.boot.models.items() if name.startswith(f"{key}-")]

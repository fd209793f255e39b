"""Helpers of the conformance tests: a journal that plugins write to, and hosts that start and stop in this process."""

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

#: The settings under which a failing plugin is isolated.
ISOLATE = '[plugins]\non_failure = "isolate"\n'

#: A plugin with a route that returns its key.
ANSWERING = """
    from litestar import get

    @get("/", sync_to_thread=False)
    def root(plugin_scope: Scope) -> str:
        return plugin_scope.key

    @hookimpl
    def register_routes(scope): return root
"""

#: A plugin with a service and two hooks, each of which writes to the journal.
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
    """Install a module ``journal`` with a function ``note`` for plugins, and return the list of their notes."""
    project.install("journal", {"journal.py": "entries = []\nnote = entries.append\n"}, plugins={})
    entries: list[str] = importlib.import_module("journal").entries
    return entries


def in_host(project: Project, function: Callable[[Host], Awaitable[T]]) -> T:
    """Start a host, call a function with it, stop it, and return the result."""

    async def life() -> T:
        async with Host(project.settings) as host:
            return await function(host)

    try:
        return asyncio.run(life())
    except HostError as error:
        error.add_note(error_block(error))  # shown if the test fails
        raise


def live(project: Project) -> None:
    """Start and stop a host."""

    async def nothing(_host: Host) -> None: ...

    in_host(project, nothing)


def with_new_host(project: Project, function: Callable[[Host], Awaitable[None]]) -> None:
    """Call a function with a host that has not been started."""

    async def life() -> None:
        await function(Host(project.settings))

    asyncio.run(life())


def get(project: Project, *paths: str) -> list[httpx.Response]:
    """Return the responses of a started host to GET requests."""

    async def ask(host: Host) -> list[httpx.Response]:
        async with client_of(host) as client:
            return [await client.get(path) for path in paths]

    return in_host(project, ask)


def response_texts(project: Project, *paths: str) -> list[str]:
    """Return the bodies of the responses of a started host to GET requests."""
    return [response.text for response in get(project, *paths)]


def errors(project: Project) -> tuple[HostError, ...]:
    """Return the errors with which a start or a stop fails."""
    with pytest.raises(BootError) as caught:
        live(project)
    return caught.value.errors


def error(project: Project) -> Any:
    """Return the only error with which a start or a stop fails."""
    (only,) = errors(project)
    return only


def failures(project: Project) -> dict[str, list[HostError]]:
    """Return the failures of a start that isolates failing plugins, by key."""

    async def read(host: Host) -> dict[str, list[HostError]]:
        return {key: host.boot.failures[key] for key in host.boot.failures}

    return in_host(project, read)


def models(host: Host, key: str) -> list[Any]:
    """Return the document classes of a plugin of a started host, in the order of their registration."""
    return [model for name, model in host.boot.models.items() if name.startswith(f"{key}-")]

"""Plugins that wait in one of their hooks until a test releases them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import httpx

from host import Host
from tests.distributions import Project

#: A hook that sets an event when it is reached, and waits.
WAITS = """
    import asyncio

    reached, go = asyncio.Event(), asyncio.Event()
    log = []

    async def wait(what):
        reached.set()
        try:
            await go.wait()
        except asyncio.CancelledError:
            log.append("cancelled")
            raise
        log.append(what)

    @hookimpl
    async def {hook}(scope):
        await wait("{hook}")
"""

#: Limit in seconds for everything that a test waits for.
_LIMIT = 60.0


def module(name: str) -> ModuleType:
    """Return a plugin's module after it was imported."""
    return sys.modules[name]


async def soon(awaitable: Awaitable[Any]) -> Any:
    """Await something, with a limit."""
    async with asyncio.timeout(_LIMIT):
        return await awaitable


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run until a condition is true."""
    async with asyncio.timeout(_LIMIT):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


async def reached(name: str) -> ModuleType:
    """Wait until a waiting plugin's hook was called, and return the plugin's module."""
    await until(lambda: name in sys.modules)
    await soon(module(name).reached.wait())
    return module(name)


def asgi_client_of(host: Host) -> httpx.AsyncClient:
    """Return a client of the application that a server would call."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=host.asgi, raise_app_exceptions=False), base_url="http://host")


@asynccontextmanager
async def starting(project: Project, name: str) -> AsyncIterator[tuple[Host, ModuleType, asyncio.Task[None]]]:
    """Yield a host whose start waits in a module's plugin, that module, and the task of the start."""
    host = Host(project.settings)
    start = asyncio.create_task(host.ready())
    try:
        yield host, await reached(name), start
    finally:
        module(name).go.set()
        await soon(host.close())
        await asyncio.gather(start, return_exceptions=True)

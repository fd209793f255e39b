"""A host in this process, and requests to it without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from host import Host
from tests.distributions import Project


def client_of(host: Host) -> httpx.AsyncClient:
    """Return a client of an assembled host; an exception in a handler becomes the response that a server would send."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=host.app, raise_app_exceptions=False), base_url="http://host")


@asynccontextmanager
async def running(project: Project) -> AsyncIterator[tuple[Host, httpx.AsyncClient]]:
    """Start the plugins of a project, and yield the host and a client."""
    async with Host(project.settings) as host, client_of(host) as client:
        yield host, client

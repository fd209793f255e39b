"""Run a project's plugins in this process: register, assemble, start."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from litestar import Litestar
from litestar.testing import TestClient

from host.lifecycle.boot import Boot
from host.lifecycle.running import Runtime
from tests.distributions import Project


def boot(project: Project) -> Boot:
    """Register a project's plugins, even if some fail."""
    new_boot = Boot(project.settings, "web")
    asyncio.run(new_boot.register())
    return new_boot


@contextmanager
def client_of(project: Project) -> Iterator[TestClient[Litestar]]:
    """Yield a client of a project's started application."""
    new_boot = boot(project)
    app = new_boot.assemble([Runtime(new_boot).lifespan])
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client

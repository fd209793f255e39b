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
    """Register a project's plugins, whatever fails."""
    made = Boot(project.settings, "web")
    asyncio.run(made.register())
    return made


@contextmanager
def client_of(project: Project) -> Iterator[TestClient[Litestar]]:
    """A client of the started application of a project."""
    made = boot(project)
    app = made.assemble([Runtime(made).lifespan])
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client

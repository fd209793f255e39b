"""A host that is killed within transactions of two plugins: what it acknowledged is stored, and nothing is half done."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

from tests.data.ledger import install
from tests.distributions import Project
from tests.serverkit import Server

WRITERS = 16
ENOUGH = 60


@dataclass
class Burst:
    """Concurrent writers, until the server is gone.

    Args:
        client: of the server.
    """

    client: httpx.AsyncClient
    acknowledged: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self) -> None:
        """Make things until a request is not answered."""
        while True:
            identifier = str(uuid4())
            self.unknown.add(identifier)
            try:
                answer = await self.client.post("/acme__shop/thing", params={"id": identifier})
            except httpx.TransportError:
                self.enough.set()
                return
            assert answer.status_code == 201, answer.text
            self.unknown.discard(identifier)
            self.acknowledged.add(identifier)
            if len(self.acknowledged) >= ENOUGH:
                self.enough.set()


@pytest.fixture
def server(project: Project) -> Iterator[Server]:
    install(project)
    made = Server(project.directory, environment=project.environment())
    yield made
    made.close()


async def _killed_in_a_burst(server: Server, *, database: bool) -> Burst:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        burst = Burst(client)
        writers = [asyncio.create_task(burst.write()) for _ in range(WRITERS)]
        await burst.enough.wait()
        await asyncio.to_thread(server.kill, database=database)
        await asyncio.gather(*writers)
        return burst


@pytest.mark.parametrize("database", [False, True], ids=["host", "host-and-mongod"])
def test_a_kill_within_transactions_leaves_both_documents_or_none(server: Server, *, database: bool) -> None:
    server.start()
    burst = asyncio.run(_killed_in_a_burst(server, database=database))
    assert server.returncode == -signal.SIGKILL
    assert burst.unknown, "the kill came too late to interrupt anything"
    server.start()
    used, things = httpx.get(f"{server.url}/acme__shop/count", timeout=60).json()
    kept = set(httpx.get(f"{server.url}/acme__shop/thing", timeout=60).json())
    assert used == things == len(kept)
    assert burst.acknowledged <= kept, "what was acknowledged is lost"
    assert kept <= burst.acknowledged | burst.unknown


def test_after_a_kill_no_request_waits_for_its_locks(server: Server) -> None:
    server.start()
    asyncio.run(_killed_in_a_burst(server, database=False))
    server.start()
    answer = httpx.post(f"{server.url}/acme__shop/thing", params={"id": str(uuid4())}, timeout=60)
    assert answer.status_code == 201, answer.text

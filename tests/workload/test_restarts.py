"""A server that is killed or stopped while dozens of clients write keeps every acknowledged write."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from tests.serverkit import Serve, Server, serve
from tests.workload.load import IN_FLIGHT, TASKS, TOML, Http, all_pages, client, create, each, ids, run, used

__all__ = ("serve",)

OLD = 200
_REFUSED = 503
ENOUGH = 150


@dataclass
class Burst:
    """Writes of many concurrent clients, until the server is gone.

    Args:
        http: their client.
        old: existing tasks; every fourth write deletes one of them.
    """

    http: Http
    old: list[str]

    def __post_init__(self) -> None:
        self.created: set[str] = set()
        self.deleted: set[str] = set()
        self.unknown_created: set[str] = set()
        self.unknown_deleted: set[str] = set()
        self.enough = asyncio.Event()
        self._count = 0

    async def write(self) -> None:
        """Write until a request is refused because the server stops, or gets no response."""
        while True:
            self._count += 1
            deleting = self._count % 4 == 0 and self.old
            task = self.old.pop() if deleting else str(uuid4())
            done, unknown = (self.deleted, self.unknown_deleted) if deleting else (self.created, self.unknown_created)
            unknown.add(task)
            try:
                call = self.http.delete(f"{TASKS}/{task}") if deleting else self.http.post(TASKS, json={"title": "T", "id": task})
                answer = await call
            except httpx.TransportError:
                self.enough.set()
                return
            unknown.discard(task)
            if answer.status_code == _REFUSED:
                assert "retry-after" in answer.headers
                self.enough.set()
                return
            assert answer.status_code in (200, 201), answer.text
            done.add(task)
            if len(self.created) > ENOUGH:
                self.enough.set()


async def burst(server: Server, end) -> Burst:
    """Begin a burst, end the server in the middle of it, and return the acknowledged writes."""
    async with client(server.url) as http:
        old = [task["id"] for task in await each(lambda number: create(http, title=f"Old {number}"), range(OLD))]
        writing = Burst(http, list(old))
        writers = [asyncio.create_task(writing.write()) for _ in range(IN_FLIGHT)]
        await writing.enough.wait()
        await asyncio.to_thread(end)
        await asyncio.gather(*writers)
        writing.old = [task for task in old if task not in writing.deleted | writing.unknown_deleted]
        return writing


def check_kept(writing: Burst, live: set[str]) -> None:
    """Check that every acknowledged write is kept, and that nothing else exists except writes without a response."""
    sure = writing.created | set(writing.old)
    assert sure <= live, f"{len(sure - live)} acknowledged tasks are lost"
    assert not (back := writing.deleted & live), f"{len(back)} deleted tasks came back"
    assert live <= sure | writing.unknown_created | writing.unknown_deleted


@pytest.mark.parametrize("database", [False, True], ids=["host", "host-and-mongod"])
def test_kill_in_a_burst_loses_no_acknowledged_write(serve: Serve, database: bool):
    server = serve(TOML.format(limit=5_000))
    writing = asyncio.run(burst(server, lambda: server.kill(database=database)))
    assert server.returncode == -signal.SIGKILL
    assert len(writing.created) > ENOUGH
    assert writing.unknown_created, "the kill came too late to interrupt anything"

    server.start()

    async def look(http):
        return ids(await all_pages(http, limit=200)), await used(http)

    live, reserved = run(server, look)
    check_kept(writing, live)
    assert reserved == len(live), "task and quota are written both, or none"


def test_a_stop_in_a_burst_drains_and_keeps_everything(serve: Serve):
    server = serve(TOML.format(limit=5_000))
    writing = asyncio.run(burst(server, server.stop))
    assert server.returncode == 0, server.stderr

    server.start()

    async def look(http):
        return ids(await all_pages(http, limit=200)), await used(http)

    live, reserved = run(server, look)
    check_kept(writing, live)
    assert reserved == len(live)

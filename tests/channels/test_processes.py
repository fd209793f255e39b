"""Two real host processes on one real Redis: browsers of one receive what the other broadcasts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from host.database.embedded.ports import LOOPBACK, free_port
from tests.channels.rediskit import RedisServer, redis
from tests.channels.shop import CHANNEL, SOURCE, shops
from tests.distributions import Project
from tests.serverkit import Server, until

__all__ = ["redis", "shops"]  # fixtures

Start = Callable[..., Server]

#: What the server of a project logs if channels stay within a worker.
ALONE = "messages of channels stay within the worker"


def toml(redis: RedisServer) -> str:
    return f'[channels]\nurl = "{redis.url}"\n'


@contextmanager
def listening(server: Server, last: int = 0) -> Iterator[ClientConnection]:
    """A socket that listens to the channel."""
    with connect(f"{server.url.replace('http', 'ws')}/channels") as socket:
        socket.send(json.dumps({"subscribe": CHANNEL, "last": last, "ack": True}))
        assert received(socket) == {"subscribed": CHANNEL}
        yield socket


def received(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=60))


def numbers(socket: ClientConnection, count: int) -> list[int]:
    """The numbers of the next messages."""
    return [received(socket)["data"]["number"] for _ in range(count)]


def both_serve(server: Server) -> bool:
    """Whether each of two workers does: one says so while the other still starts, and the kernel deals requests out to both."""
    return all(httpx.get(f"{server.url}/health/ready", timeout=30).is_success for _ in range(16))


def add(server: Server, **query: Any) -> None:
    httpx.get(f"{server.url}/shop__cart/add", params=query, timeout=30).raise_for_status()


@pytest.fixture
def pair(shops: Start, redis: RedisServer) -> tuple[Server, Server]:
    """Two servers on one Redis."""
    return shops(toml(redis), name="one"), shops(toml(redis), name="other")


def test_a_broadcast_reaches_sockets_of_both_servers(pair: tuple[Server, Server]) -> None:
    one, other = pair
    with listening(one) as here, listening(other) as there:
        add(one, text="pear")
        expected = {"channel": CHANNEL, "data": {"number": 0, "text": "pear"}}
        assert (received(here), received(there)) == (expected, expected)


def test_broadcasts_of_both_servers_reach_a_socket_in_order(pair: tuple[Server, Server]) -> None:
    one, other = pair
    with listening(other) as socket:
        add(one, count=300)
        add(other, first=300, count=300)
        assert numbers(socket, 600) == list(range(600))


def test_a_broadcast_reaches_event_streams_of_the_other_server(pair: tuple[Server, Server]) -> None:
    one, other = pair
    with httpx.stream("GET", f"{other.url}/channels/events", params={"channel": CHANNEL}, timeout=60) as events:
        add(one, text="plum")
        line = next(line for line in events.iter_lines() if line.startswith("data:"))
    assert json.loads(line.removeprefix("data:"))["data"] == {"number": 0, "text": "plum"}


def test_a_server_replays_messages_of_another(pair: tuple[Server, Server]) -> None:
    one, other = pair
    add(one, count=20)
    with listening(other, last=5) as socket:
        assert numbers(socket, 5) == list(range(15, 20))


def test_messages_are_replayed_after_a_restart(shops: Start, redis: RedisServer) -> None:
    server = shops(toml(redis))
    add(server, count=5)
    server.stop()
    with listening(server.start(), last=3) as socket:
        assert numbers(socket, 3) == [2, 3, 4]


def test_workers_on_one_redis_share_broadcasts(shops: Start, redis: RedisServer) -> None:
    server = shops(toml(redis), arguments=["--workers", "2"])
    until(lambda: both_serve(server), 30, "both workers serve")
    with ExitStack() as stack:
        sockets = [stack.enter_context(listening(server)) for _ in range(40)]  # of both: the kernel deals them out
        add(server, text="fig")
        assert [received(socket)["data"]["text"] for socket in sockets] == ["fig"] * 40
    assert ALONE not in server.stderr


def test_workers_without_redis_cause_a_warning(shops: Start) -> None:
    assert ALONE in shops(arguments=["--workers", "2"]).stderr


def test_one_worker_causes_no_warning(shops: Start) -> None:
    assert ALONE not in shops().stderr


def test_messages_are_delivered_again_after_redis_was_killed_and_started(pair: tuple[Server, Server], redis: RedisServer) -> None:
    one, other = pair
    with listening(other) as socket:
        redis.kill()
        until(lambda: "lost the connection" in one.stderr and "lost the connection" in other.stderr, 60, "the loss is logged")
        add(one, first=1)  # it does not leave; the request succeeds all the same
        redis.start()
        until(lambda: "again after" in one.stderr and "again after" in other.stderr, 60, "the return is logged")
        add(one, first=2)
        assert numbers(socket, 1) == [2]
    logs = one.stderr + other.stderr
    assert [logs.count(text) for text in ("lost the connection", "again after", "could not be sent", "are sent again")] == [
        2,
        2,
        1,
        1,
    ], logs
    assert "Traceback" not in logs


def test_a_redis_that_does_not_answer_aborts_the_start(project: Project) -> None:
    project.install("shop-cart", SOURCE)
    project.configure(f'[channels]\nurl = "redis://:secret@{LOOPBACK}:{free_port()}/0"\n')
    before = time.monotonic()
    outcome = project.host("run", "--port", "0")
    assert (outcome.code, time.monotonic() - before < 20) == (4, True), outcome.stderr
    assert "channels-unreachable" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert "secret" not in outcome.stderr

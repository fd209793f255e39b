"""A real server under load: a thousand sockets, clients that disconnect abruptly, do not read or send garbage."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.sockets import Socket, open_sockets
from tests.channels.shop import CHANNEL, shops
from tests.serverkit import Server

__all__ = ["shops"]  # a fixture

Start = Callable[..., Server]

LIMIT = 60.0
#: A message of this size fills what the kernel keeps for a client after some dozens.
LARGE = 65_536
#: What the protocol of channels closes with, and what RFC 6455 has for frames that are none.
CODES = {1001, 1002, 1007, 1008, 1009, 1013, 4401}


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"not within {LIMIT:g} s: {what}"
        await asyncio.sleep(0.01)


def port_of(server: Server) -> int:
    return urlsplit(server.url).port or 0


async def ask(server: Server, path: str) -> None:
    """Have the plugin do something."""
    async with httpx.AsyncClient(base_url=f"{server.url}/shop__cart", timeout=LIMIT) as client:
        (await client.get(path)).raise_for_status()


async def listen(server: Server, count: int, **options: Any) -> list[Socket]:
    """Sockets that listen."""
    sockets = await open_sockets(port_of(server), "/channels", count, **options)
    for socket in sockets:
        socket.send_json({"subscribe": CHANNEL, "ack": True})
    await until(lambda: all(socket.texts for socket in sockets), "all listen")
    for socket in sockets:
        socket.texts.clear()
    return sockets


async def leave(*sockets: Socket) -> None:
    """Close them, and wait until they are."""
    for socket in sockets:
        socket.transport.abort()
    await asyncio.gather(*(socket.closed for socket in sockets))


def numbers(socket: Socket) -> list[int]:
    """What has come, by number."""
    return [json.loads(text)["data"]["number"] for text in socket.texts]


def different(sockets: Sequence[Socket], expected: list[int]) -> list[int]:
    """How many messages those have that have not what is expected."""
    return [len(socket.texts) for socket in sockets if numbers(socket) != expected]


def worker(server: Server) -> psutil.Process:
    """The process that serves."""
    return max(psutil.Process(server.pid).children(recursive=True), key=lambda process: process.memory_info().rss)


@pytest.fixture
def server(shops: Start) -> Server:
    return shops()


def test_a_thousand_subscriptions_on_one_socket(server: Server) -> None:
    async def scenario() -> None:
        (socket,) = await open_sockets(port_of(server), "/channels", 1)
        for name in [CHANNEL, *(f"shop__cart--shelf{number}" for number in range(1000))]:
            socket.send_json({"subscribe": name, "ack": True})
        await until(lambda: len(socket.texts) > 1000, "all answers")
        answers = [json.loads(text) for text in socket.texts]
        assert [answer for answer in answers[:1000] if "subscribed" not in answer] == []
        assert (answers[1000]["status"], answers[1000]["channel"]) == (429, "shop__cart--shelf999")
        socket.texts.clear()
        await ask(server, "/add")
        await until(lambda: socket.texts, "a message")
        assert numbers(socket) == [0]
        await leave(socket)

    asyncio.run(scenario())


def test_a_thousand_sockets_receive_all_messages_in_order(server: Server) -> None:
    async def scenario() -> None:
        sockets = await listen(server, 1000)
        await ask(server, "/add?count=20")
        await until(lambda: all(len(socket.texts) >= 20 for socket in sockets), "all messages")
        assert different(sockets, list(range(20))) == []
        await leave(*sockets)

    asyncio.run(scenario())


def test_a_burst_beyond_the_backlog_drops_no_client_that_reads(shops: Start) -> None:
    async def scenario(server: Server) -> None:
        sockets = await listen(server, 20)
        await ask(server, "/add?count=3000")
        await until(lambda: all(len(one.texts) >= 3000 or one.closed.done() for one in sockets), "all messages")
        assert different(sockets, list(range(3000))) == []
        await leave(*sockets)

    asyncio.run(scenario(shops("[channels]\nbacklog = 100\n")))


def test_clients_that_vanish_leave_nothing_behind(server: Server) -> None:
    async def scenario() -> None:
        process = worker(server)
        kept = await listen(server, 10)
        before = process.num_fds()
        for _ in range(3):
            gone = await listen(server, 200)
            sending = asyncio.create_task(ask(server, "/add?count=20"))
            for socket in gone:
                socket.vanish()
            await sending
        await until(lambda: process.num_fds() <= before + 2, "their connections are closed")
        await until(lambda: all(len(socket.texts) >= 60 for socket in kept), "all messages")
        assert different(kept, [*range(20)] * 3) == []
        await leave(*kept)

    asyncio.run(scenario())
    assert "Traceback" not in server.stderr


def test_clients_that_do_not_read_are_dropped_and_others_receive_everything(shops: Start) -> None:
    """200 of 1,000 do not read 70 large messages (900 MB in all) and then no small ones."""
    server = shops("[channels]\nbacklog = 60\n")

    async def scenario() -> None:
        process = worker(server)
        slow = await listen(server, 200, buffer=4096)
        for socket in slow:
            socket.stop_reading()
        before, connections = process.memory_info().rss, process.num_fds()
        for _ in range(70):
            await ask(server, f"/fill?size={LARGE}")
        fast = await listen(server, 800)
        for number in range(0, 60, 10):
            await ask(server, f"/add?first={number}&count=10")
        for socket in slow[:10]:  # those that read again at once are told why
            socket.transport.resume_reading()
        await until(lambda: all(len(socket.texts) >= 60 for socket in fast), "all messages")
        assert different(fast, list(range(60))) == []
        await until(lambda: all(socket.closed.done() for socket in slow[:10]), "those that read again are closed")
        assert {socket.code for socket in slow[:10]} == {1013}
        await until(lambda: process.num_fds() <= connections - 200 + 800 + 2, "the slow ones are closed")
        assert (process.memory_info().rss - before) / 2**20 < 150
        await leave(*slow, *fast)

    asyncio.run(scenario())
    assert "Traceback" not in server.stderr


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all examples of garbage."""
    yield from (start() for start in shops.__wrapped__(tmp_path_factory.mktemp("garbage")))  # type: ignore[attr-defined]


FRAMES = st.one_of(
    st.tuples(st.just(1), st.text().map(lambda text: text.encode(errors="replace"))),
    st.tuples(st.sampled_from([0, 1, 2, 9, 10, 3, 11]), st.binary(max_size=200)),
    st.tuples(st.just(1), st.sampled_from([b"{}", b"null", b'{"subscribe":1}', b'{"subscribe":"x","last":-1}', b"[" * 9000])),
    st.tuples(st.just(1), st.integers(60_000, 80_000).map(lambda size: b"x" * size)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(frames=st.lists(FRAMES, max_size=30), raw=st.binary(max_size=50))
def test_garbage_is_answered_or_closes_the_connection(lasting: Server, frames: list[tuple[int, bytes]], raw: bytes) -> None:
    async def scenario() -> None:
        (socket,) = await open_sockets(port_of(lasting), "/channels", 1)
        for kind, payload in frames:
            socket.send(payload, kind)
        socket.send_json({"ping": "still there"})
        answered = b'{"pong":"still there"}'
        await until(lambda: socket.closed.done() or answered in socket.texts, "an answer or the end")
        assert socket.code is None or socket.code in CODES
        if not socket.closed.done():
            socket.transport.write(raw)
        await leave(socket)
        (other,) = await open_sockets(port_of(lasting), "/channels", 1)
        other.send_json({"ping": 1})
        await until(lambda: other.texts == [b'{"pong":1}'], "others are served")
        await leave(other)

    asyncio.run(scenario())
    assert "Traceback" not in lasting.stderr


def test_the_server_stops_while_a_thousand_sockets_disconnect(server: Server) -> None:
    """Each wakes the event loop up, which must not keep the signal from it."""

    async def scenario() -> None:
        sockets = await listen(server, 1000)
        for socket in sockets:
            socket.vanish()
        await asyncio.gather(*(socket.closed for socket in sockets))

    asyncio.run(scenario())
    assert server.stop() == 0
    assert "Traceback" not in server.stderr

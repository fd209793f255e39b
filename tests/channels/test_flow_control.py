"""Flow control: when messages pause, for how long, and what that means for their sender."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from litestar.channels.backends.memory import MemoryChannelsBackend

from host.web.channels import flow_control
from host.web.channels.connection import Connection
from host.web.channels.flow_control import FlowControlBackend
from host.web.channels.message import Message
from tests.channels.clients import until
from tests.channels.clock import Clock, run

CHANNEL = "acme__todo--made"
#: Messages are counted in steps of a quarter of it.
BACKLOG = 8


class Stream:
    """A started backend; what it delivers is in ``delivered``."""

    def __init__(self, connections: list[Connection], backlog: int) -> None:
        self.backend = FlowControlBackend(MemoryChannelsBackend(history=10), connections, backlog)
        self.delivered: list[bytes] = []

    async def read(self) -> None:
        async for _, data in self.backend.stream_events():
            self.delivered.append(data)


@asynccontextmanager
async def started(*connections: Connection, backlog: int = BACKLOG) -> AsyncIterator[Stream]:
    """Yield a started backend that delivers the channel."""
    stream = Stream(list(connections), backlog)
    await stream.backend.on_startup()
    await stream.backend.subscribe([CHANNEL])
    reading = asyncio.create_task(stream.read())
    try:
        yield stream
    finally:
        reading.cancel()
        await asyncio.wait({reading})
        await stream.backend.on_shutdown()


async def let_run() -> None:
    """Let all tasks run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def congested() -> Connection:
    """Return a connection with more than half of its outbox pending."""
    connection = Connection(None, BACKLOG)
    while not connection.congested:
        connection.put(Message("", "", None, "x", 1))
    return connection


async def publish(stream: Stream, count: int, data: bytes = b"x") -> None:
    for _ in range(count):
        await stream.backend.publish(data, [CHANNEL])


def test_messages_do_not_pause_while_no_client_is_congested() -> None:
    async def scenario(_clock: Clock) -> None:
        async with started(Connection(None, BACKLOG)) as stream:
            await publish(stream, 10)
            await let_run()
            assert len(stream.delivered) == 10

    run(scenario)


def test_messages_pause_after_a_quarter_of_the_backlog_while_a_client_is_congested() -> None:
    async def scenario(_clock: Clock) -> None:
        async with started(Connection(None, BACKLOG), congested()) as stream:
            await publish(stream, 10)
            await let_run()
            assert len(stream.delivered) == 2

    run(scenario)


@pytest.mark.parametrize("backlog", [1, 4, 6, 7])
def test_messages_pause_after_each_one_if_the_backlog_is_small(backlog: int) -> None:
    async def scenario(_clock: Clock) -> None:
        async with started(congested(), backlog=backlog) as stream:
            await publish(stream, 3)
            await let_run()
            assert len(stream.delivered) == 1

    run(scenario)


def test_messages_pause_after_a_quarter_of_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_control, "MAX_PENDING_BYTES", 100)

    async def scenario(_clock: Clock) -> None:
        slow = congested()
        async with started(slow) as stream:
            stream.backend._step = 1000
            await publish(stream, 1, b"x" * 24)
            await publish(stream, 3, b"x")
            await let_run()
            assert len(stream.delivered) == 2
            slow.close(None)
            await until(lambda: len(stream.delivered) == 4, "the next messages: their bytes count from zero")

    run(scenario)


def test_a_client_that_takes_nothing_is_waited_for_only_briefly() -> None:
    async def scenario(clock: Clock) -> None:
        async with started(congested()) as stream:
            await publish(stream, 4)
            await let_run()
            clock.ahead += flow_control._PROGRESS_INTERVAL
            await let_run()
            assert len(stream.delivered) == 4

    run(scenario)


def test_a_client_that_takes_something_is_waited_for_a_while() -> None:
    async def scenario(clock: Clock) -> None:
        slow = congested()
        async with started(slow) as stream:
            await publish(stream, 4)
            await let_run()
            begin = clock.time()
            while len(stream.delivered) == 2:
                slow.sent_count += 1
                clock.ahead += flow_control._PROGRESS_INTERVAL
                await let_run()
            assert clock.time() - begin == pytest.approx(flow_control._MAX_PAUSE, abs=3 * flow_control._PROGRESS_INTERVAL)

    run(scenario)


def test_the_pause_ends_when_no_client_is_congested_any_more() -> None:
    async def scenario(clock: Clock) -> None:
        slow = congested()
        async with started(slow) as stream:
            await publish(stream, 4)
            await let_run()
            slow.sent_count += 1
            slow._pending.clear()
            clock.ahead += flow_control._PROGRESS_INTERVAL
            await let_run()
            assert len(stream.delivered) == 4

    run(scenario)


def test_a_sender_waits_while_messages_pause() -> None:
    async def scenario(clock: Clock) -> None:
        async with started(congested()) as stream:
            await publish(stream, 2)
            await let_run()
            sending = asyncio.create_task(publish(stream, 1))
            await let_run()
            assert not sending.done()
            clock.ahead += flow_control._PROGRESS_INTERVAL
            await asyncio.wait_for(sending, 5)
            await asyncio.wait_for(publish(stream, 1), 5)
            await let_run()
            assert len(stream.delivered) == 4

    run(scenario)


def test_a_sender_far_ahead_lets_others_run() -> None:
    async def scenario(_clock: Clock) -> None:
        async with started() as stream:
            await publish(stream, flow_control._MAX_IN_TRANSIT)
            assert stream.delivered == []
            await publish(stream, 1)
            assert len(stream.delivered) == flow_control._MAX_IN_TRANSIT + 1
            await publish(stream, flow_control._MAX_IN_TRANSIT)
            assert len(stream.delivered) == flow_control._MAX_IN_TRANSIT + 1, "it counts from zero again"

    run(scenario)


def test_letting_others_run_takes_no_time() -> None:
    async def scenario(_clock: Clock) -> None:
        async with started() as stream:
            sending = asyncio.create_task(publish(stream, flow_control._MAX_IN_TRANSIT + 1))
            await let_run()
            assert sending.done()

    run(scenario)


def test_history_and_subscriptions_are_those_of_the_wrapped_backend() -> None:
    async def scenario(_clock: Clock) -> None:
        async with started() as stream:
            for data in (b"1", b"2", b"3"):
                await publish(stream, 1, data)
            assert await stream.backend.get_history(CHANNEL, 2) == [b"2", b"3"]
            assert await stream.backend.get_history(CHANNEL) == [b"1", b"2", b"3"]
            await let_run()
            await stream.backend.unsubscribe([CHANNEL])
            await publish(stream, 1, b"4")
            await let_run()
            assert stream.delivered == [b"1", b"2", b"3"]

    run(scenario)

"""The open connections: their expiry, their heartbeats, and the end of the server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from hookspecs import User
from host.web.channels.connection import GRACE, STALL_TIMEOUT, CloseReason
from host.web.channels.connection_registry import ConnectionRegistry
from host.web.channels.message import Message
from tests.channels.clients import until
from tests.channels.clock import Clock, run

EXPIRED = CloseReason(4401, "the credentials have expired")
GOING_AWAY = CloseReason(1001, "the server is shutting down")


def user(seconds: float, zone: tzinfo | None = UTC) -> User:
    """Return a user whose credentials expire after some seconds; without a time zone, the time is in UTC."""
    expires = datetime.now(zone or UTC) + timedelta(seconds=seconds)
    return User(id="ann", expires_at=expires if zone else expires.replace(tzinfo=None))


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5)), None])
def test_a_connection_is_closed_when_the_credentials_expire(zone: tzinfo | None) -> None:
    async def scenario(clock: Clock) -> None:
        connection = ConnectionRegistry(10, 25).add(user(600, zone))
        clock.ahead += 590
        await asyncio.sleep(0)
        assert not connection.closing
        clock.ahead += 10
        await until(lambda: connection.closing, "the expiry")
        assert connection.close_reason == EXPIRED

    run(scenario)


def test_a_connection_with_expired_credentials_is_closed_at_once() -> None:
    async def scenario(_clock: Clock) -> None:
        assert ConnectionRegistry(10, 25).add(user(-1)).close_reason == EXPIRED

    run(scenario)


@pytest.mark.parametrize("who", [None, User(id="ann")], ids=["anonymous", "without an expiry"])
def test_other_connections_do_not_expire(who: User | None) -> None:
    async def scenario(_clock: Clock) -> None:
        registry = ConnectionRegistry(10, 25)
        connection = registry.add(who)
        assert (connection.user, connection.closing, registry._timers) == (who, False, {connection: None})

    run(scenario)


def test_a_registry_is_the_collection_of_its_connections() -> None:
    async def scenario(_clock: Clock) -> None:
        registry = ConnectionRegistry(10, 25)
        one, other = registry.add(None), registry.add(None)
        registry.remove(one)
        registry.remove(one)
        assert (list(registry), len(registry), one in registry, other in registry) == ([other], 1, False, True)
        registry.remove(other)
        assert not registry

    run(scenario)


def test_the_backlog_of_a_connection_is_that_of_the_registry() -> None:
    async def scenario(_clock: Clock) -> None:
        connection = ConnectionRegistry(2, 25).add(None)
        for _ in range(2):
            connection.put(Message("", "", None, "x", 1))
        assert not connection.closing
        connection.put(Message("", "", None, "x", 1))
        assert connection.closing

    run(scenario)


def test_closing_waits_until_all_connections_have_ended() -> None:
    async def scenario(_clock: Clock) -> None:
        registry = ConnectionRegistry(10, 25)
        one, other = registry.add(None), registry.add(None)
        closing = asyncio.create_task(registry.close())
        await asyncio.sleep(0)
        assert (one.close_reason, other.close_reason) == (GOING_AWAY, GOING_AWAY)
        registry.remove(one)
        await asyncio.wait({closing}, timeout=0)
        assert not closing.done()
        registry.remove(other)
        registry.remove(other)
        for _ in range(5):  # it ends at once, not with the grace period
            await asyncio.sleep(0)
        assert closing.done()

    run(scenario)


def test_closing_waits_for_the_grace_period_at_most() -> None:
    async def scenario(clock: Clock) -> None:
        registry = ConnectionRegistry(10, 25)
        registry.add(None)
        closing = asyncio.create_task(registry.close())
        await asyncio.sleep(0)
        clock.ahead += GRACE - 0.5
        await asyncio.wait({closing}, timeout=0)
        assert not closing.done()
        clock.ahead += 0.5
        await asyncio.wait_for(closing, 5)

    run(scenario)


def test_closing_without_connections_does_not_wait() -> None:
    async def scenario(clock: Clock) -> None:
        before = clock.time()
        await ConnectionRegistry(10, 25).close()
        assert clock.time() - before < GRACE

    run(scenario)


def test_a_connection_that_comes_after_the_close_is_closed_at_once() -> None:
    async def scenario(_clock: Clock) -> None:
        registry = ConnectionRegistry(10, 25)
        await registry.close()
        assert registry.add(None).close_reason == GOING_AWAY

    run(scenario)


async def sent_after(clock: Clock, heartbeat: float, steps: list[float]) -> list[int]:
    """Return how many heartbeats a quiet connection has pending at some times."""
    registry = ConnectionRegistry(100, heartbeat)
    connection = registry.add(None)
    checking = asyncio.create_task(registry.check_regularly())
    await asyncio.sleep(0)
    counts = []
    for step in steps:
        clock.ahead += step
        for _ in range(3):  # the timer, the task, and what it does
            await asyncio.sleep(0)
        counts.append(connection.pending_count)
    checking.cancel()
    return counts


@pytest.mark.parametrize(
    ("heartbeat", "steps", "counts"),
    [
        (20, [4.9, 0.2, 5, 5], [0, 0, 1, 2]),  # checked every 5 s, and due after 10 s
        (100, [9.9, 0.2, 60, 9.5, 0.5], [0, 0, 0, 0, 1]),  # checked every 10 s, and due after 80 s
        (0, [9.9, 0.2, 10, 1000], [0, 0, 0, 0]),
    ],
    ids=["often", "rarely", "never"],
)
def test_heartbeats_are_due_in_time(heartbeat: float, steps: list[float], counts: list[int]) -> None:
    async def scenario(clock: Clock) -> None:
        assert await sent_after(clock, heartbeat, steps) == counts

    run(scenario)


@pytest.mark.parametrize(("heartbeat", "text", "event"), [(25, '{"heartbeat":25}', b": heartbeat\n\n")])
def test_a_heartbeat_has_a_form_for_both_kinds_of_connection(heartbeat: float, text: str, event: bytes) -> None:
    async def scenario(clock: Clock) -> None:
        registry = ConnectionRegistry(10, heartbeat)
        connection = registry.add(None)
        received: list[Message] = []

        async def write(message: Message) -> None:
            received.append(message)

        tasks = [asyncio.create_task(connection.send_loop(write)), asyncio.create_task(registry.check_regularly())]
        await asyncio.sleep(0)
        clock.ahead += heartbeat
        await until(lambda: received, "a heartbeat")
        assert (received[0].text, received[0].event) == (text, event)
        for task in tasks:
            task.cancel()

    run(scenario)


@pytest.mark.parametrize("heartbeat", [0, 25])
def test_stalled_clients_are_dropped_with_and_without_heartbeats(heartbeat: float) -> None:
    async def scenario(clock: Clock) -> None:
        registry = ConnectionRegistry(10, heartbeat)
        connection = registry.add(None)

        async def write(_message: Message) -> None:
            await asyncio.Event().wait()

        tasks = [asyncio.create_task(connection.send_loop(write)), asyncio.create_task(registry.check_regularly())]
        connection.put(Message("", "", None, "x", 1))
        await until(lambda: connection.pending_count == 0, "it is being written")
        for _ in range(int(STALL_TIMEOUT / 10) + 3):
            clock.ahead += 10
            for _ in range(3):
                await asyncio.sleep(0)
        assert connection.closing
        for task in tasks:
            task.cancel()

    run(scenario)

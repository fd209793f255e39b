"""A client that is too slow is dropped with a reason; it delays no other client, and its pending messages are bounded."""

from __future__ import annotations

import asyncio

import pytest

from host import Host
from host.web.channels import connection as connection_module
from host.web.channels import message_buffer
from tests.channels.clients import broadcast, socket, stream, until
from tests.conformance.kit import in_host
from tests.distributions import Project

MADE = "acme__todo--made"


def install(project: Project, settings: str = "") -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", object)\n')
    project.configure(f"[channels]\n{settings}\n")


def test_a_client_slower_than_the_backlog_is_closed_with_a_reason(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as slow, socket(host) as fast:
            await slow.subscribe(MADE)
            await fast.subscribe(MADE)
            slow.reading.clear()
            for number in range(20):
                await broadcast(host, MADE, number)
                await fast.next_message()
            slow.reading.set()
            code, reason = await slow.closed()
            assert (code, "too slow" in reason) == (1013, True)
            await slow.ended()
            assert len(host.boot.channels.connections) == 1

    in_host(project, check)


def test_a_burst_drops_no_client_that_reads(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as one, socket(host) as two:
            await one.subscribe(MADE)
            await two.subscribe(MADE)
            await broadcast(host, MADE, *range(100))
            assert [(await one.next_message())["data"] for _ in range(100)] == list(range(100))
            assert [(await two.next_message())["data"] for _ in range(100)] == list(range(100))

    in_host(project, check)


def test_a_burst_larger_than_the_buffer_slows_its_sender(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            sending = asyncio.create_task(broadcast(host, MADE, *range(300)))
            assert [(await ws.next_message())["data"] for _ in range(300)] == list(range(300))
            await sending

    in_host(project, check)


def test_a_burst_on_one_channel_does_not_delay_other_channels(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 60)
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return [Channel("made", int), Channel("gone", int)]\n')
    project.configure("[channels]\nbacklog = 10\n")

    async def check(host: Host) -> None:
        async with socket(host) as slow, socket(host) as other:
            await slow.subscribe(MADE)
            await other.subscribe("acme__todo--gone")
            slow.reading.clear()
            await broadcast(host, MADE, *range(40))
            assert not any(connection.closing for connection in host.boot.channels.connections)
            await broadcast(host, "acme__todo--gone", 1)
            assert (await other.next_message())["data"] == 1
            assert not any(connection.closing for connection in host.boot.channels.connections)

    in_host(project, check)


def test_the_buffers_of_all_channels_together_are_bounded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 60)
    monkeypatch.setattr(message_buffer, "_MAX_BUFFERED_BYTES", 5000)
    project.install(
        "acme-todo", '@hookimpl\ndef register_channels(scope): return [Channel(f"c{number}", str) for number in range(10)]\n'
    )
    project.configure("[channels]\nbacklog = 10\n")

    async def check(host: Host) -> None:
        names = [f"acme__todo--c{number}" for number in range(10)]
        async with socket(host) as slow:
            await slow.subscribe(*names)
            slow.reading.clear()
            await broadcast(host, names[0], *("x" * 100 for _ in range(7)))
            for name in names:
                await broadcast(host, name, "x" * 800)
            await until(lambda: all(connection.closing for connection in host.boot.channels.connections), "that it is dropped")

    in_host(project, check)


def test_clients_that_all_stall_are_all_dropped(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 0.05)
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as one, socket(host) as two:
            for ws in (one, two):
                await ws.subscribe(MADE)
                ws.reading.clear()
            await broadcast(host, MADE, *range(20))
            await until(lambda: all(connection.closing for connection in host.boot.channels.connections), "that they are dropped")
            for ws in (one, two):
                ws.reading.set()
                assert (await ws.closed())[0] == 1013

    in_host(project, check)


def test_messages_of_a_channel_without_subscribers_are_not_buffered(project: Project) -> None:
    install(project, "backlog = 1")

    async def check(host: Host) -> None:
        await broadcast(host, MADE, *range(50))
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            assert await ws.received_nothing()

    in_host(project, check)


def test_a_client_that_takes_nothing_is_dropped(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.web.channels.connection.GRACE", 0.05)
    monkeypatch.setattr("host.web.channels.websocket.GRACE", 0.05)
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 0.05)
    install(project, "backlog = 3")

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            slow.reading.clear()
            for number in range(9):
                await broadcast(host, MADE, number)
                await asyncio.sleep(0)
            await slow.ended()
            assert not host.boot.channels.connections

    in_host(project, check)


def test_a_client_that_stalls_is_dropped_although_little_is_pending(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "STALL_TIMEOUT", 0.05)
    monkeypatch.setattr("host.web.channels.connection.GRACE", 0.05)
    monkeypatch.setattr("host.web.channels.websocket.GRACE", 0.05)
    install(project, "heartbeat = 0.08")

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            slow.reading.clear()
            await broadcast(host, MADE, 1)
            await slow.ended()

    in_host(project, check)


def test_a_slow_client_does_not_delay_the_others(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as slow, socket(host) as fast:
            await slow.subscribe(MADE)
            await fast.subscribe(MADE)
            slow.reading.clear()
            for number in range(100):
                await broadcast(host, MADE, number)
                assert await fast.next_message() == {"channel": MADE, "data": number}

    in_host(project, check)


def test_pending_messages_are_bounded_by_their_size_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "MAX_PENDING_BYTES", 1000)
    monkeypatch.setattr(message_buffer, "STALL_TIMEOUT", 0.05)
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            slow.reading.clear()
            for _ in range(5):
                await broadcast(host, MADE, "x" * 300)
                await asyncio.sleep(0)
            await until(lambda: all(connection.closing for connection in host.boot.channels.connections), "that it is dropped")
            slow.reading.set()
            assert (await slow.closed())[0] == 1013

    in_host(project, check)


def test_a_single_message_may_exceed_the_limit_of_pending_bytes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "MAX_PENDING_BYTES", 1000)
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, "x" * 3000)
            assert (await ws.next_message())["data"] == "x" * 3000

    in_host(project, check)


def test_pending_messages_of_a_dropped_client_are_discarded_at_once(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            (connection,) = host.boot.channels.connections
            slow.reading.clear()
            for number in range(12):
                await broadcast(host, MADE, number)
            await until(lambda: connection.closing, "that it is dropped")
            assert connection.pending_count == 0

    in_host(project, check)


def test_an_event_stream_that_is_too_slow_ends_with_a_reason(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with stream(host, MADE) as slow:
            await slow.next_block()
            slow.reading.clear()
            for number in range(20):
                await broadcast(host, MADE, number)
            await until(lambda: all(connection.closing for connection in host.boot.channels.connections), "that it is dropped")
            slow.reading.set()
            assert 'event: close\ndata: {"code":1013,' in await slow.rest()

    in_host(project, check)

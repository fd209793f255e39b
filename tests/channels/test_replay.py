"""Replay of past messages: in order, none left out in between, and none twice."""

from __future__ import annotations

import asyncio

import pytest
from litestar.channels.backends.memory import MemoryChannelsBackend

from host import Host
from tests.channels.clients import Socket, broadcast, socket, until
from tests.conformance.kit import in_host
from tests.distributions import Project

MADE = "acme__todo--made"


def install(project: Project, settings: str = "") -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')
    project.configure(f"[channels]\n{settings}\n")


async def heard(ws: Socket) -> list[int]:
    """Return the data of the messages that arrive before the answer to a ping."""
    received = []
    ws.send_message({"ping": "now"})
    while "pong" not in (message := await ws.next_message()):
        received.append(message["data"])
    return received


@pytest.mark.parametrize(("last", "expected"), [(0, []), (1, [5]), (3, [3, 4, 5]), (5, [1, 2, 3, 4, 5]), (99, [1, 2, 3, 4, 5])])
def test_a_replay_is_in_order(project: Project, last: int, expected: list[int]) -> None:
    install(project)

    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3, 4, 5)
        async with socket(host) as ws:
            assert await ws.request({"subscribe": MADE, "last": last, "ack": True}) == {"subscribed": MADE}
            assert await heard(ws) == expected

    in_host(project, check)


def test_only_the_configured_number_of_messages_is_kept(project: Project) -> None:
    install(project, "history = 2")

    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3)
        async with socket(host) as ws:
            ws.send_message({"subscribe": MADE, "last": 10})
            assert await heard(ws) == [2, 3]

    in_host(project, check)


def test_no_messages_are_kept_if_history_is_zero(project: Project) -> None:
    install(project, "history = 0")

    async def check(host: Host) -> None:
        async with socket(host) as first, socket(host) as ws:
            await first.subscribe(MADE)
            await broadcast(host, MADE, 1)
            await first.next_message()
            ws.send_message({"subscribe": MADE, "last": 10})
            assert await heard(ws) == []
            await broadcast(host, MADE, 2)
            assert await ws.next_message() == {"channel": MADE, "data": 2}

    in_host(project, check)


def test_the_history_is_kept_without_subscribers(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, 1)
            await ws.next_message()
        async with socket(host) as ws:
            ws.send_message({"subscribe": MADE, "last": 1})
            assert await heard(ws) == [1]

    in_host(project, check)


def test_a_replay_during_a_burst_delivers_each_message_once_and_in_order(project: Project) -> None:
    install(project, "history = 1000\nbacklog = 2000")

    async def send(host: Host, rounds: int) -> None:
        for number in range(rounds):
            await broadcast(host, MADE, number)
            if number % 3 == 0:
                await asyncio.sleep(0)

    async def check(host: Host) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(send(host, 600))
            for _ in range(20):
                await asyncio.sleep(0)
                await asyncio.sleep(0.0005)
                async with socket(host) as ws:
                    ws.send_message({"subscribe": MADE, "last": 20})
                    numbers = [(await ws.next_message())["data"] for _ in range(30)]
                    assert numbers == list(range(numbers[0], numbers[0] + 30))
                    if numbers[-1] > 500:
                        break

    in_host(project, check)


def test_messages_sent_while_the_history_is_read_follow_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    install(project)
    fetch = MemoryChannelsBackend.get_history

    async def check(host: Host) -> None:
        async def slow(self: MemoryChannelsBackend, channel: str, limit: int | None = None) -> list[bytes]:
            await broadcast(host, MADE, 2)  # kept, and under way
            kept = await fetch(self, channel, limit)
            await broadcast(host, MADE, 3)  # under way only
            await asyncio.sleep(0.01)
            return kept

        await broadcast(host, MADE, 1)
        monkeypatch.setattr(MemoryChannelsBackend, "get_history", slow)
        async with socket(host) as ws:
            ws.send_message({"subscribe": MADE, "last": 9})
            assert await heard(ws) == [1, 2, 3]
            await broadcast(host, MADE, 4)
            assert await ws.next_message() == {"channel": MADE, "data": 4}

    in_host(project, check)


def test_a_replay_longer_than_the_backlog_reaches_a_client_that_reads(project: Project) -> None:
    install(project, "history = 50\nbacklog = 5")

    async def check(host: Host) -> None:
        await broadcast(host, MADE, *range(50))
        async with socket(host) as ws:
            ws.send_message({"subscribe": MADE, "last": 50})
            assert [(await ws.next_message())["data"] for _ in range(50)] == list(range(50))

    in_host(project, check)


def test_clients_share_the_messages_of_a_replay(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3)
        async with socket(host) as first_client, socket(host) as second_client:
            for ws in (first_client, second_client):
                ws.reading.clear()
                ws.send_message({"subscribe": MADE, "last": 3})
            await until(lambda: sum(len(connection.channels) for connection in host.boot.channels.connections) == 2, "both")
            await until(lambda: all(connection.pending_count == 2 for connection in host.boot.channels.connections), "the messages")
            for ws in (first_client, second_client):
                ws.reading.set()
            first, second = [[(await ws.next_event())["text"] for _ in range(3)] for ws in (first_client, second_client)]
            assert all(text is same for text, same in zip(first, second, strict=True))

    in_host(project, check)


def test_messages_held_back_during_a_replay_are_bounded_by_their_size(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.web.channels.replay.MAX_PENDING_BYTES", 1000)
    monkeypatch.setattr("host.web.channels.connection.GRACE", 0.05)
    monkeypatch.setattr("host.web.channels.websocket.GRACE", 0.05)
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", str)\n')
    project.configure("[channels]\nhistory = 50\nbacklog = 20\n")

    async def check(host: Host) -> None:
        async with socket(host) as other:
            await other.subscribe(MADE)
            await broadcast(host, MADE, *map(str, range(50)))
            assert [(await other.next_message())["data"] for _ in range(50)][-1] == "49"
        async with socket(host) as ws:
            ws.reading.clear()
            ws.send_message({"subscribe": MADE, "last": 50})
            (connection,) = host.boot.channels.connections
            await until(lambda: connection.pending_count == 10, "that it has no room for more")
            await broadcast(host, MADE, "x" * 600, "y" * 600)
            await until(lambda: connection.closing, "that it is dropped")
            await ws.ended()

    in_host(project, check)


def test_a_subscription_fails_if_the_history_is_not_available(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    install(project)

    async def fail(*_arguments: object) -> list[bytes]:
        raise OSError("away")

    async def check(host: Host) -> None:
        monkeypatch.setattr(MemoryChannelsBackend, "get_history", fail)
        async with socket(host) as ws:
            answer = await ws.request({"subscribe": MADE, "last": 1, "ack": True})
            expected = {"error": "the message history is not available at present", "channel": MADE, "status": 503}
            assert answer == expected
            await broadcast(host, MADE, 1)
            assert await ws.received_nothing()
        assert "away" in caplog.text

    in_host(project, check)

"""The last messages for who asks for them: in order, with nothing left out in between, and nothing twice."""

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
    """The data of all messages before now."""
    found = []
    ws.tell({"ping": "now"})
    while "pong" not in (message := await ws.hear()):
        found.append(message["data"])
    return found


@pytest.mark.parametrize(("last", "told"), [(0, []), (1, [5]), (3, [3, 4, 5]), (5, [1, 2, 3, 4, 5]), (99, [1, 2, 3, 4, 5])])
def test_the_last_messages_are_told_in_order(project: Project, last: int, told: list[int]) -> None:
    install(project)

    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3, 4, 5)
        async with socket(host) as ws:
            assert await ws.ask({"subscribe": MADE, "last": last, "ack": True}) == {"subscribed": MADE}
            assert await heard(ws) == told

    in_host(project, check)


def test_only_so_many_are_kept(project: Project) -> None:
    install(project, "history = 2")

    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3)
        async with socket(host) as ws:
            ws.tell({"subscribe": MADE, "last": 10})
            assert await heard(ws) == [2, 3]

    in_host(project, check)


def test_none_are_kept_where_the_settings_say_so(project: Project) -> None:
    install(project, "history = 0")

    async def check(host: Host) -> None:
        async with socket(host) as first, socket(host) as ws:
            await first.subscribe(MADE)
            await broadcast(host, MADE, 1)
            await first.hear()
            ws.tell({"subscribe": MADE, "last": 10})
            assert await heard(ws) == []
            await broadcast(host, MADE, 2)
            assert await ws.hear() == {"channel": MADE, "data": 2}

    in_host(project, check)


def test_the_history_stays_when_nobody_listens(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, 1)
            await ws.hear()
        async with socket(host) as ws:
            ws.tell({"subscribe": MADE, "last": 1})
            assert await heard(ws) == [1]

    in_host(project, check)


def test_who_asks_while_messages_are_sent_hears_each_once_and_in_order(project: Project) -> None:
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
                    ws.tell({"subscribe": MADE, "last": 20})
                    numbers = [(await ws.hear())["data"] for _ in range(30)]
                    assert numbers == list(range(numbers[0], numbers[0] + 30))
                    if numbers[-1] > 500:
                        break

    in_host(project, check)


def test_what_is_sent_while_the_history_is_fetched_comes_after_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
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
            ws.tell({"subscribe": MADE, "last": 9})
            assert await heard(ws) == [1, 2, 3]
            await broadcast(host, MADE, 4)
            assert await ws.hear() == {"channel": MADE, "data": 4}

    in_host(project, check)


def test_more_than_may_wait_is_told_to_who_takes_it(project: Project) -> None:
    install(project, "history = 50\nbacklog = 5")

    async def check(host: Host) -> None:
        await broadcast(host, MADE, *range(50))
        async with socket(host) as ws:
            ws.tell({"subscribe": MADE, "last": 50})
            assert [(await ws.hear())["data"] for _ in range(50)] == list(range(50))

    in_host(project, check)


def test_what_is_told_to_many_is_in_memory_once(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3)
        async with socket(host) as one, socket(host) as two:
            for ws in (one, two):
                ws.takes.clear()
                ws.tell({"subscribe": MADE, "last": 3})
            await until(lambda: sum(len(listener.channels) for listener in host.boot.channels.listeners) == 2, "both")
            await until(lambda: all(listener.waiting == 2 for listener in host.boot.channels.listeners), "the messages")
            for ws in (one, two):
                ws.takes.set()
            first, second = [[(await ws.event())["text"] for _ in range(3)] for ws in (one, two)]
            assert all(text is same for text, same in zip(first, second, strict=True))

    in_host(project, check)


def test_what_comes_for_who_takes_nothing_meanwhile_is_bounded_by_its_size(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host.web.channels.replay.MOST_BYTES", 1000)
    monkeypatch.setattr("host.web.channels.connection.GRACE", 0.05)
    monkeypatch.setattr("host.web.channels.websocket.GRACE", 0.05)
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", str)\n')
    project.configure("[channels]\nhistory = 50\nbacklog = 20\n")

    async def check(host: Host) -> None:
        async with socket(host) as other:
            await other.subscribe(MADE)
            await broadcast(host, MADE, *map(str, range(50)))
            assert [(await other.hear())["data"] for _ in range(50)][-1] == "49"
        async with socket(host) as ws:
            ws.takes.clear()
            ws.tell({"subscribe": MADE, "last": 50})
            (listener,) = host.boot.channels.listeners
            await until(lambda: listener.waiting == 10, "that it has no room for more")
            await broadcast(host, MADE, "x" * 600, "y" * 600)
            await until(lambda: listener.finished, "that it is dropped")
            await ws.gone()

    in_host(project, check)


def test_where_the_history_cannot_be_had_nobody_is_subscribed(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    install(project)

    async def fail(*_arguments: object) -> list[bytes]:
        raise OSError("away")

    async def check(host: Host) -> None:
        monkeypatch.setattr(MemoryChannelsBackend, "get_history", fail)
        async with socket(host) as ws:
            answer = await ws.ask({"subscribe": MADE, "last": 1, "ack": True})
            assert (answer["channel"], answer["status"]) == (MADE, 503)
            await broadcast(host, MADE, 1)
            assert await ws.quiet()
        assert "away" in caplog.text

    in_host(project, check)

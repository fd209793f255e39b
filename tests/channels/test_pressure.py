"""A client that is too slow is dropped and told; it slows nobody, and what waits for it is bounded."""

from __future__ import annotations

import asyncio

import pytest

from host import Host
from host.web.channels import backpressure as holding
from host.web.channels import connection as listener_module
from tests.channels.clients import broadcast, socket, stream, until
from tests.conformance.kit import in_host
from tests.distributions import Project

MADE = "acme__todo--made"


def install(project: Project, settings: str = "") -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", object)\n')
    project.configure(f"[channels]\n{settings}\n")


def test_who_is_slower_than_the_backlog_is_told_and_closed(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as slow, socket(host) as fast:
            await slow.subscribe(MADE)
            await fast.subscribe(MADE)
            slow.takes.clear()
            for number in range(20):
                await broadcast(host, MADE, number)
                await fast.hear()
            slow.takes.set()
            code, reason = await slow.closed()
            assert (code, "too slow" in reason) == (1013, True)
            await slow.gone()
            assert len(host.boot.channels.listeners) == 1

    in_host(project, check)


def test_a_burst_drops_nobody_who_takes_what_comes(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as one, socket(host) as two:
            await one.subscribe(MADE)
            await two.subscribe(MADE)
            await broadcast(host, MADE, *range(100))
            assert [(await one.hear())["data"] for _ in range(100)] == list(range(100))
            assert [(await two.hear())["data"] for _ in range(100)] == list(range(100))

    in_host(project, check)


def test_a_burst_that_is_longer_than_what_is_held_slows_its_sender(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            sending = asyncio.create_task(broadcast(host, MADE, *range(300)))
            assert [(await ws.hear())["data"] for _ in range(300)] == list(range(300))
            await sending

    in_host(project, check)


def test_a_burst_on_one_channel_keeps_no_other_waiting(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "STALLED", 60)
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return [Channel("made", int), Channel("gone", int)]\n')
    project.configure("[channels]\nbacklog = 10\n")

    async def check(host: Host) -> None:
        async with socket(host) as slow, socket(host) as other:
            await slow.subscribe(MADE)
            await other.subscribe("acme__todo--gone")
            slow.takes.clear()
            await broadcast(host, MADE, *range(40))
            assert not any(listener.finished for listener in host.boot.channels.listeners)
            await broadcast(host, "acme__todo--gone", 1)
            assert (await other.hear())["data"] == 1
            assert not any(listener.finished for listener in host.boot.channels.listeners)

    in_host(project, check)


def test_what_is_held_of_all_channels_together_is_bounded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "STALLED", 60)
    monkeypatch.setattr(holding, "_BYTES", 5000)
    project.install(
        "acme-todo", '@hookimpl\ndef register_channels(scope): return [Channel(f"c{number}", str) for number in range(10)]\n'
    )
    project.configure("[channels]\nbacklog = 10\n")

    async def check(host: Host) -> None:
        names = [f"acme__todo--c{number}" for number in range(10)]
        async with socket(host) as slow:
            await slow.subscribe(*names)
            slow.takes.clear()
            await broadcast(host, names[0], *("x" * 100 for _ in range(7)))
            for name in names:
                await broadcast(host, name, "x" * 800)
            await until(lambda: all(one.finished for one in host.boot.channels.listeners), "that it is dropped")

    in_host(project, check)


def test_where_nobody_takes_anything_all_are_dropped(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "STALLED", 0.05)
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as one, socket(host) as two:
            for ws in (one, two):
                await ws.subscribe(MADE)
                ws.takes.clear()
            await broadcast(host, MADE, *range(20))
            await until(lambda: all(one.finished for one in host.boot.channels.listeners), "that they are dropped")
            for ws in (one, two):
                ws.takes.set()
                assert (await ws.closed())[0] == 1013

    in_host(project, check)


def test_nothing_is_held_of_a_channel_that_nobody_listens_to(project: Project) -> None:
    install(project, "backlog = 1")

    async def check(host: Host) -> None:
        await broadcast(host, MADE, *range(50))
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            assert await ws.quiet()

    in_host(project, check)


def test_who_takes_nothing_at_all_is_given_up(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.web.channels.connection.GRACE", 0.05)
    monkeypatch.setattr("host.web.channels.websocket.GRACE", 0.05)
    monkeypatch.setattr(holding, "STALLED", 0.05)
    install(project, "backlog = 3")

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            slow.takes.clear()
            for number in range(9):
                await broadcast(host, MADE, number)
                await asyncio.sleep(0)
            await slow.gone()
            assert not host.boot.channels.listeners

    in_host(project, check)


def test_who_takes_nothing_for_long_is_given_up_although_little_waits(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "STALLED", 0.05)
    monkeypatch.setattr("host.web.channels.connection.GRACE", 0.05)
    monkeypatch.setattr("host.web.channels.websocket.GRACE", 0.05)
    install(project, "heartbeat = 0.08")

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            slow.takes.clear()
            await broadcast(host, MADE, 1)
            await slow.gone()

    in_host(project, check)


def test_others_are_told_all_meanwhile(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as slow, socket(host) as fast:
            await slow.subscribe(MADE)
            await fast.subscribe(MADE)
            slow.takes.clear()
            for number in range(100):
                await broadcast(host, MADE, number)
                assert await fast.hear() == {"channel": MADE, "data": number}

    in_host(project, check)


def test_what_waits_is_bounded_by_its_size_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "MOST_BYTES", 1000)
    monkeypatch.setattr(holding, "STALLED", 0.05)
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            slow.takes.clear()
            for _ in range(5):
                await broadcast(host, MADE, "x" * 300)
                await asyncio.sleep(0)
            await until(lambda: all(one.finished for one in host.boot.channels.listeners), "that it is dropped")
            slow.takes.set()
            assert (await slow.closed())[0] == 1013

    in_host(project, check)


def test_one_message_that_is_larger_than_what_may_wait_is_sent(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "MOST_BYTES", 1000)
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, "x" * 3000)
            assert (await ws.hear())["data"] == "x" * 3000

    in_host(project, check)


def test_what_waited_for_a_dropped_client_is_forgotten_at_once(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with socket(host) as slow:
            await slow.subscribe(MADE)
            (listener,) = host.boot.channels.listeners
            slow.takes.clear()
            for number in range(12):
                await broadcast(host, MADE, number)
            await until(lambda: listener.finished, "that it is dropped")
            assert listener.waiting == 0

    in_host(project, check)


def test_a_stream_of_events_that_is_too_slow_ends_and_says_why(project: Project) -> None:
    install(project, "backlog = 10")

    async def check(host: Host) -> None:
        async with stream(host, MADE) as slow:
            await slow.hear()
            slow.takes.clear()
            for number in range(20):
                await broadcast(host, MADE, number)
            await until(lambda: all(one.finished for one in host.boot.channels.listeners), "that it is dropped")
            slow.takes.set()
            assert 'event: close\ndata: {"code":1013,' in await slow.rest()

    in_host(project, check)

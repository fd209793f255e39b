"""Server-sent events: the same channels for clients that only receive."""

from __future__ import annotations

import asyncio

import pytest

from host import Host
from tests.channels.clients import Stream, broadcast, stream, until
from tests.conformance.kit import get, in_host
from tests.distributions import Project

MADE, GONE = "acme__todo--made", "acme__todo--gone"


@pytest.fixture(autouse=True)
def _todo(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return [Channel("made", int), Channel("gone", str)]\n')


async def heard(events: Stream, count: int) -> list[object]:
    """The data of the next messages."""
    return [(await events.next_message())[1]["data"] for _ in range(count)]


def test_one_stream_carries_the_messages_of_several_channels(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE, GONE) as events:
            assert await events.next_block() == ": listening"
            await broadcast(host, MADE, 1)
            assert (await events.next_message())[1] == {"channel": MADE, "data": 1}
            await broadcast(host, GONE, "x")
            assert (await events.next_message())[1] == {"channel": GONE, "data": "x"}

    in_host(project, check)


def test_headers_keep_proxies_from_buffering_the_stream(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE) as events:
            assert events.status == 200
            assert events.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert (events.headers["cache-control"], events.headers["x-accel-buffering"]) == ("no-store", "no")

    in_host(project, check)


def test_a_replay_comes_before_live_messages(project: Project) -> None:
    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3)
        async with stream(host, MADE, last=2) as events:
            await events.next_block()
            assert await heard(events, 2) == [2, 3]
            await broadcast(host, MADE, 4)
            assert await heard(events, 1) == [4]

    in_host(project, check)


def test_a_client_that_reconnects_receives_what_it_missed(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE, GONE) as events:
            await events.next_block()
            await broadcast(host, MADE, 1)
            await broadcast(host, GONE, "a")
            await events.next_message()
            last, _ = await events.next_message()
        await broadcast(host, MADE, 2, 3)
        await broadcast(host, GONE, "b")
        async with stream(host, MADE, GONE, headers={"Last-Event-ID": last}) as events:
            await events.next_block()
            assert await heard(events, 3) == [2, 3, "b"]
            await broadcast(host, MADE, 4)
            assert await heard(events, 1) == [4]

    in_host(project, check)


@pytest.mark.parametrize("seen", ["", "nonsense", "0" * 23, "z" * 24, "' OR 1=1", "0" * 5000])
def test_an_invalid_last_event_id_is_ignored(project: Project, seen: str) -> None:
    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1)
        async with stream(host, MADE, headers={"Last-Event-ID": seen}) as events:
            await events.next_block()
            await broadcast(host, MADE, 2)
            assert await heard(events, 1) == [2]

    in_host(project, check)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?last=3", 400),
        ("?channel=", 404),
        ("?channel=nobody__has--this", 404),
        (f"?channel={MADE}&channel=acme__todo--nothing", 404),
        (f"?channel={MADE}&last=-1", 400),
        (f"?channel={MADE}&last=all", 400),
        (f"?channel={MADE}&last=9999999999999999999999", 400),
    ],
)
def test_invalid_requests_are_refused(project: Project, query: str, status: int) -> None:
    (answer,) = get(project, f"/channels/events{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_the_channels_of_an_event_stream_are_limited(project: Project) -> None:
    project.configure("[channels]\nsubscriptions = 1\n")
    (answer,) = get(project, f"/channels/events?channel={MADE}&channel={GONE}")
    assert answer.status_code == 429


def test_a_quiet_event_stream_sends_heartbeat_comments(project: Project) -> None:
    project.configure("[channels]\nheartbeat = 0.04\n")

    async def check(host: Host) -> None:
        async with stream(host, MADE) as events:
            await events.next_block()
            assert [await events.next_block(), await events.next_block()] == [": heartbeat"] * 2

    in_host(project, check)


def test_shutdown_does_not_wait_for_streams(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE, gated=True) as events:
            await asyncio.wait_for(host.close(), 60)
            assert 'event: close\ndata: {"code":1001,"reason":"the server is shutting down"}\n\n' in await events.rest()
            await events.ended()

    in_host(project, check)


def test_a_disconnected_client_leaves_nothing_behind(project: Project) -> None:
    async def check(host: Host) -> None:
        broker = host.boot.channels
        async with stream(host, MADE, GONE) as events:
            await events.next_block()
            await until(lambda: len(broker.channel_states[MADE].recipients) == 1, "the subscription")
            events.disconnect()
            await events.ended()
            assert not broker.connections
            assert not any(state.recipients for state in broker.channel_states.values())

    in_host(project, check)


def test_the_openapi_document_leaves_the_event_stream_out(project: Project) -> None:
    async def check(host: Host) -> None:
        assert not [path for path in host.app.openapi_schema.paths or {} if path.startswith("/channels")]

    in_host(project, check)

"""Server-sent events: the same channels for clients that only listen (row R29)."""

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
    return [(await events.message())[1]["data"] for _ in range(count)]


def test_the_messages_of_several_channels_come_in_one_stream(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE, GONE) as events:
            assert await events.hear() == ": listening"
            await broadcast(host, MADE, 1)
            assert (await events.message())[1] == {"channel": MADE, "data": 1}
            await broadcast(host, GONE, "x")
            assert (await events.message())[1] == {"channel": GONE, "data": "x"}

    in_host(project, check)


def test_nobody_on_the_way_keeps_the_stream_back(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE) as events:
            assert events.status == 200
            assert events.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert (events.headers["cache-control"], events.headers["x-accel-buffering"]) == ("no-store", "no")

    in_host(project, check)


def test_the_last_messages_come_first_where_they_are_wanted(project: Project) -> None:
    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1, 2, 3)
        async with stream(host, MADE, last=2) as events:
            await events.hear()
            assert await heard(events, 2) == [2, 3]
            await broadcast(host, MADE, 4)
            assert await heard(events, 1) == [4]

    in_host(project, check)


def test_who_comes_back_hears_what_came_after_the_last_message(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE, GONE) as events:
            await events.hear()
            await broadcast(host, MADE, 1)
            await broadcast(host, GONE, "a")
            await events.message()
            last, _ = await events.message()
        await broadcast(host, MADE, 2, 3)
        await broadcast(host, GONE, "b")
        async with stream(host, MADE, GONE, headers={"Last-Event-ID": last}) as events:
            await events.hear()
            assert await heard(events, 3) == [2, 3, "b"]
            await broadcast(host, MADE, 4)
            assert await heard(events, 1) == [4]

    in_host(project, check)


@pytest.mark.parametrize("seen", ["", "nonsense", "0" * 23, "z" * 24, "' OR 1=1", "0" * 5000])
def test_an_id_that_is_none_asks_for_nothing(project: Project, seen: str) -> None:
    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1)
        async with stream(host, MADE, headers={"Last-Event-ID": seen}) as events:
            await events.hear()
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
def test_what_makes_no_sense_is_refused(project: Project, query: str, status: int) -> None:
    (answer,) = get(project, f"/channels/events{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_one_stream_has_so_many_channels(project: Project) -> None:
    project.configure("[channels]\nsubscriptions = 1\n")
    (answer,) = get(project, f"/channels/events?channel={MADE}&channel={GONE}")
    assert answer.status_code == 429


def test_where_nothing_happens_there_is_a_comment(project: Project) -> None:
    project.configure("[channels]\nheartbeat = 0.04\n")

    async def check(host: Host) -> None:
        async with stream(host, MADE) as events:
            await events.hear()
            assert [await events.hear(), await events.hear()] == [": heartbeat"] * 2

    in_host(project, check)


def test_a_stop_does_not_wait_for_streams(project: Project) -> None:
    async def check(host: Host) -> None:
        async with stream(host, MADE, door=True) as events:
            await asyncio.wait_for(host.close(), 5)
            assert 'event: close\ndata: {"code":1001,"reason":"the server stops"}\n\n' in await events.rest()
            await events.gone()

    in_host(project, check)


def test_nothing_is_left_of_who_has_gone(project: Project) -> None:
    async def check(host: Host) -> None:
        hub = host.boot.channels
        async with stream(host, MADE, GONE) as events:
            await events.hear()
            await until(lambda: len(hub.topics[MADE].targets) == 1, "the subscription")
            events.leave()
            await events.gone()
            assert not hub.listeners
            assert not any(topic.targets for topic in hub.topics.values())

    in_host(project, check)


def test_the_description_of_the_routes_leaves_them_out(project: Project) -> None:
    async def check(host: Host) -> None:
        assert not [path for path in host.app.openapi_schema.paths or {} if path.startswith("/channels")]

    in_host(project, check)

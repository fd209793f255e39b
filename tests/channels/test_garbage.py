"""Invalid messages are answered, and many in a row close the connection; none causes a traceback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from host import Host
from tests.channels.clients import Socket, broadcast, socket
from tests.conformance.kit import in_host
from tests.distributions import Project

MADE = "acme__todo--made"

NONSENSE = [
    "",
    "hello",
    "{",
    "null",
    "[]",
    "7",
    '"subscribe"',
    "{}",
    '{"subscribe": 7}',
    '{"subscribe": null}',
    '{"subscribe": ["acme__todo--made"]}',
    '{"subscribe": {"$ne": null}}',
    '{"subscribe": "acme__todo--made", "unsubscribe": "acme__todo--made"}',
    '{"subscribe": "acme__todo--made", "last": -1}',
    '{"subscribe": "acme__todo--made", "last": "all"}',
    '{"subscribe": "acme__todo--made", "last": true}',
    '{"subscribe": "acme__todo--made", "last": 1e99}',
    '{"subscribe": "acme__todo--made", "more": 1}',
    '{"last": 3}',
    '{"ping": null}',
    '{"ping": {"a": 1}}',
    '{"ping": 1e999}',
    "[" * 50_000,
    '{"ping": ' + "[" * 50_000,
    '{"a":' * 9_000,
    '{"ping": "\ud800"',
    "\x00",
    b"",
    b'{"subscribe": "acme__todo--made"}',
    b"\xff\xfe",
]


def run(
    project: Project, check: Callable[[Host, Socket], Awaitable[None]], caplog: pytest.LogCaptureFixture, settings: str = ""
) -> None:
    """Do something with an open socket; nothing of it may be logged as an error."""
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')
    project.configure(f"[channels]\n{settings}\n")

    async def inside(host: Host) -> None:
        async with socket(host) as ws:
            await check(host, ws)

    in_host(project, inside)
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=[str(number) for number in range(len(NONSENSE))])
def test_an_invalid_message_is_answered_and_the_connection_stays_open(
    project: Project, caplog: pytest.LogCaptureFixture, nonsense: str | bytes
) -> None:
    async def check(host: Host, ws: Socket) -> None:
        answer = await ws.request(nonsense)
        assert answer["status"] == 400
        assert answer["error"]
        await ws.subscribe(MADE)
        await broadcast(host, MADE, 1)
        assert await ws.next_message() == {"channel": MADE, "data": 1}

    run(project, check, caplog)


def test_many_invalid_messages_in_a_row_close_the_connection(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        for _ in range(20):
            ws.send_message("garbage")
        assert (await ws.closed())[0] == 1008
        await ws.ended()

    run(project, check, caplog)


def test_occasional_invalid_messages_do_not_close_the_connection(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        for _ in range(30):
            assert (await ws.request("garbage"))["status"] == 400
            assert await ws.request({"ping": 1}) == {"pong": 1}

    run(project, check, caplog)


@pytest.mark.parametrize("message", ["x" * 101, b"x" * 101, "ä" * 51], ids=["text", "binary", "bytes count"])
def test_a_message_that_is_too_large_closes_the_connection(
    project: Project, caplog: pytest.LogCaptureFixture, message: str | bytes
) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        ws.send_message(message)
        assert (await ws.closed())[0] == 1009
        await ws.ended()

    run(project, check, caplog, "message = 100")


def test_a_message_of_the_maximum_size_is_accepted(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        text = '{"ping": "' + "x" * 88 + '"}'
        assert len(text) == 100
        assert await ws.request(text) == {"pong": "x" * 88}

    run(project, check, caplog, "message = 100")


def test_a_connection_may_have_a_thousand_subscriptions_and_no_more(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install(
        "acme-many", '@hookimpl\ndef register_channels(scope): return [Channel(f"c{number}", int) for number in range(1001)]\n'
    )

    async def check(host: Host, ws: Socket) -> None:
        await ws.subscribe(*(f"acme__many--c{number}" for number in range(1000)))
        assert (await ws.request({"subscribe": "acme__many--c1000"}))["status"] == 429
        await broadcast(host, "acme__many--c999", 7)
        assert await ws.next_message() == {"channel": "acme__many--c999", "data": 7}

    run(project, check, caplog)


def test_a_long_channel_name_is_not_echoed_in_full(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        answer: Any = await ws.request({"subscribe": "x" * 10_000})
        assert answer["status"] == 404
        assert len(answer["error"]) < 200

    run(project, check, caplog)

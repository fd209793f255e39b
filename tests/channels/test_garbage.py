"""What makes no sense is answered, and ends a connection in the end; nothing of it is a traceback."""

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
def test_nonsense_is_answered_and_the_connection_lives_on(
    project: Project, caplog: pytest.LogCaptureFixture, nonsense: str | bytes
) -> None:
    async def check(host: Host, ws: Socket) -> None:
        answer = await ws.ask(nonsense)
        assert answer["status"] == 400
        assert answer["error"]
        await ws.subscribe(MADE)
        await broadcast(host, MADE, 1)
        assert await ws.hear() == {"channel": MADE, "data": 1}

    run(project, check, caplog)


def test_nonsense_again_and_again_ends_the_connection(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        for _ in range(20):
            ws.tell("garbage")
        assert (await ws.closed())[0] == 1008
        await ws.gone()

    run(project, check, caplog)


def test_nonsense_now_and_then_does_not(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        for _ in range(30):
            assert (await ws.ask("garbage"))["status"] == 400
            assert await ws.ask({"ping": 1}) == {"pong": 1}

    run(project, check, caplog)


@pytest.mark.parametrize("message", ["x" * 101, b"x" * 101, "ä" * 51], ids=["text", "binary", "bytes count"])
def test_a_message_that_is_too_big_ends_the_connection(
    project: Project, caplog: pytest.LogCaptureFixture, message: str | bytes
) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        ws.tell(message)
        assert (await ws.closed())[0] == 1009
        await ws.gone()

    run(project, check, caplog, "message = 100")


def test_a_message_of_the_size_that_is_allowed_is_read(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        text = '{"ping": "' + "x" * 88 + '"}'
        assert len(text) == 100
        assert await ws.ask(text) == {"pong": "x" * 88}

    run(project, check, caplog, "message = 100")


def test_a_thousand_subscriptions_are_served_and_no_more(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install(
        "acme-many", '@hookimpl\ndef register_channels(scope): return [Channel(f"c{number}", int) for number in range(1001)]\n'
    )

    async def check(host: Host, ws: Socket) -> None:
        await ws.subscribe(*(f"acme__many--c{number}" for number in range(1000)))
        assert (await ws.ask({"subscribe": "acme__many--c1000"}))["status"] == 429
        await broadcast(host, "acme__many--c999", 7)
        assert await ws.hear() == {"channel": "acme__many--c999", "data": 7}

    run(project, check, caplog)


def test_a_long_name_is_not_sent_back_in_the_text(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    async def check(_host: Host, ws: Socket) -> None:
        answer: Any = await ws.ask({"subscribe": "x" * 10_000})
        assert answer["status"] == 404
        assert len(answer["error"]) < 200

    run(project, check, caplog)

"""What a client asks over the WebSocket, and what it is told (design, 6; row R28)."""

from __future__ import annotations

import asyncio

from host import Host
from tests.channels.clients import Socket, broadcast, socket, until
from tests.conformance.kit import in_host
from tests.distributions import Project

MADE, GONE = "acme__todo--made", "acme__todo--gone"

PLUGIN = """
    @hookimpl
    def register_channels(scope): return [Channel("made", int), Channel("gone", str)]
"""


def install(project: Project, settings: str = "") -> None:
    project.install("acme-todo", PLUGIN)
    project.configure(f"[channels]\n{settings}\n")


def test_who_subscribed_is_told_what_is_broadcast(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, 1, 2)
            assert [await ws.hear(), await ws.hear()] == [{"channel": MADE, "data": 1}, {"channel": MADE, "data": 2}]

    in_host(project, check)


def test_all_who_subscribed_are_told(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as one, socket(host) as two:
            await one.subscribe(MADE)
            await two.subscribe(MADE)
            await broadcast(host, MADE, 1)
            assert await one.hear() == await two.hear() == {"channel": MADE, "data": 1}

    in_host(project, check)


def test_nothing_of_other_channels_is_told(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws, socket(host) as other:
            await ws.subscribe(MADE)
            await other.subscribe(GONE)
            await broadcast(host, GONE, "x")
            await other.hear()
            assert await ws.quiet()

    in_host(project, check)


def test_subscribing_has_no_answer_unless_it_is_asked_for(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            ws.tell({"subscribe": MADE, "last": 0})
            assert await ws.quiet()
            await broadcast(host, MADE, 1)
            assert await ws.hear() == {"channel": MADE, "data": 1}

    in_host(project, check)


def test_who_unsubscribed_is_told_no_more(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws, socket(host) as other:
            await ws.subscribe(MADE, GONE)
            await other.subscribe(MADE)
            assert await ws.ask({"unsubscribe": MADE, "ack": True}) == {"unsubscribed": MADE}
            await broadcast(host, MADE, 1)
            await other.hear()
            await broadcast(host, GONE, "x")
            assert await ws.hear() == {"channel": GONE, "data": "x"}

    in_host(project, check)


def test_subscribing_twice_is_subscribing_once(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE, MADE)
            await broadcast(host, MADE, 1)
            assert await ws.hear() == {"channel": MADE, "data": 1}
            assert await ws.quiet()
            assert await ws.ask({"unsubscribe": MADE, "ack": True}) == {"unsubscribed": MADE}
            await broadcast(host, MADE, 2)
            assert await ws.quiet()

    in_host(project, check)


def test_unsubscribing_what_was_not_subscribed_is_no_mistake(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            for name in (MADE, "nobody__has--this"):
                assert await ws.ask({"unsubscribe": name, "ack": True}) == {"unsubscribed": name}

    in_host(project, check)


def test_a_ping_is_answered_by_its_value(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert [await ws.ask({"ping": value}) for value in ("x", 7, 1.5)] == [{"pong": "x"}, {"pong": 7}, {"pong": 1.5}]

    in_host(project, check)


def test_an_unknown_channel_is_refused_by_name(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            answer = await ws.ask({"subscribe": "acme__todo--nothing", "ack": True})
            assert answer == {"error": "there is no channel 'acme__todo--nothing'", "channel": "acme__todo--nothing", "status": 404}

    in_host(project, check)


def test_where_nothing_happens_there_is_a_heartbeat(project: Project) -> None:
    install(project, "heartbeat = 0.04")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert [await ws.hear() for _ in range(3)] == [{"heartbeat": 0.04}] * 3

    in_host(project, check)


def test_the_heartbeat_can_be_left_out(project: Project) -> None:
    install(project, "heartbeat = 0")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert await ws.quiet()

    in_host(project, check)


def test_nothing_is_left_of_who_has_gone(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        hub = host.boot.channels
        tasks = asyncio.all_tasks()
        for _ in range(3):
            async with socket(host) as one, socket(host) as two:
                await one.subscribe(MADE, GONE)
                await two.subscribe(MADE)
                assert len(hub.listeners) == 2
                assert len(hub.topics[MADE].targets) == 2
        assert not hub.listeners
        assert not any(topic.targets for topic in hub.topics.values())
        assert asyncio.all_tasks() <= tasks

    in_host(project, check)


def test_one_connection_listens_to_so_many_channels(project: Project) -> None:
    install(project, "subscriptions = 1")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            refused = await ws.ask({"subscribe": GONE, "ack": True})
            assert (refused["channel"], refused["status"]) == (GONE, 429)
            ws.tell({"unsubscribe": MADE})
            await ws.subscribe(GONE)

    in_host(project, check)


def test_where_no_plugin_declares_a_channel_nothing_is_installed(project: Project) -> None:
    project.install("acme-todo", "@hookimpl\ndef register_channels(scope): return []\n")

    async def check(host: Host) -> None:
        assert not [route.path for route in host.app.routes if route.path.startswith("/channels")]
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "host-channels"]

    in_host(project, check)


def test_two_hosts_in_one_process_are_separate(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with Host(project.settings) as other, socket(host) as ours, socket(other) as theirs:
            await ours.subscribe(MADE)
            await theirs.subscribe(MADE)
            await broadcast(other, MADE, 2)
            assert await theirs.hear() == {"channel": MADE, "data": 2}
            assert await ours.quiet()

    in_host(project, check)


def test_a_stop_tells_who_listens(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host, door=True) as ws:
            await ws.subscribe(MADE)
            await asyncio.wait_for(host.close(), 5)
            assert await ws.closed() == (1001, "the server stops")
            await ws.gone()

    in_host(project, check)


def test_a_stop_sends_first_what_waits(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host, door=True) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, 1)
            await until(lambda: ws.given.qsize() == 1, "the message")
            ws.takes.clear()
            await broadcast(host, MADE, 2, 3)
            closing = asyncio.create_task(host.close())
            await until(lambda: host.state == "stopping", "the stop")
            ws.takes.set()
            heard = await _all(ws)
            await closing
        assert heard == [1, 2, 3]

    in_host(project, check)


async def _all(ws: Socket) -> list[int]:
    """The data of all messages until the close."""
    heard = []
    while (event := await ws.event())["type"] == "websocket.send":
        heard.append(int(event["text"].rpartition(":")[2].rstrip("}")))
    return heard

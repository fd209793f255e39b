"""What a client sends over the WebSocket, and how the host responds."""

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


def test_a_subscriber_receives_broadcasts(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, 1, 2)
            assert [await ws.next_message(), await ws.next_message()] == [
                {"channel": MADE, "data": 1},
                {"channel": MADE, "data": 2},
            ]

    in_host(project, check)


def test_all_subscribers_receive_a_broadcast(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as one, socket(host) as two:
            await one.subscribe(MADE)
            await two.subscribe(MADE)
            await broadcast(host, MADE, 1)
            assert await one.next_message() == await two.next_message() == {"channel": MADE, "data": 1}

    in_host(project, check)


def test_messages_of_other_channels_are_not_received(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws, socket(host) as other:
            await ws.subscribe(MADE)
            await other.subscribe(GONE)
            await broadcast(host, GONE, "x")
            await other.next_message()
            assert await ws.received_nothing()

    in_host(project, check)


def test_subscribing_is_acknowledged_only_on_request(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            ws.send_message({"subscribe": MADE, "last": 0})
            assert await ws.received_nothing()
            await broadcast(host, MADE, 1)
            assert await ws.next_message() == {"channel": MADE, "data": 1}

    in_host(project, check)


def test_unsubscribing_stops_messages(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws, socket(host) as other:
            await ws.subscribe(MADE, GONE)
            await other.subscribe(MADE)
            assert await ws.request({"unsubscribe": MADE, "ack": True}) == {"unsubscribed": MADE}
            await broadcast(host, MADE, 1)
            await other.next_message()
            await broadcast(host, GONE, "x")
            assert await ws.next_message() == {"channel": GONE, "data": "x"}

    in_host(project, check)


def test_subscribing_twice_has_no_effect(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE, MADE)
            await broadcast(host, MADE, 1)
            assert await ws.next_message() == {"channel": MADE, "data": 1}
            assert await ws.received_nothing()
            assert await ws.request({"unsubscribe": MADE, "ack": True}) == {"unsubscribed": MADE}
            await broadcast(host, MADE, 2)
            assert await ws.received_nothing()

    in_host(project, check)


def test_unsubscribing_without_subscription_has_no_effect(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            for name in (MADE, "nobody__has--this"):
                assert await ws.request({"unsubscribe": name, "ack": True}) == {"unsubscribed": name}

    in_host(project, check)


def test_a_ping_is_answered_with_its_value(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert [await ws.request({"ping": value}) for value in ("x", 7, 1.5)] == [{"pong": "x"}, {"pong": 7}, {"pong": 1.5}]

    in_host(project, check)


def test_subscribing_to_an_unknown_channel_is_refused(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            answer = await ws.request({"subscribe": "acme__todo--nothing", "ack": True})
            assert answer == {"error": "there is no channel 'acme__todo--nothing'", "channel": "acme__todo--nothing", "status": 404}

    in_host(project, check)


def test_a_quiet_socket_sends_heartbeats(project: Project) -> None:
    install(project, "heartbeat = 0.04")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert [await ws.next_message() for _ in range(3)] == [{"heartbeat": 0.04}] * 3

    in_host(project, check)


def test_heartbeats_can_be_disabled(project: Project) -> None:
    install(project, "heartbeat = 0")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert await ws.received_nothing()

    in_host(project, check)


def test_a_disconnected_client_leaves_nothing_behind(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        broker = host.boot.channels
        tasks = asyncio.all_tasks()
        for _ in range(3):
            async with socket(host) as one, socket(host) as two:
                await one.subscribe(MADE, GONE)
                await two.subscribe(MADE)
                assert len(broker.connections) == 2
                assert len(broker.channel_states[MADE].recipients) == 2
        assert not broker.connections
        assert not any(state.recipients for state in broker.channel_states.values())
        assert asyncio.all_tasks() <= tasks

    in_host(project, check)


def test_the_subscriptions_of_a_connection_are_limited(project: Project) -> None:
    install(project, "subscriptions = 1")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            refused = await ws.request({"subscribe": GONE, "ack": True})
            assert (refused["channel"], refused["status"]) == (GONE, 429)
            ws.send_message({"unsubscribe": MADE})
            await ws.subscribe(GONE)

    in_host(project, check)


def test_without_declared_channels_nothing_is_installed(project: Project) -> None:
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
            assert await theirs.next_message() == {"channel": MADE, "data": 2}
            assert await ours.received_nothing()

    in_host(project, check)


def test_shutdown_closes_connections_with_a_reason(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host, gated=True) as ws:
            await ws.subscribe(MADE)
            await asyncio.wait_for(host.close(), 60)
            assert await ws.closed() == (1001, "the server is shutting down")
            await ws.ended()

    in_host(project, check)


def test_shutdown_sends_pending_messages_first(project: Project) -> None:
    install(project)

    async def check(host: Host) -> None:
        async with socket(host, gated=True) as ws:
            await ws.subscribe(MADE)
            await broadcast(host, MADE, 1)
            await until(lambda: ws.written.qsize() == 1, "the message")
            ws.reading.clear()
            await broadcast(host, MADE, 2, 3)
            closing = asyncio.create_task(host.close())
            await until(lambda: host.state == "stopping", "the stop")
            ws.reading.set()
            heard = await _all(ws)
            await closing
        assert heard == [1, 2, 3]

    in_host(project, check)


async def _all(ws: Socket) -> list[int]:
    """The data of all messages until the close."""
    heard = []
    while (event := await ws.next_event())["type"] == "websocket.send":
        heard.append(int(event["text"].rpartition(":")[2].rstrip("}")))
    return heard

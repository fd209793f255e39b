"""Broadcasting on declared channels, and the settings of sockets (rows R28, R29)."""

from __future__ import annotations

import pytest

from host import Host
from host.common.errors import ChannelError, SettingsError
from tests.channels.clients import broadcast, socket
from tests.channels.rediskit import RedisServer, redis
from tests.conformance.kit import in_host
from tests.distributions import Project
from tests.inprocess import client_of

__all__ = ["redis"]  # a fixture

MADE = "acme__todo--taskCreated"

TODO = """
    import msgspec
    from litestar import post

    class Task(msgspec.Struct, rename="camel"):
        short_title: str

    @post("/task", opt=operation("dataCreate", broadcast=["taskCreated"]))
    async def create(plugin_scope: Scope) -> Task:
        task = Task("buy milk")
        await plugin_scope.broadcast("taskCreated", task)
        return task

    @hookimpl
    def register_channels(scope): return Channel("taskCreated", Task)
    @hookimpl
    def register_routes(scope): return create
"""


def test_R28_a_channel_on_the_wire_is_named_by_plugin_and_key(project: Project) -> None:
    project.install("acme-todo", TODO)

    async def check(host: Host) -> None:
        async with socket(host) as ws, client_of(host) as client:
            await ws.subscribe("acme__todo--taskCreated")
            await client.post("/acme__todo/task")
            assert await ws.next_message() == {"channel": "acme__todo--taskCreated", "data": {"shortTitle": "buy milk"}}

    in_host(project, check)


def test_R28_the_response_of_a_route_and_its_broadcast_are_the_same_json(project: Project) -> None:
    project.install("acme-todo", TODO)

    async def check(host: Host) -> None:
        async with socket(host) as ws, client_of(host) as client:
            await ws.subscribe(MADE)
            answer = await client.post("/acme__todo/task")
            assert (await ws.next_event())["text"] == f'{{"channel":"{MADE}","data":{answer.text}}}'

    in_host(project, check)


def test_R28_an_undeclared_channel_is_an_error_for_the_sender(project: Project) -> None:
    project.install("acme-todo", TODO)

    async def check(host: Host) -> None:
        with pytest.raises(ChannelError) as caught:
            await broadcast(host, "acme__todo--taskCreate", 1)
        assert (caught.value.plugin, caught.value.fix) == ("acme__todo", "did you mean 'taskCreated'?")

    in_host(project, check)


def test_R28_a_message_of_another_type_is_an_error_for_the_sender(project: Project) -> None:
    project.install("acme-todo", TODO)

    async def check(host: Host) -> None:
        with pytest.raises(ChannelError, match=r"accepts Task: got \{'title': 'x'\} of type dict"):
            await broadcast(host, MADE, {"title": "x"})

    in_host(project, check)


def test_R28_messages_stay_in_memory_unless_a_url_is_set(project: Project, redis: RedisServer) -> None:
    """Two hosts stand for two processes: a message in memory reaches only subscribers of the host that sends it."""
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("taskCreated", int)\n')

    async def received_by_both(host: Host) -> list[bool]:
        """Return whether a message of ``host`` reaches its own subscriber, and that of the other host."""
        async with Host(project.settings) as other, socket(host) as here, socket(other) as there:
            await here.subscribe(MADE)
            await there.subscribe(MADE)
            await broadcast(host, MADE, 1)
            await broadcast(other, MADE, 2)
            return [(await ws.next_message())["data"] == 1 for ws in (here, there)]

    assert in_host(project, received_by_both) == [True, False]
    project.configure(f'[channels]\nurl = "{redis.url}"\n')
    assert in_host(project, received_by_both) == [True, True]


def test_R29_a_client_without_messages_gets_a_heartbeat(project: Project) -> None:
    project.install("acme-todo", TODO)
    project.configure("[channels]\nheartbeat = 0.04\n")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert await ws.next_message() == {"heartbeat": 0.04}

    in_host(project, check)


@pytest.mark.parametrize(
    "line", ["heartbeat = -1", "history = -1", "backlog = 0", "subscriptions = 0", "message = 0", "polling = 1"]
)
def test_R29_an_invalid_setting_is_refused_with_its_key(project: Project, line: str) -> None:
    project.configure(f"[channels]\n{line}\n")
    with pytest.raises(SettingsError) as caught:
        assert project.settings
    assert caught.value.key == f"channels.{line.split(' ', maxsplit=1)[0]}"


def test_R29_a_client_whose_backlog_is_full_is_disconnected(project: Project) -> None:
    project.install("acme-todo", '@hookimpl\ndef register_channels(scope): return Channel("taskCreated", int)\n')
    project.configure("[channels]\nbacklog = 5\n")

    async def check(host: Host) -> None:
        async with socket(host) as slow, socket(host) as fast:
            await slow.subscribe(MADE)
            await fast.subscribe(MADE)
            slow.reading.clear()
            for number in range(10):
                await broadcast(host, MADE, number)
                await fast.next_message()
            slow.reading.set()
            assert (await slow.closed())[0] == 1013

    in_host(project, check)


def test_R29_a_channel_may_require_a_signed_in_user(project: Project) -> None:
    project.install(
        "acme-users",
        """
        class Users:
            async def authenticate(self, connection):
                name = connection.headers.get("x-user")
                return User(id=name) if name else None

        @hookimpl
        def register_contract(scope): return Contract(Authenticator, Users(), version="1.0")
        """,
    )
    project.install(
        "acme-todo",
        '@hookimpl\ndef register_channels(scope): return Channel("taskCreated", int, guards=[authenticated])\n',
    )

    async def check(host: Host) -> None:
        async with socket(host, {"X-User": "ann"}) as ann, socket(host) as anonymous:
            await ann.subscribe(MADE)
            assert (await anonymous.request({"subscribe": MADE}))["status"] == 401

    in_host(project, check)

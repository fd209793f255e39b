"""Access to channels: authentication, guards, ``authorize_socket`` and the audience of a message."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from tests.channels.clients import Socket, broadcast, socket, stream, until
from tests.conformance.kit import get, in_host
from tests.distributions import Project
from tests.inprocess import client_of

MADE, OPEN = "acme__todo--made", "acme__todo--open"

#: Authenticates by the header ``Who``: a name, its roles, and after a slash the seconds until the login expires.
USERS = """
    import asyncio
    from datetime import UTC, datetime, timedelta
    from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

    class Users:
        async def authenticate(self, connection):
            user, _, seconds = connection.headers.get("who", "").partition("/")
            if not user:
                return None
            if user == "forged":
                raise NotAuthorizedException("the token is forged")
            if user == "elsewhere":
                raise PermissionDeniedException("a cookie from another site")
            if user == "mistake":
                raise ValueError("secret")
            if user == "long":
                raise NotAuthorizedException("ä" * 100)
            if user == "slow":
                await asyncio.Event().wait()
            name, *roles = user.split()
            expires = datetime.now(UTC) + timedelta(seconds=float(seconds)) if seconds else None
            return User(id=name, roles=frozenset(roles), expires_at=expires)

    @hookimpl
    def register_contract(scope): return Contract(Authenticator, Users(), version="1.0")
"""


def plugin(project: Project, source: str) -> None:
    """Install a plugin with the channels ``made``, which the source configures, and ``open``."""
    project.install("acme-todo", source)


def header_of(name: str) -> dict[str, str]:
    return {"Who": name}


GUARDED = """
    @hookimpl
    def register_channels(scope):
        return [Channel("made", object, guards=[requires("staff")]), Channel("open", object)]
"""


@pytest.mark.parametrize(("name", "status"), [("", 401), ("ann", 403), ("ann staff", None)])
def test_the_guards_of_a_channel_decide_about_a_subscription(project: Project, name: str, status: int | None) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with socket(host, header_of(name)) as ws:
            await ws.subscribe(OPEN)
            answer = await ws.request({"subscribe": MADE, "ack": True})
            assert (answer.get("status"), answer.get("channel", MADE)) == (status, MADE)
            await broadcast(host, MADE, 1)
            await broadcast(host, OPEN, 2)
            assert (await ws.next_message())["data"] == (2 if status else 1)

    in_host(project, check)


LAYERED = """
    from types import SimpleNamespace

    @hookimpl
    def register_channels(scope): return Channel("guarded", object)

    inner = SimpleNamespace(register_channels=register_channels)
    shared = SimpleNamespace(register_layer=hookimpl(lambda scope: Layer(guards=[requires("staff")])))

    @hookimpl
    def register_plugins(scope): return [Child(shared, "house", shared=True), Child(inner, "inner")]
    @hookimpl
    def register_layer(scope): return Layer(guards=[authenticated])
"""


@pytest.mark.parametrize("channel", ["acme__todo--guarded", "acme__todo.inner--guarded"])
@pytest.mark.parametrize(("name", "status"), [("", 401), ("ann", 403), ("ann staff", None)])
def test_the_guards_of_layers_apply_to_channels_too(project: Project, name: str, status: int | None, channel: str) -> None:
    project.install("acme-users", USERS)
    plugin(project, LAYERED)

    async def check(host: Host) -> None:
        async with socket(host, header_of(name)) as ws:
            answer = await ws.request({"subscribe": channel, "ack": True})
            assert (answer.get("status"), "error" in answer) == (status, status is not None)

    in_host(project, check)


@pytest.mark.parametrize(("name", "status"), [("", 401), ("ann", 403), ("forged", 401)])
def test_an_event_stream_is_refused_by_the_same_guards(project: Project, name: str, status: int) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with stream(host, MADE, headers=header_of(name)) as events:
            assert events.status == status
        async with stream(host, MADE, headers=header_of("ann staff")) as events:
            assert events.status == 200

    in_host(project, check)


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("forged", (4401, "the token is forged")),
        ("elsewhere", (4403, "a cookie from another site")),
        ("mistake", (1011, "internal error; see the log of the server under request abc-1")),
    ],
)
def test_invalid_credentials_close_the_socket_with_a_reason(project: Project, name: str, close: tuple[int, str]) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with socket(host, {**header_of(name), "X-Request-Id": "abc-1"}) as ws:
            assert await ws.closed() == close
            await ws.ended()
            assert not host.boot.channels.connections

    in_host(project, check)


def test_a_failed_authentication_is_logged_under_the_id_that_the_client_gets(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with socket(host, header_of("mistake")) as ws:
            _, reason = await ws.closed()
            assert f"the authentication of a WebSocket failed, request {reason.rpartition(' ')[2]}" in caplog.text
        async with client_of(host) as client:
            answer = await client.get(f"/channels/events?channel={MADE}", headers=header_of("mistake"))
        assert answer.status_code == 500
        assert f"GET /channels/events of host failed, request {answer.json()['requestId']}" in caplog.text

    in_host(project, check)


def test_an_event_stream_that_could_not_be_authorized_is_logged_under_the_id_that_the_client_gets(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    plugin(
        project,
        """
        @hookimpl
        def register_channels(scope): return Channel("made", object)

        @hookimpl
        def authorize_socket(connection, channel): raise ValueError("secret")
        """,
    )

    async def check(host: Host) -> None:
        async with client_of(host) as client:
            answer = await client.get(f"/channels/events?channel={MADE}")
        assert answer.status_code == 403
        assert f"the subscription to {MADE} could not be authorized, request {answer.json()['requestId']}" in caplog.text

    in_host(project, check)


def test_the_reason_of_a_close_has_at_most_123_bytes_and_whole_characters(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with socket(host, header_of("long")) as ws:
            assert await ws.closed() == (4401, "ä" * 61)

    in_host(project, check)


def test_an_authenticator_that_exceeds_its_time_limit_rejects_the_client(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)
    project.configure("[plugins]\ntimeout = 0.1\n")

    async def check(host: Host) -> None:
        async with socket(host, header_of("slow")) as ws:
            code, reason = await ws.closed()
            assert (code, reason.startswith("internal error")) == (1011, True)
        async with stream(host, MADE, headers=header_of("slow")) as events:
            assert events.status == 503
            assert "the authentication took too long" in await events.rest()

    in_host(project, check)


def test_a_socket_is_closed_when_the_credentials_expire(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with socket(host, header_of("ann staff/0.1")) as ws:
            await ws.subscribe(MADE)
            assert (await ws.closed())[0] == 4401
            await ws.ended()

    in_host(project, check)


def test_expired_credentials_get_no_replay(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        await broadcast(host, MADE, 1)
        async with socket(host, header_of("ann staff/-1")) as ws:
            ws.send_message({"subscribe": MADE, "last": 1})
            assert (await ws.next_event())["code"] == 4401
        async with stream(host, MADE, headers=header_of("ann staff/-1"), last=1) as events:
            assert 'data: {"channel' not in await events.rest()

    in_host(project, check)


def test_an_event_stream_ends_when_the_credentials_expire(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with stream(host, MADE, headers=header_of("ann staff/0.1")) as events:
            assert '"code":4401' in await events.rest()

    in_host(project, check)


def test_a_disconnect_cancels_the_timer_of_the_expiry(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, GUARDED)

    async def check(host: Host) -> None:
        async with socket(host, header_of("ann/1000")) as ws:
            (timer,) = host.boot.channels.connections._timers.values()
            assert timer is not None
            ws.disconnect()
            await ws.ended()
            assert timer.cancelled()

    in_host(project, check)


REFUSALS = {
    "with a status": ("raise HTTPException('not today', status_code=418)", 418, "not today"),
    "with 404": ("raise NotFoundException('no such list')", 404, "no such list"),
    "by a mistake": ("raise ValueError('secret')", 403, "could not be authorized"),
    "by an error of the server": ("raise InternalServerException('secret')", 403, "could not be authorized"),
    "by ending the process": ("raise SystemExit(1)", 403, "could not be authorized"),
    "by not coming back": ("await asyncio.sleep(60)", 403, "could not be authorized"),
}


@pytest.mark.parametrize("how", REFUSALS)
def test_authorize_socket_refuses_a_subscription(project: Project, caplog: pytest.LogCaptureFixture, how: str) -> None:
    code, status, text = REFUSALS[how]
    plugin(
        project,
        f"""
        import asyncio
        from litestar.exceptions import HTTPException, InternalServerException, NotFoundException

        @hookimpl
        def register_channels(scope): return [Channel("made", int), Channel("open", int)]

        @hookimpl
        async def authorize_socket(scope, connection, channel):
            if channel == "made":
                {code}
        """,
    )
    project.configure("[plugins]\ntimeout = 0.2\n")

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            answer = await ws.request({"subscribe": MADE, "ack": True})
            assert (answer["channel"], answer["status"]) == (MADE, status)
            assert text in answer["error"]
            assert "secret" not in answer["error"]
            await ws.subscribe(OPEN)
            await broadcast(host, MADE, 1)
            assert await ws.received_nothing()

    in_host(project, check)
    assert ("acme__todo" in caplog.text) == (status == 403)


def test_authorize_socket_may_be_a_plain_function(project: Project) -> None:
    plugin(
        project,
        """
        from litestar.exceptions import PermissionDeniedException

        @hookimpl
        def register_channels(scope): return Channel("made", int)

        @hookimpl
        def authorize_socket(connection, channel):
            if connection.headers.get("who") != "ann":
                raise PermissionDeniedException("only ann")
        """,
    )

    async def check(host: Host) -> None:
        async with socket(host, header_of("ann")) as ann, socket(host) as other:
            await ann.subscribe(MADE)
            assert await other.request({"subscribe": MADE}) == {"error": "only ann", "channel": MADE, "status": 403}

    in_host(project, check)


def test_authorize_socket_is_called_for_the_channels_of_its_plugin_only(project: Project) -> None:
    plugin(project, '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')
    project.install(
        "acme-strict",
        """
        from litestar.exceptions import PermissionDeniedException

        @hookimpl
        def register_channels(scope): return Channel("made", int)

        @hookimpl
        def authorize_socket(scope): raise PermissionDeniedException("nobody")
        """,
    )

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            await ws.subscribe(MADE)
            assert (await ws.request({"subscribe": "acme__strict--made"}))["status"] == 403

    in_host(project, check)


FOR_SOME = """
    from hookspecs.payload import AUDIENCE
    from hookspecs.access import Audience

    def payload(**audience):
        made = Payload("task", "dataRead", PayloadBody([str(audience)]))
        made.__dict__[AUDIENCE] = Audience(**audience)
        return made

    @hookimpl
    def register_channels(scope): return Channel("made", Payload)
"""

#: Maps an audience to the clients that receive the message: anonymous, ann, and bob with the role staff.
AUDIENCES: list[tuple[dict[str, Any], str]] = [
    ({"anyone": True}, "anonymous ann bob"),
    ({"signed_in": True}, "ann bob"),
    ({"users": frozenset({"ann"})}, "ann"),
    ({"roles": frozenset({"staff"})}, "bob"),
    ({}, ""),
]


async def _received(ws: Socket) -> int:
    """Return the number of messages that arrive before the answer to a ping."""
    ws.send_message({"ping": "now"})
    count = 0
    while "pong" not in await ws.next_message():
        count += 1
    return count


@pytest.mark.parametrize("when", ["live", "later"])
@pytest.mark.parametrize(("audience", "receivers"), AUDIENCES, ids=["anyone", "signed in", "a user", "a role", "empty"])
def test_a_message_reaches_its_audience_only(project: Project, audience: dict[str, Any], receivers: str, when: str) -> None:
    project.install("acme-users", USERS)
    plugin(project, FOR_SOME)

    async def check(host: Host) -> None:
        import acme_todo  # type: ignore[import-not-found]  # installed by the test

        async with socket(host) as anonymous, socket(host, header_of("ann")) as ann, socket(host, header_of("bob staff")) as bob:
            clients = {"anonymous": anonymous, "ann": ann, "bob": bob}
            if when == "live":
                for ws in clients.values():
                    await ws.subscribe(MADE)
            await broadcast(host, MADE, acme_todo.payload(**audience))
            if when == "later":
                for ws in clients.values():
                    await ws.request({"subscribe": MADE, "ack": True, "last": 10})
            assert [name for name, ws in clients.items() if await _received(ws)] == receivers.split()

    in_host(project, check)


def test_a_replay_counts_only_messages_that_the_user_may_see(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, FOR_SOME)

    async def check(host: Host) -> None:
        import acme_todo

        ours, theirs = acme_todo.payload(users={"ann"}), acme_todo.payload(users={"bob"})
        await broadcast(host, MADE, ours, ours, theirs, theirs, theirs)
        async with socket(host, header_of("ann")) as ann:
            ann.send_message({"subscribe": MADE, "last": 2})
            assert await _received(ann) == 2

    in_host(project, check)


def test_the_audience_of_a_message_is_not_sent_to_clients(project: Project) -> None:
    project.install("acme-users", USERS)
    plugin(project, FOR_SOME)

    async def check(host: Host) -> None:
        import acme_todo

        async with socket(host, header_of("ann")) as ann:
            await ann.subscribe(MADE)
            await broadcast(host, MADE, acme_todo.payload(users={"ann", "bob"}))
            assert (await ann.next_message())["data"].keys() == {"type", "action", "body"}

    in_host(project, check)


def test_open_channels_are_open_without_an_authenticator(project: Project) -> None:
    plugin(project, '@hookimpl\ndef register_channels(scope): return Channel("open", int)\n')

    async def check(host: Host) -> None:
        async with socket(host, header_of("forged")) as ws:
            await ws.subscribe(OPEN)

    in_host(project, check)


def test_channels_of_a_failed_plugin_answer_503(project: Project) -> None:
    plugin(
        project,
        """
        @hookimpl
        def register_channels(scope): return Channel("made", int)
        @hookimpl
        def on_startup(): raise ValueError
        """,
    )
    project.configure('[plugins]\non_failure = "isolate"\n')

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            answer = await ws.request({"subscribe": MADE})
            assert (answer["status"], "acme__todo failed" in answer["error"]) == (503, True)

    in_host(project, check)
    assert get(project, f"/channels/events?channel={MADE}")[0].status_code == 503


def test_channels_of_a_plugin_that_failed_before_declaring_them_answer_503(project: Project) -> None:
    plugin(project, "@hookimpl\ndef register_channels(scope): raise ValueError\n")
    project.install("acme-open", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')
    project.configure('[plugins]\non_failure = "isolate"\n')

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            assert (await ws.request({"subscribe": MADE}))["status"] == 503

    in_host(project, check)


def test_a_client_that_disconnects_during_authorization_leaves_nothing_behind(project: Project) -> None:
    plugin(
        project,
        """
        import asyncio
        asked = asyncio.Event()

        @hookimpl
        def register_channels(scope): return Channel("made", int)

        @hookimpl
        async def authorize_socket():
            asked.set()
            await asyncio.sleep(60)
        """,
    )

    async def check(host: Host) -> None:
        import acme_todo

        broker = host.boot.channels
        async with socket(host, gated=True) as ws:
            ws.send_message({"subscribe": MADE})
            await until(acme_todo.asked.is_set, "the question")
            await host.close()
            await ws.ended()
        assert not broker.connections
        assert not broker.channel_states[MADE].recipients

    in_host(project, check)

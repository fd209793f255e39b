"""Opening a socket may be refused, and so may each subscription over it (rows K15f, K15g)."""

from __future__ import annotations

from host import Host
from tests.channels.clients import broadcast, socket, stream
from tests.conformance.kit import in_host, journal
from tests.distributions import Project

CREATED = "acme__todo--created"

#: Identifies users by a header; the token of one of them is forged.
USERS = """
    from journal import note
    from litestar.exceptions import NotAuthorizedException

    class Users:
        async def authenticate(self, connection):
            note("user")
            name = connection.headers.get("x-user")
            if name == "forged":
                raise NotAuthorizedException("the token is forged")
            return User(id=name) if name else None

    @hookimpl
    def register_contract(scope): return Contract(Authenticator, Users(), version="1.0")
"""

STRICT = """
    from journal import note
    from litestar.exceptions import PermissionDeniedException

    @hookimpl
    def register_channels(scope): return [Channel("created", int), Channel("deleted", int)]

    @hookimpl
    async def authorize_socket(scope, connection, channel):
        user = await user_of(connection)
        note(f"{scope.key} {channel}")
        if user is None:
            raise PermissionDeniedException("only for signed-in users")
"""


def test_K15f_a_socket_with_a_forged_token_is_closed_with_the_reason(project: Project) -> None:
    """backendjs refuses the upgrade, which tells a page nothing; here a page can read the code and the reason of the close."""
    journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with socket(host, {"X-User": "forged"}) as ws:
            assert await ws.closed() == (4401, "the token is forged")

    in_host(project, check)


def test_K15f_an_event_stream_with_a_forged_token_is_refused_with_its_status(project: Project) -> None:
    journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with stream(host, CREATED, headers={"X-User": "forged"}) as events:
            assert events.status == 401

    in_host(project, check)


def test_K15f_authorize_socket_runs_after_authentication(project: Project) -> None:
    entries = journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with socket(host, {"X-User": "ann"}) as ws:
            await ws.subscribe(CREATED)

    in_host(project, check)
    assert entries == ["user", "acme__todo created"]


def test_K15g_authorize_socket_runs_for_each_subscription(project: Project) -> None:
    entries = journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with socket(host, {"X-User": "ann"}) as ws:
            await ws.subscribe(CREATED, "acme__todo--deleted")

    in_host(project, check)
    assert entries[1:] == ["acme__todo created", "acme__todo deleted"]


def test_K15g_a_refused_subscription_is_answered_with_its_status_and_the_socket_stays_open(project: Project) -> None:
    journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)
    project.install("acme-open", '@hookimpl\ndef register_channels(scope): return Channel("created", int)\n')

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            refused = await ws.request({"subscribe": CREATED, "ack": True})
            assert refused == {"error": "only for signed-in users", "channel": CREATED, "status": 403}
            await ws.subscribe("acme__open--created")
            await broadcast(host, CREATED, 1)
            await broadcast(host, "acme__open--created", 2)
            assert await ws.next_message() == {"channel": "acme__open--created", "data": 2}

    in_host(project, check)

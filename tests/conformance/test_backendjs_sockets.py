"""Rows K15f and K15g: who opens a socket, and each thing that is asked over it, may be refused."""

from __future__ import annotations

from host import Host
from tests.channels.clients import broadcast, socket, stream
from tests.conformance.kit import in_host, journal
from tests.distributions import Project

MADE = "acme__todo--made"

#: Knows the users by a header; one is refused, and one is not who they claim to be.
USERS = """
    from journal import note
    from litestar.exceptions import NotAuthorizedException

    class Users:
        async def authenticate(self, connection):
            note("user")
            who = connection.headers.get("who")
            if who == "forged":
                raise NotAuthorizedException("the token is forged")
            return User(id=who) if who else None

    @hookimpl
    def register_contract(scope): return Contract(Authenticator, Users(), version="1.0")
"""

STRICT = """
    from journal import note
    from litestar.exceptions import PermissionDeniedException

    @hookimpl
    def register_channels(scope): return [Channel("made", int), Channel("gone", int)]

    @hookimpl
    async def authorize_socket(scope, connection, channel):
        user = await user_of(connection)
        note(f"{scope.key} {channel}")
        if user is None:
            raise PermissionDeniedException("only for who has signed in")
"""


def test_K15f_a_socket_whose_claim_is_wrong_is_closed_with_the_reason(project: Project) -> None:
    journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with socket(host, {"Who": "forged"}) as ws:
            assert await ws.closed() == (4401, "the token is forged")

    in_host(project, check)


def test_K15f_a_stream_whose_claim_is_wrong_is_refused_with_its_status(project: Project) -> None:
    journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with stream(host, MADE, headers={"Who": "forged"}) as events:
            assert events.status == 401

    in_host(project, check)


def test_K15f_it_is_asked_after_the_user_is_known(project: Project) -> None:
    entries = journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with socket(host, {"Who": "ann"}) as ws:
            await ws.subscribe(MADE)

    in_host(project, check)
    assert entries == ["user", "acme__todo made"]


def test_K15g_the_plugin_is_asked_before_each_of_its_channels(project: Project) -> None:
    entries = journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)

    async def check(host: Host) -> None:
        async with socket(host, {"Who": "ann"}) as ws:
            await ws.subscribe(MADE, "acme__todo--gone")

    in_host(project, check)
    assert entries[1:] == ["acme__todo made", "acme__todo gone"]


def test_K15g_what_it_refuses_is_answered_with_its_status_and_the_socket_lives_on(project: Project) -> None:
    journal(project)
    project.install("acme-users", USERS)
    project.install("acme-todo", STRICT)
    project.install("acme-open", '@hookimpl\ndef register_channels(scope): return Channel("made", int)\n')

    async def check(host: Host) -> None:
        async with socket(host) as ws:
            refused = await ws.request({"subscribe": MADE, "ack": True})
            assert refused == {"error": "only for who has signed in", "channel": MADE, "status": 403}
            await ws.subscribe("acme__open--made")
            await broadcast(host, MADE, 1)
            await broadcast(host, "acme__open--made", 2)
            assert await ws.next_message() == {"channel": "acme__open--made", "data": 2}

    in_host(project, check)

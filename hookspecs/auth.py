"""Who somebody is: the contract by which a plugin tells it, and the guards by which routes ask for it (rows R26, E17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler

    Connection = ASGIConnection[Any, Any, Any, Any]

#: Where an application's ``state`` holds the :class:`Authenticator`.
AUTHENTICATOR: Final = "host_authenticator"
#: Where a connection's ``state`` holds the user once it was asked for.
_USER: Final = "host_user"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has signed in.

    Args:
        id: never given to anybody else; stands in the ``owner`` of what they make.
        roles: what they may, by name.
        name: for people.
        expires_at: until when it is known, e.g. by a token; a socket is closed then. ``None`` for as long as it is open.
    """

    id: str
    roles: frozenset[str] = frozenset()
    name: str = ""
    expires_at: datetime | None = None


class Authenticator(Protocol):
    """The contract of whoever knows the users. One plugin provides it; the guards of all plugins ask it."""

    async def authenticate(self, connection: Connection) -> User | None:
        """Who sends a request, or opens a socket.

        Args:
            connection: a request or a WebSocket, with its headers and cookies.

        Returns:
            the user, ``None`` where nobody claims to be one.

        Raises:
            litestar.exceptions.NotAuthorizedException: somebody claims to be one and is not, e.g. by a forged or expired token.
            litestar.exceptions.PermissionDeniedException: the claim may not be used so, e.g. a cookie from another site.
        """


async def user_of(connection: Connection) -> User | None:
    """Who sends a request, or opens a socket; the authenticator is asked once a connection.

    Args:
        connection: the request or the socket.

    Returns:
        ``None`` where nobody claims to be somebody.

    Raises:
        litestar.exceptions.NotAuthorizedException: the claim is wrong.
        litestar.exceptions.PermissionDeniedException: the claim may not be used so.
        litestar.exceptions.InternalServerException: no enabled plugin provides an :class:`Authenticator`.
    """
    state = connection.scope.setdefault("state", {})
    if _USER in state:
        known: User | None = state[_USER]
        return known
    authenticator: Authenticator | None = connection.app.state.get(AUTHENTICATOR)
    if authenticator is None:
        from litestar.exceptions import InternalServerException

        raise InternalServerException("no enabled plugin provides the contract Authenticator")
    user = await authenticator.authenticate(connection)
    state[_USER] = connection.scope["user"] = user
    return user


@dataclass(frozen=True, slots=True)
class RequiresUser:
    """A Litestar guard. A plugin with a route behind one does not load unless a plugin provides an :class:`Authenticator`.

    Args:
        roles: one of them is needed; none for anybody who has signed in.

    Raises:
        TypeError: a role is no text.
    """

    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        roles: tuple[object, ...] = self.roles
        if wrong := [role for role in roles if not isinstance(role, str) or not role]:
            raise TypeError(f"a role is a text, not {wrong[0]!r}")

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Let pass, or refuse.

        Raises:
            litestar.exceptions.NotAuthorizedException: nobody has signed in.
            litestar.exceptions.PermissionDeniedException: somebody has, without any of the roles.
        """
        from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

        user = await user_of(connection)
        if user is None:
            raise NotAuthorizedException("sign in first")
        if self.roles and user.roles.isdisjoint(self.roles):
            raise PermissionDeniedException(f"this needs the role {' or '.join(self.roles)}")


#: The guard of what only those may who have signed in.
authenticated: Final = RequiresUser()


def requires(*roles: str) -> RequiresUser:
    """The guard of what only those may who have one of some roles.

    Args:
        roles: their names, at least one.

    Raises:
        TypeError: there is none, or one is no text.
    """
    if not roles:
        raise TypeError("requires() takes the name of a role; for anybody who has signed in, there is authenticated")
    return RequiresUser(roles)

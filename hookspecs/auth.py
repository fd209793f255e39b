"""Users: the contract that identifies them, and the guards that require one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler

    Connection = ASGIConnection[Any, Any, Any, Any]

#: Key in an application's ``state`` for the :class:`Authenticator`.
AUTHENTICATOR: Final = "host_authenticator"
#: Key in a connection's ``state`` for the user, so that the authenticator is called once per connection.
_USER: Final = "host_user"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in user.

    Args:
        id: Identifies the user and is never reused; it becomes the ``owner`` of the documents that they create.
        roles: The names of the user's roles.
        name: A display name.
        expires_at: When the identification expires, e.g. that of a token, as an aware datetime; a WebSocket or a stream is closed
            then. ``None`` keeps it open.

    Example:
        >>> User(id="7", roles=frozenset({"editor"}), name="Ada").name
        'Ada'
    """

    id: str
    roles: frozenset[str] = frozenset()
    name: str = ""
    expires_at: datetime | None = None


class Authenticator(Protocol):
    """The contract that identifies users: one plugin provides it, the guards and rules of all plugins use it.

    Example:
        A plugin provides it as ``Contract(Authenticator, ByToken(), version="1.0")``.

        >>> class ByToken:
        ...     async def authenticate(self, connection):
        ...         return User(id="7") if connection.headers.get("authorization") == "Bearer t7" else None
        >>> contract = Contract(Authenticator, ByToken(), version="1.0")
    """

    async def authenticate(self, connection: Connection) -> User | None:
        """Identify the user of a request or a WebSocket.

        Args:
            connection: The request or the WebSocket, with its headers and cookies.

        Returns:
            The user, or ``None`` if the client is anonymous.

        Raises:
            litestar.exceptions.NotAuthorizedException: The credentials are invalid, e.g. a forged or expired token.
            litestar.exceptions.PermissionDeniedException: The credentials may not be used here, e.g. a cookie sent from another
                site.
        """


async def user_of(connection: Connection) -> User | None:
    """Return the user of a request or a WebSocket; the authenticator is called once per connection.

    Args:
        connection: The request or the WebSocket.

    Returns:
        The user, or ``None`` if the client is anonymous.

    Raises:
        litestar.exceptions.NotAuthorizedException: The credentials are invalid.
        litestar.exceptions.PermissionDeniedException: The credentials may not be used here.
        litestar.exceptions.InternalServerException: No enabled plugin provides an :class:`Authenticator`.

    Example:
        >>> async def greet(request) -> str:
        ...     user = await user_of(request)
        ...     return f"Hello, {user.name if user else 'stranger'}!"
    """
    state = connection.scope.setdefault("state", {})
    if _USER in state:
        cached: User | None = state[_USER]
        return cached
    authenticator: Authenticator | None = connection.app.state.get(AUTHENTICATOR)
    if authenticator is None:
        from litestar.exceptions import InternalServerException

        raise InternalServerException("no enabled plugin provides the contract Authenticator")
    user = await authenticator.authenticate(connection)
    state[_USER] = connection.scope["user"] = user
    return user


@dataclass(frozen=True, slots=True)
class RequiresUser:
    """A Litestar guard that requires a signed-in user; see :data:`authenticated` and :func:`requires`.

    A plugin that uses it does not load unless an enabled plugin provides an :class:`Authenticator`.

    Args:
        roles: The user needs one of these roles; empty for any signed-in user.

    Raises:
        TypeError: A role is not a non-empty string.

    Example:
        >>> RequiresUser(("admin",)) == requires("admin")
        True
    """

    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        roles: tuple[object, ...] = self.roles
        if invalid := [role for role in roles if not isinstance(role, str) or not role]:
            raise TypeError(f"a role is a non-empty string, not {invalid[0]!r}")

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Allow the connection, or refuse it.

        Raises:
            litestar.exceptions.NotAuthorizedException: The client is anonymous.
            litestar.exceptions.PermissionDeniedException: The user has none of the roles.
        """
        from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

        user = await user_of(connection)
        if user is None:
            raise NotAuthorizedException("sign in first")
        if self.roles and user.roles.isdisjoint(self.roles):
            raise PermissionDeniedException(f"this needs the role {' or '.join(self.roles)}")


#: The guard that requires a signed-in user.
authenticated: Final = RequiresUser()


def requires(*roles: str) -> RequiresUser:
    """Return a guard that requires a user with one of several roles.

    Args:
        roles: The names of the roles, at least one.

    Raises:
        TypeError: No role is passed, or one is not a non-empty string.

    Example:
        ``@get("/report", guards=[requires("admin", "auditor")])``

        >>> requires("admin", "auditor").roles
        ('admin', 'auditor')
    """
    if not roles:
        raise TypeError("requires() takes at least one role name; use authenticated for any signed-in user")
    return RequiresUser(roles)

"""Implements the contract through which the guards of all plugins get the current user."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.security.jwt import Token

import hookspecs
from acme_auth.browsers import Connection, check_forgery, clear_token_cookie, token_of
from acme_auth.errors import NotSignedIn
from acme_auth.models import Session, User
from acme_auth.tokens import Tokens


@dataclass(frozen=True, slots=True)
class JWTAuthenticator:
    """The provider of :class:`hookspecs.Authenticator`.

    A token identifies the user. The session and the roles are read from the database, so a logout or a change of roles takes effect
    with the next request, in all processes.

    Args:
        tokens: reads tokens.
        origins: origins besides the request's own that may use the cookie.
    """

    tokens: Tokens
    origins: tuple[str, ...] = ()

    async def authenticate(self, connection: Connection) -> hookspecs.User | None:
        """Return the user of a request or a WebSocket, or ``None`` if it has no token."""
        sent = token_of(connection)
        if sent is None:
            return None
        try:
            token = await self.tokens.read(sent.text)
            if sent.by_cookie:
                check_forgery(connection, token, self.origins)
            user = await _user_of(token)
        except NotSignedIn as error:
            raise NotSignedIn(error.detail, clear_token_cookie() if sent.by_cookie else None) from error
        return hookspecs.User(id=user.id, roles=frozenset(user.roles), name=user.name or user.email, expires_at=token.exp)


async def _user_of(token: Token) -> User:
    """Return the user of a token whose session has not ended."""
    session = await Session.find_one({"_id": token.jti, "user": token.sub})
    user = await User.get(token.sub) if session is not None else None
    if user is None:
        raise NotSignedIn("the session has ended")
    return user

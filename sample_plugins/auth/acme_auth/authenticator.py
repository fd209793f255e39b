"""Implements the contract by which the guards of all plugins learn who somebody is."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.security.jwt import Token

import hookspecs
from acme_auth.browsers import Connection, check_intended, claim_of, forget
from acme_auth.errors import NotSignedIn
from acme_auth.models import Session, User
from acme_auth.tokens import Tokens


@dataclass(frozen=True, slots=True)
class JWTAuthenticator:
    """The provider of :class:`hookspecs.Authenticator`.

    A token says who somebody is, the database whether that still holds and what they may: logging out and another role count from
    the next request on, in all processes.

    Args:
        tokens: reads tokens.
        origins: further ones of pages that are ours.
    """

    tokens: Tokens
    origins: tuple[str, ...] = ()

    async def authenticate(self, connection: Connection) -> hookspecs.User | None:
        """Who sends a request, or opens a socket."""
        claim = claim_of(connection)
        if claim is None:
            return None
        try:
            token = await self.tokens.read(claim.text)
            if claim.by_cookie:
                check_intended(connection, token, self.origins)
            user = await _signed_in(token)
        except NotSignedIn as error:
            raise NotSignedIn(error.detail, forget() if claim.by_cookie else None) from error
        return hookspecs.User(id=user.id, roles=frozenset(user.roles), name=user.name or user.email, expires_at=token.exp)


async def _signed_in(token: Token) -> User:
    """The user of a token, who has not logged out since."""
    session = await Session.find_one({"_id": token.jti, "user": token.sub})
    user = await User.get(token.sub) if session is not None else None
    if user is None:
        raise NotSignedIn("signed out")
    return user

"""The tokens: Litestar's JWTs, signed with a secret that all processes share."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from litestar.exceptions import NotAuthorizedException
from litestar.security.jwt import Token
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from acme_auth.errors import NotSignedIn
from acme_auth.models import SigningKey
from acme_auth.options import SECRET_BYTES, AuthOptions

_ALGORITHM: Final = "HS256"
_ISSUER: Final = "acme__auth"
_CLAIMS: Final = ("exp", "iat", "iss", "aud", "sub", "jti")
#: The maximum length of a token; those issued here have about 400 characters.
_MAX_LENGTH: Final = 2048


class Signing:
    """Holds the secret.

    Args:
        options: may contain it; otherwise it is created once and stored in the database.
    """

    def __init__(self, options: AuthOptions) -> None:
        self._secret = options.secret.get_secret_value() if options.secret is not None else ""

    async def secret(self) -> str:
        """Return the secret; it is read from the database once."""
        if not self._secret:
            self._secret = await _stored_secret()
        return self._secret


async def _stored_secret() -> str:
    """Return the secret in the database. If several processes find none, one of them creates it and all get the same."""
    new = {"$setOnInsert": {"secret": secrets.token_urlsafe(SECRET_BYTES)}}
    keys = SigningKey.get_pymongo_collection()
    try:
        stored = await keys.find_one_and_update({"_id": "jwt"}, new, upsert=True, return_document=ReturnDocument.AFTER)
    except DuplicateKeyError:
        stored = await keys.find_one({"_id": "jwt"})
    key: SigningKey = SigningKey.model_validate(stored)
    return key.secret


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues and reads tokens.

    Args:
        signing: holds the secret.
        audience: the audience of the tokens.
        lifetime: how long they are valid.
    """

    signing: Signing
    audience: str
    lifetime: timedelta

    @classmethod
    def of(cls, options: AuthOptions) -> Tokens:
        """Create it from the options."""
        return cls(Signing(options), options.audience, timedelta(seconds=options.token_seconds))

    async def issue(self, user: str) -> tuple[Token, str]:
        """Issue a token for a user.

        Args:
            user: the user's id.

        Returns:
            The decoded token, and the token as a string.
        """
        token = Token(
            exp=datetime.now(UTC) + self.lifetime,
            sub=user,
            iss=_ISSUER,
            aud=self.audience,
            jti=secrets.token_urlsafe(16),
            extras={"csrf": secrets.token_urlsafe(32)},
        )
        return token, token.encode(await self.signing.secret(), _ALGORITHM)

    async def read(self, text: str) -> Token:
        """Decode a token.

        Raises:
            NotSignedIn: the token is not valid or has expired.
        """
        try:
            if len(text) > _MAX_LENGTH:
                raise NotSignedIn("the token is not valid")
            return Token.decode(
                text,
                await self.signing.secret(),
                _ALGORITHM,
                audience=self.audience,
                issuer=_ISSUER,
                require_claims=_CLAIMS,
                strict_audience=True,
            )
        except (NotAuthorizedException, RecursionError) as error:  # the header of a token may be deeply nested JSON
            raise NotSignedIn("the token is not valid") from error


def csrf_of(token: Token) -> str:
    """Return the CSRF value of a token, which a page must send to prove that it can read the cookies of this site."""
    return str(token.extras.get("csrf", ""))

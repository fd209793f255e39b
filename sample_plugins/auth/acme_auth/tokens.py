"""The tokens: JWTs as Litestar makes and reads them, signed with a secret that all processes share."""

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
#: Characters of a token; ours have some 400.
_LONGEST: Final = 2048


class Signing:
    """Knows the secret.

    Args:
        options: may hold it; else it is made once and kept in the database.
    """

    def __init__(self, options: AuthOptions) -> None:
        self._secret = options.secret.get_secret_value() if options.secret is not None else ""

    async def secret(self) -> str:
        """The secret; the database is asked once."""
        if not self._secret:
            self._secret = await _kept_secret()
        return self._secret


async def _kept_secret() -> str:
    """The secret in the database; of many processes that find none, one makes it, and all get that one."""
    made = {"$setOnInsert": {"secret": secrets.token_urlsafe(SECRET_BYTES)}}
    keys = SigningKey.get_pymongo_collection()
    try:
        found = await keys.find_one_and_update({"_id": "jwt"}, made, upsert=True, return_document=ReturnDocument.AFTER)
    except DuplicateKeyError:
        found = await keys.find_one({"_id": "jwt"})
    key: SigningKey = SigningKey.model_validate(found)
    return key.secret


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues and reads tokens.

    Args:
        signing: knows the secret.
        audience: whom they are for.
        lifetime: how long they are good.
    """

    signing: Signing
    audience: str
    lifetime: timedelta

    @classmethod
    def of(cls, options: AuthOptions) -> Tokens:
        """As the options say."""
        return cls(Signing(options), options.audience, timedelta(seconds=options.token_seconds))

    async def issue(self, user: str) -> tuple[Token, str]:
        """A new token for a user.

        Args:
            user: the id.

        Returns:
            what stands in it, and the text that travels.
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
        """What stands in a token.

        Raises:
            NotSignedIn: it is none of ours, or has expired.
        """
        try:
            if len(text) > _LONGEST:
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
        except (NotAuthorizedException, RecursionError) as error:  # a header may be JSON that is nested without an end
            raise NotSignedIn("the token is not valid") from error


def csrf_of(token: Token) -> str:
    """What a page must send to show that it may read our cookies."""
    return str(token.extras.get("csrf", ""))

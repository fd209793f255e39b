"""The document classes. Secrets are in collections of their own, so that a user's payload cannot contain them."""

from __future__ import annotations

from datetime import datetime

import beanie
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from pymongo import ASCENDING, IndexModel

from host.data import Document


def wire_name(name: str) -> str:
    """Return the name of a field in the database; ``id`` is MongoDB's ``_id``."""
    return "_id" if name == "id" else to_camel(name)


class User(Document):
    """A user; a soft-deleted one cannot sign in.

    Args:
        email: in lower case; unique.
        name: the display name.
        roles: the roles, which routes require.
    """

    email: str
    name: str = ""
    roles: list[str] = Field(default_factory=list)

    class Settings:
        """The indexes; the host names the collection."""

        indexes = (IndexModel([("email", ASCENDING)], unique=True),)


class _Record(beanie.Document):
    """Base class of documents that are never sent."""

    model_config = ConfigDict(alias_generator=wire_name)

    id: str  # type: ignore[assignment]  # strings instead of ObjectIds


class Credential(_Record):
    """The password hash of a user.

    Args:
        id: the user's id.
        hash: the argon2id hash of the password.
    """

    hash: str = Field(repr=False)


class Session(_Record):
    """A session: its token is valid until it expires or the user logs out.

    Args:
        id: the token's ``jti``.
        user: the user's id.
        expires_at: when the token expires.
    """

    user: str
    expires_at: datetime

    class Settings:
        """The indexes; by the first one, MongoDB removes expired documents."""

        indexes = (IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0), IndexModel([("user", ASCENDING)]))


class Attempts(_Record):
    """The number of attempts for one account or from one address.

    Args:
        id: identifies the account or the address.
        tries: the number of attempts.
        expires_at: when the count starts again.
    """

    tries: int
    expires_at: datetime

    class Settings:
        """The indexes; by the first one, MongoDB removes expired documents."""

        indexes = (IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0),)


class SigningKey(_Record):
    """The secret that signs tokens if the options do not contain one; there is a single document.

    Args:
        secret: a random string.
    """

    secret: str = Field(repr=False)

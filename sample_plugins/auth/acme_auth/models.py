"""The documents. What is secret lies in collections of its own, so no payload of a user can hold it."""

from __future__ import annotations

from datetime import datetime

import beanie
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from pymongo import ASCENDING, IndexModel

from host.data import Document


def wire_name(name: str) -> str:
    """The name of a field in the database; ``id`` is MongoDB's ``_id``."""
    return "_id" if name == "id" else to_camel(name)


class User(Document):
    """Somebody who may sign in; one who is deleted may not.

    Args:
        email: in lower case; nobody else has it.
        name: for people.
        roles: what they may.
    """

    email: str
    name: str = ""
    roles: list[str] = Field(default_factory=list)

    class Settings:
        """The host names the collection."""

        indexes = (IndexModel([("email", ASCENDING)], unique=True),)


class _Record(beanie.Document):
    """Base of what never travels."""

    model_config = ConfigDict(alias_generator=wire_name)

    id: str  # type: ignore[assignment]  # no ObjectIds


class Credential(_Record):
    """How a user proves who they are.

    Args:
        id: the user's.
        hash: of the password, by argon2id.
    """

    hash: str = Field(repr=False)


class Session(_Record):
    """A token that is good until it expires or its user logs out.

    Args:
        id: the token's ``jti``.
        user: the id of its user.
        expires_at: with the token.
    """

    user: str
    expires_at: datetime

    class Settings:
        """MongoDB removes what has expired."""

        indexes = (IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0), IndexModel([("user", ASCENDING)]))


class Attempts(_Record):
    """Logins that failed, of one account or from one address.

    Args:
        id: says which.
        tries: how many.
        expires_at: when they are forgotten.
    """

    tries: int
    expires_at: datetime

    class Settings:
        """MongoDB removes what has expired."""

        indexes = (IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0),)


class SigningKey(_Record):
    """The secret that signs tokens where the options have none; there is one.

    Args:
        secret: random.
    """

    secret: str = Field(repr=False)

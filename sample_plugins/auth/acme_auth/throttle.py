"""Counts attempts, so that nobody can try passwords without an end. The counts are in the database: all processes share them."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from acme_auth.browsers import Connection
from acme_auth.errors import TooManyAttempts
from acme_auth.models import Attempts
from acme_auth.options import AuthOptions

#: Somebody who has one IPv6 address has its network of this size.
_NETWORK = 64
#: ``203.0.113.7:4711``, ``[2001:db8::1]:4711`` or ``[2001:db8::1]``.
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[([^\]]*)\](?::[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counts in windows that begin with the first attempt.

    Each attempt is counted before it is made, in one step, so of many at once no more get through than may.

    Args:
        options: how many, and how long a window is.
    """

    options: AuthOptions

    async def enter(self, address: str, email: str) -> None:
        """Count a login.

        Raises:
            TooManyAttempts: it is one too many.
        """
        await self._count(_address_key("login", address), self.options.attempts_per_address)
        await self._count(_account_key(email), self.options.attempts)

    async def succeeded(self, address: str, email: str) -> None:
        """A login that was counted did not fail."""
        attempts = Attempts.get_pymongo_collection()
        await attempts.delete_one({"_id": _account_key(email)})
        await attempts.update_one({"_id": _address_key("login", address), "tries": {"$gt": 0}}, {"$inc": {"tries": -1}})

    async def register(self, address: str) -> None:
        """Count a registration.

        Raises:
            TooManyAttempts: it is one too many.
        """
        await self._count(_address_key("register", address), self.options.attempts_per_address)

    async def _count(self, key: str, limit: int) -> None:
        try:
            found = await self._add(key)
        except DuplicateKeyError:  # another made the document meanwhile
            found = await self._add(key)
        if found.tries > limit:
            left = math.ceil((found.expires_at - datetime.now(UTC)).total_seconds())
            raise TooManyAttempts(min(max(left, 1), self.options.attempts_window))

    async def _add(self, key: str) -> Attempts:
        lasts = {"$gt": ["$expiresAt", "$$NOW"]}
        ends = {"$add": ["$$NOW", self.options.attempts_window * 1000]}
        change: list[dict[str, Any]] = [
            {
                "$set": {
                    "tries": {"$cond": [lasts, {"$add": ["$tries", 1]}, 1]},
                    "expiresAt": {"$cond": [lasts, "$expiresAt", ends]},
                }
            }
        ]
        found = await Attempts.get_pymongo_collection().find_one_and_update(
            {"_id": key}, change, upsert=True, return_document=ReturnDocument.AFTER
        )
        attempts: Attempts = Attempts.model_validate(found)
        return attempts


def address_of(connection: Connection, header: str) -> str:
    """Where a request comes from.

    Args:
        connection: the request.
        header: in which a proxy says it, "" for the peer of the connection.
    """
    peer = connection.client.host if connection.client is not None else ""
    return connection.headers.get(header, "").rpartition(",")[2].strip() or peer if header else peer


def _address_key(what: str, address: str) -> str:
    return f"{what} from {_digest(_network(address))}"


def _network(address: str) -> str:
    """What counts as one address; a text that is none counts as it is.

    A port, as some proxies write it, tells nothing. An IPv4 address is one also where a socket for both kinds shows it as IPv6.
    """
    if with_port := _WITH_PORT.fullmatch(address):
        address = with_port[1] or with_port[2]
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), _NETWORK), strict=False))


def _account_key(email: str) -> str:
    return f"login of {_digest(email)}"


def _digest(text: str) -> str:
    """What tells two texts apart and does not name anybody."""
    return hashlib.sha256(text.encode()).hexdigest()

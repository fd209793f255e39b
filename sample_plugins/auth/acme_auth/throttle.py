"""Limits login attempts, against guessing of passwords. The counts are in the database, where all processes share them."""

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

#: The prefix length of an IPv6 network: a client that has one address usually has its whole network.
_NETWORK_PREFIX = 64
#: ``203.0.113.7:4711``, ``[2001:db8::1]:4711`` or ``[2001:db8::1]``.
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[([^\]]*)\](?::[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counts attempts in windows that begin with the first attempt.

    Each attempt is counted in one atomic step before it is made. So even of many concurrent ones, no more than the limit succeed.

    Args:
        options: contain the limits and the length of a window.
    """

    options: AuthOptions

    async def enter(self, address: str, email: str) -> None:
        """Count a login attempt.

        Raises:
            TooManyAttempts: the limit is exceeded.
        """
        await self._count(_address_key("login", address), self.options.attempts_per_address)
        await self._count(_account_key(email), self.options.attempts)

    async def succeeded(self, address: str, email: str) -> None:
        """Undo the count of a login that did not fail."""
        attempts = Attempts.get_pymongo_collection()
        await attempts.delete_one({"_id": _account_key(email)})
        await attempts.update_one({"_id": _address_key("login", address), "tries": {"$gt": 0}}, {"$inc": {"tries": -1}})

    async def register(self, address: str) -> None:
        """Count a registration.

        Raises:
            TooManyAttempts: the limit is exceeded.
        """
        await self._count(_address_key("register", address), self.options.attempts_per_address)

    async def _count(self, key: str, limit: int) -> None:
        try:
            attempts = await self._increment(key)
        except DuplicateKeyError:  # a concurrent attempt created the document
            attempts = await self._increment(key)
        if attempts.tries > limit:
            remaining = math.ceil((attempts.expires_at - datetime.now(UTC)).total_seconds())
            raise TooManyAttempts(min(max(remaining, 1), self.options.attempts_window))

    async def _increment(self, key: str) -> Attempts:
        # By the server's clock ($$NOW), as the clocks of the processes may differ.
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
        stored = await Attempts.get_pymongo_collection().find_one_and_update(
            {"_id": key}, change, upsert=True, return_document=ReturnDocument.AFTER
        )
        attempts: Attempts = Attempts.model_validate(stored)
        return attempts


def address_of(connection: Connection, header: str) -> str:
    """Return the network address of a client.

    Args:
        connection: the request.
        header: the header in which a proxy passes the address; "" for the peer of the connection.
    """
    peer = connection.client.host if connection.client is not None else ""
    return connection.headers.get(header, "").rpartition(",")[2].strip() or peer if header else peer


def _address_key(what: str, address: str) -> str:
    return f"{what} from {_digest(_network(address))}"


def _network(address: str) -> str:
    """Return what counts as one client: an IPv4 address or an IPv6 network. Anything else is returned as it is.

    Some proxies append a port, which is removed. A dual-stack socket shows an IPv4 address as an IPv6 address.
    """
    if with_port := _WITH_PORT.fullmatch(address):
        address = with_port[1] or with_port[2]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), _NETWORK_PREFIX), strict=False))


def _account_key(email: str) -> str:
    return f"login of {_digest(email)}"


def _digest(text: str) -> str:
    """Return a key that identifies a string without revealing it: the database contains no addresses of users."""
    return hashlib.sha256(text.encode()).hexdigest()

"""Opens a MongoDB client that is known to reach its server."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, Final

import pymongo
from bson.codec_options import TypeDecoder, TypeRegistry
from bson.decimal128 import Decimal128
from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from host.common.errors import DatabaseUnreachableError, SettingsError
from host.common.urls import redact, redact_quoted
from host.database.binding import Client

_SCHEMES: Final = ("mongodb://", "mongodb+srv://")

#: Unauthorized and AuthenticationFailed, see https://www.mongodb.com/docs/manual/reference/error-codes/
_REFUSED: Final = frozenset({13, 18})

#: Milliseconds; the embedded database is back within a second or two when it has crashed.
_PATIENCE: Final = 10_000

#: pymongo looks at the clock every half second only while it waits for a server.
_SLACK: Final = 0.75


class _Decimals(TypeDecoder):
    """MongoDB's decimals as Python's: Beanie writes these as those, and pydantic takes none of those."""

    bson_type = Decimal128

    def transform_bson(self, value: Decimal128) -> Decimal:
        """The same number."""
        return value.to_decimal()


#: What an answer of the server is made of.
_TYPES: Final = TypeRegistry([_Decimals()])


async def connect(url: str, *, timeout: float = 5.0) -> AsyncMongoClient[dict[str, Any]]:  # noqa: ASYNC109 - it sets two limits
    """A client of the MongoDB at a URL, after the server has answered it.

    Datetimes come back with the time zone UTC, and decimals as :class:`decimal.Decimal`.

    Args:
        url: a MongoDB URL.
        timeout: seconds for the answer; operations after that have the limits that the URL gives.

    Raises:
        DatabaseUnreachableError: no answer in time, or the server refuses the user.
        SettingsError: this is no MongoDB URL.
    """
    client = _client(url)
    try:
        # The inner limit is first, as its error says why; the outer is for what the client does not limit.
        async with asyncio.timeout(timeout):
            with pymongo.timeout(max(timeout - _SLACK, timeout / 2)):
                await client.admin.command("ping")
    except (PyMongoError, TimeoutError) as error:
        await client.close()
        raise _explain(error, url, timeout) from None
    except BaseException:
        await client.close()
        raise
    return client


def _client(url: str) -> AsyncMongoClient[dict[str, Any]]:
    if not url.startswith(_SCHEMES):
        # pymongo would take it for the name of a server.
        raise _invalid(url, f"it begins with neither {' nor '.join(_SCHEMES)}")
    try:
        return Client(url, tz_aware=True, type_registry=_TYPES, **_patience(url))
    except (ConfigurationError, ValueError, TypeError, OSError) as error:
        raise _invalid(url, str(error)) from None


def _patience(url: str) -> dict[str, Any]:
    """How long an operation waits for a server, where the URL does not say; pymongo's half minute is more than a client has."""
    return {} if "serverselectiontimeoutms" in url.lower() else {"serverSelectionTimeoutMS": _PATIENCE}


def _invalid(url: str, reason: str) -> SettingsError:
    return SettingsError(
        f"{redact(url)!r} cannot be used as a MongoDB URL: {redact_quoted(reason, url)}",
        key="database.url",
        fix="write mongodb://user:password@name:27017/ or mongodb+srv://user:password@name/, with special characters in user "
        'and password percent-encoded; or leave it "" for the embedded MongoDB',
    )


def _explain(error: Exception, url: str, timeout: float) -> DatabaseUnreachableError | SettingsError:
    if isinstance(error, ConfigurationError):
        return _invalid(url, str(error))
    if isinstance(error, OperationFailure) and error.code in _REFUSED:
        return DatabaseUnreachableError(
            f"the database {redact(url)} refuses the user: {str(error).partition(', full error')[0]}",
            fix="check the user, the password and authSource in database.url",
        )
    # pymongo appends its own limits and a description of the whole topology to the reason.
    reason = str(error).partition(", Timeout: ")[0].partition(" (configured timeouts")[0] or "no answer"
    return DatabaseUnreachableError(
        f"the database {redact(url)} does not answer within {timeout:g} s: {reason}",
        fix="check that the server runs, and name, port, TLS and replica set in database.url; "
        'or leave it "" for the embedded MongoDB',
    )

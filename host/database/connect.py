"""Opens a MongoDB client and checks that the server answers."""

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
_ACCESS_DENIED: Final = frozenset({13, 18})

#: How long operations wait for a server, in milliseconds. After a crash, the embedded database is back within two seconds.
_SERVER_SELECTION_TIMEOUT: Final = 10_000

#: Seconds by which pymongo may exceed a limit: while it waits for a server, it checks the time every half second only.
_PYMONGO_DELAY: Final = 0.75


class _Decimals(TypeDecoder):
    """Decodes MongoDB's decimals as Python's. Beanie encodes Python's, but pydantic does not validate MongoDB's."""

    bson_type = Decimal128

    def transform_bson(self, value: Decimal128) -> Decimal:
        """Return the same number as a ``decimal.Decimal``."""
        return value.to_decimal()


#: Converts values that the server returns.
_TYPES: Final = TypeRegistry([_Decimals()])


async def connect(url: str, *, timeout: float = 5.0) -> AsyncMongoClient[dict[str, Any]]:  # noqa: ASYNC109 - it sets two limits
    """Return a client for a MongoDB URL, once the server has answered a ping.

    The client returns datetimes with the time zone UTC, and decimals as :class:`decimal.Decimal`.

    Args:
        url: a MongoDB URL.
        timeout: how long to wait for the server, in seconds; later operations have the limits of the URL.

    Raises:
        DatabaseUnreachableError: the server does not answer in time, or denies access.
        SettingsError: the URL is not a valid MongoDB URL.
    """
    client = _client(url)
    try:
        # pymongo's limit comes first, since its error states the reason; asyncio's covers what pymongo does not limit, e.g. DNS.
        async with asyncio.timeout(timeout):
            with pymongo.timeout(max(timeout - _PYMONGO_DELAY, timeout / 2)):
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
        # pymongo would read it as the name of a server.
        raise _invalid(url, f"it begins with neither {' nor '.join(_SCHEMES)}")
    try:
        return Client(url, tz_aware=True, type_registry=_TYPES, **_server_selection(url))
    except (ConfigurationError, ValueError, TypeError, OSError) as error:
        raise _invalid(url, str(error)) from None


def _server_selection(url: str) -> dict[str, Any]:
    """Return how long operations wait for a server if the URL does not say: HTTP clients give up before pymongo's 30 s."""
    return {} if "serverselectiontimeoutms" in url.lower() else {"serverSelectionTimeoutMS": _SERVER_SELECTION_TIMEOUT}


def _invalid(url: str, reason: str) -> SettingsError:
    return SettingsError(
        f"{redact(url)!r} cannot be used as a MongoDB URL: {redact_quoted(reason, url)}",
        key="database.url",
        fix="write mongodb://user:password@name:27017/ or mongodb+srv://user:password@name/, with special characters in user "
        'and password percent-encoded; or set it to "" for the embedded MongoDB',
    )


def _explain(error: Exception, url: str, timeout: float) -> DatabaseUnreachableError | SettingsError:
    if isinstance(error, ConfigurationError):
        return _invalid(url, str(error))
    if isinstance(error, OperationFailure) and error.code in _ACCESS_DENIED:
        return DatabaseUnreachableError(
            f"the database {redact(url)} denies access: {str(error).partition(', full error')[0]}",
            fix="check the user, the password and authSource in database.url",
        )
    # pymongo appends its own limits and a description of the whole topology to the reason, which would hide it.
    reason = str(error).partition(", Timeout: ")[0].partition(" (configured timeouts")[0] or "no answer"
    return DatabaseUnreachableError(
        f"the database {redact(url)} does not answer within {timeout:g} s: {reason}",
        fix="check that the server runs, and the name, port, TLS options and replica set in database.url; "
        'or set it to "" for the embedded MongoDB',
    )

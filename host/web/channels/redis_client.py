"""The Redis client of the channels: made from ``channels.url``, and its errors in the words of the host."""

from __future__ import annotations

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError

from host.common.errors import ChannelsUnreachableError
from host.common.urls import redact, redact_quoted

#: The schemes of a Redis URL: TCP, TCP with TLS, and a socket of this machine.
SCHEMES: Final = ("redis://", "rediss://", "unix://")

#: Maximum connections of one process; the reader occupies one of them.
_MAX_CONNECTIONS: Final = 8
#: Errors that do not go away by waiting.
PERMANENT_ERRORS: Final = (AuthenticationError, AuthorizationError, ResponseError)


def make_client(url: str, timeout: float) -> Any:
    """Return a client that sends each command once; the return type is ``Any`` as its annotations do not know responses in bytes.

    Args:
        url: the Redis URL.
        timeout: seconds for connecting, and for waiting for a free connection.

    Raises:
        ValueError: the URL cannot be used.
    """
    overrides = {
        "decode_responses": False,
        "max_connections": _MAX_CONNECTIONS,
        "protocol": 2,  # responses have the same shape in every version of the client
        "retry": Retry(NoBackoff(), 0),  # a command whose response is missing may have been carried out: never repeat it
        "socket_connect_timeout": timeout,
        "socket_timeout": None,  # with a timeout, on Python 3.11, a task that is cancelled while it sends may never notice
        "timeout": timeout,
    }
    problem = ""
    try:
        options: dict[str, Any] = {**parse_url(url), **overrides}
        pool: Any = BlockingConnectionPool(**options)
        pool.make_connection()  # an unknown option in the URL raises only here
    except (ValueError, TypeError, RedisError) as error:
        problem = redact_quoted(str(error), url)
    if not url.startswith(SCHEMES):
        problem = f"it begins with none of {', '.join(SCHEMES)}"
    if problem:
        raise ValueError(f"{redact(url)!r} cannot be used as a Redis URL: {problem}")
    return Redis.from_pool(pool)


def unreachable(url: str, error: Exception) -> ChannelsUnreachableError:
    """Return the error of the host for an error of the client.

    Args:
        url: the Redis URL, redacted.
        error: the error of the client.
    """
    if isinstance(error, PERMANENT_ERRORS):
        return ChannelsUnreachableError(
            f"the Redis {url} refuses the request: {reason_of(error)}",
            fix="check user, password and database in channels.url; Redis must be 6.2 or later and accept writes",
        )
    return ChannelsUnreachableError(
        f"the Redis {url} does not answer: {reason_of(error)}",
        fix="check that the server runs, and name, port and TLS in channels.url; "
        'or leave it "" to keep messages within one process',
    )


def reason_of(error: Exception) -> str:
    """Return the message of an error, for use inside a sentence.

    Args:
        error: an error of the client; a timeout has no message.
    """
    return str(error).strip().rstrip(".") or "no answer"

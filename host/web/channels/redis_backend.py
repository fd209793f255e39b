"""Channels on Redis: messages reach all processes, in order, without loss while Redis answers; the last ones are kept.

Litestar's own backends for Redis do not give that. Its Pub/Sub keeps no history, and loses what is sent while a connection is
made anew. Its streams are cut to the length of the history, so that a reader which is behind by more loses the rest; they are
read again from the beginning whenever reading begins; keys of channels whose names differ only in case are one; and with either
of them the task that reads ends silently at the first error.

Here one stream carries the messages of all channels for as long as a reader may be away, every reader remembers where it is, and
a list a channel holds the history. One script writes both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterable
from typing import Any, Final

from litestar.channels.backends.base import ChannelsBackend
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import TimeoutError as SlowError

from host.common.errors import ChannelsUnreachableError
from host.common.urls import redact, redact_quoted

_LOG: Final = logging.getLogger("host")

#: What a URL of Redis begins with: TCP, TCP with TLS, a socket of this machine.
SCHEMES: Final = ("redis://", "rediss://", "unix://")

#: Seconds until a Redis that does not answer is an error, as ``database.timeout`` has it.
_TIMEOUT: Final = 5.0
#: Milliseconds for which one reading waits for messages; not for ever, so that a Redis that hangs is noticed.
_BLOCK: Final = 2_000
#: Messages taken in one reading.
_BATCH: Final = 500
#: Connections of one process; the reader has one of them for itself.
_CONNECTIONS: Final = 8
#: Seconds before the first and the longest before a further attempt to reach a lost Redis.
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0
#: Milliseconds for which the stream keeps a message, for a reader that is away so long loses none.
_WINDOW: Final = 60_000
#: The most messages in the stream, whatever their age: the limit of the memory that it takes.
_LONGEST: Final = 100_000
#: Milliseconds after the last message until the history of a channel is dropped: a channel may be gone with its plugin.
_LIFE: Final = 30 * 24 * 3600 * 1000

#: KEYS: the stream, then the list of each channel. ARGV: window, longest, history, life, the message, then each channel.
_PUBLISH: Final = """
local now = redis.call('TIME')
for number = 2, #KEYS do
    redis.call('XADD', KEYS[1], '*', 'channel', ARGV[number + 4], 'data', ARGV[5])
    if tonumber(ARGV[3]) > 0 then
        redis.call('RPUSH', KEYS[number], ARGV[5])
        redis.call('LTRIM', KEYS[number], -tonumber(ARGV[3]), -1)
        redis.call('PEXPIRE', KEYS[number], ARGV[4])
    end
end
redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', now[1] * 1000 - ARGV[1]))
redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""

_BEGINNING: Final = b"0-0"
#: What does not get better by waiting.
_REFUSED: Final = (AuthenticationError, AuthorizationError, ResponseError)


class RedisBackend(ChannelsBackend):
    """Carries messages over one Redis, version 6.2 or later.

    Args:
        url: of the Redis.
        namespace: keeps projects on one Redis apart.
        history: how many messages of each channel are kept.
        timeout: seconds until a Redis that does not answer is an error.

    Raises:
        ValueError: the URL cannot be used.
    """

    def __init__(self, url: str, *, namespace: str, history: int, timeout: float = _TIMEOUT) -> None:
        self._url = redact(url)
        self._prefix = f"{namespace}:channels:"
        self._stream = f"{self._prefix}stream"
        self._history = history
        self._timeout = timeout
        self._redis = _client(url, timeout)
        self._script = self._redis.register_script(_PUBLISH)
        self._subscribed: set[str] = set()
        self._position = _BEGINNING

    async def on_startup(self) -> None:
        """Reach Redis, and note where its stream ends: what is published from now on will be read.

        Raises:
            ChannelsUnreachableError: it does not answer in time, or refuses.
        """
        try:
            await self._begin(time.monotonic() + self._timeout)
        except (RedisError, OSError) as error:
            await self.on_shutdown()
            raise self._unreachable(error) from None
        except BaseException:
            await self.on_shutdown()
            raise

    async def on_shutdown(self) -> None:
        """Leave Redis."""
        await self._redis.aclose()

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Send a message to all processes and keep it in the history; in one step, and never twice.

        Args:
            data: the message.
            channels: where it goes.

        Raises:
            ChannelsUnreachableError: Redis does not answer; whether the message has reached it is not known.
        """
        try:
            await self._run_script(data, tuple(dict.fromkeys(channels)))
        except (RedisError, OSError) as error:
            raise self._unreachable(error) from None

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Deliver the messages of these channels."""
        self._subscribed.update(channels)

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """Deliver them no longer."""
        self._subscribed.difference_update(channels)

    async def stream_events(self) -> AsyncGenerator[tuple[str, Any], None]:
        """The messages of all processes, in the order in which Redis got them; does not end when Redis is lost."""
        while True:
            try:
                found = await self._read()
            except (RedisError, OSError) as error:
                await self._wait_for_return(error)
                continue
            for _, entries in found or ():
                for position, fields in entries:
                    self._position = position
                    channel = fields[b"channel"].decode()
                    if channel in self._subscribed:
                        yield channel, fields[b"data"]

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        """The last messages of a channel, oldest first.

        Args:
            channel: its name.
            limit: at most so many; all that are kept unless given.

        Raises:
            ChannelsUnreachableError: Redis does not answer.
        """
        if limit is not None and limit <= 0:
            return []
        try:
            async with asyncio.timeout(self._timeout):
                kept: list[bytes] = await self._redis.lrange(self._key(channel), -(limit or 0), -1)
        except (RedisError, OSError) as error:
            raise self._unreachable(error) from None
        return kept

    def _key(self, channel: str) -> str:
        return f"{self._prefix}history:{channel}"

    async def _run_script(self, data: bytes, channels: tuple[str, ...]) -> None:
        keys = [self._stream, *map(self._key, channels)]
        async with asyncio.timeout(self._timeout):
            await self._script(keys=keys, args=[_WINDOW, _LONGEST, self._history, _LIFE, data, *channels])

    async def _read(self) -> Any:
        """The messages after the position, or none after some time."""
        async with asyncio.timeout(self._timeout + _BLOCK / 1000):
            return await self._redis.xread({self._stream: self._position}, count=_BATCH, block=_BLOCK)

    async def _begin(self, deadline: float) -> None:
        """Ask until there is an answer: Redis may be starting too."""
        while True:
            try:
                await self._run_script(b"", ())  # sends nothing, and shows that the user may and that Redis is not too old
                self._position = await self._end()
            except (LostError, SlowError, OSError) as error:
                if isinstance(error, _REFUSED) or time.monotonic() + _FIRST_WAIT > deadline:
                    raise
                await asyncio.sleep(_FIRST_WAIT)
            else:
                return

    async def _end(self) -> bytes:
        """The position of the last message in the stream."""
        async with asyncio.timeout(self._timeout):
            last = await self._redis.xrevrange(self._stream, count=1)
        position: bytes = last[0][0] if last else _BEGINNING
        return position

    async def _wait_for_return(self, error: Exception) -> None:
        _LOG.warning("channels: %s is lost, no message travels until it is back: %s", self._url, _reason(error))
        since, wait = time.monotonic(), _FIRST_WAIT
        while True:
            await asyncio.sleep(wait)
            try:
                # A Redis that came back empty, or with less than it had, may count its messages from an earlier position.
                self._position = min(self._position, await self._end(), key=_order)
            except (RedisError, OSError):
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                break
        _LOG.info("channels: %s is back after %.1f s", self._url, time.monotonic() - since)

    def _unreachable(self, error: Exception) -> ChannelsUnreachableError:
        if isinstance(error, _REFUSED):
            return ChannelsUnreachableError(
                f"the Redis {self._url} refuses: {_reason(error)}",
                fix="check user, password and database in channels.url; Redis must be 6.2 or later, and take what is written to it",
            )
        return ChannelsUnreachableError(
            f"the Redis {self._url} does not answer: {_reason(error)}",
            fix="check that the server runs, and name, port and TLS in channels.url; "
            'or leave it "", and messages stay within one process',
        )


def _client(url: str, timeout: float) -> Any:
    """A client that does not repeat a command: one that was sent may have been carried out.

    Its own types do not say that its answers are bytes.
    """
    ours = {
        "decode_responses": False,
        "max_connections": _CONNECTIONS,
        "protocol": 2,  # the shape of its answers is the same in every version of the client
        "retry": Retry(NoBackoff(), 0),
        "socket_connect_timeout": timeout,
        "socket_timeout": None,  # with one, on Python 3.11, a task that is cancelled while it sends may never learn of it
        "timeout": timeout,
    }
    problem = ""
    try:
        options: dict[str, Any] = {**parse_url(url), **ours}
        pool: Any = BlockingConnectionPool(**options)
        pool.make_connection()  # an option that there is not shows only now
    except (ValueError, TypeError, RedisError) as error:
        problem = redact_quoted(str(error), url)
    if not url.startswith(SCHEMES):
        problem = f"it begins with none of {', '.join(SCHEMES)}"
    if problem:
        raise ValueError(f"{redact(url)!r} cannot be used as a Redis URL: {problem}")
    return Redis.from_pool(pool)


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".") or "no answer"


def _order(position: bytes) -> tuple[int, ...]:
    """A position ``<milliseconds>-<number>`` as what can be compared."""
    return tuple(int(part) for part in position.split(b"-"))

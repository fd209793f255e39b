"""The Redis backend: messages reach all processes, in order and without loss while Redis answers, and the last ones are kept.

Litestar's own Redis backends do not guarantee that. The Pub/Sub backend keeps no history, and loses what is sent while a
connection is being re-established. The streams backend trims its streams to the length of the history, so that a reader that lags
behind by more loses the rest; it reads them again from the beginning whenever it starts to read; it uses the same key for channels
whose names differ only in case. In both, the task that reads ends silently at the first error.

Here one stream carries the messages of all channels, for as long as a reader may be disconnected; every reader remembers its
position; and one list per channel holds the history. One script writes both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterable
from typing import Any, Final

from litestar.channels.backends.base import ChannelsBackend
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from host.common.urls import redact
from host.web.channels.redis_client import PERMANENT_ERRORS, make_client, reason_of, unreachable

_LOG: Final = logging.getLogger("host")

#: Seconds after which a Redis that does not answer is an error; the default of ``channels.timeout``.
_TIMEOUT: Final = 5.0
#: Milliseconds for which one read waits for messages. It does not wait forever, so that a Redis that hangs is noticed.
_READ_BLOCK: Final = 2_000
#: Maximum number of messages per read.
_READ_COUNT: Final = 500
#: Seconds before the first attempt to reconnect; the wait doubles up to the second value.
_FIRST_WAIT, _MAX_WAIT = 0.1, 5.0
#: Milliseconds for which the stream keeps a message: a reader that reconnects within this time loses none.
_STREAM_AGE: Final = 60_000
#: Maximum number of messages in the stream, whatever their age; it bounds the memory of Redis.
_STREAM_LENGTH: Final = 100_000
#: Milliseconds after the last message until the history of a channel is deleted: its plugin may have been uninstalled.
_HISTORY_AGE: Final = 30 * 24 * 3600 * 1000

#: KEYS: the stream, then the list of each channel. ARGV: stream age, stream length, history length, history age, the message, then
#: each channel. The server's clock counts, not the clocks of the processes; and since a script is one step, a message is never in
#: the stream without being in the history, which a replay relies on.
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


class RedisBackend(ChannelsBackend):
    """Carries messages over one Redis server, version 6.2 or later.

    Args:
        url: the Redis URL.
        namespace: separates projects that share a Redis database.
        history: how many messages of each channel are kept.
        timeout: seconds after which a Redis that does not answer is an error.

    Raises:
        ValueError: the URL cannot be used.
    """

    def __init__(self, url: str, *, namespace: str, history: int, timeout: float = _TIMEOUT) -> None:
        self._url = redact(url)
        self._prefix = f"{namespace}:channels:"
        self._stream = f"{self._prefix}stream"
        self._history = history
        self._timeout = timeout
        self._redis = make_client(url, timeout)
        self._script = self._redis.register_script(_PUBLISH)
        self._subscribed: set[str] = set()
        self._position = _BEGINNING

    async def on_startup(self) -> None:
        """Connect to Redis, and note the end of the stream: everything published from now on will be read.

        Raises:
            ChannelsUnreachableError: Redis does not answer in time, or refuses access.
        """
        try:
            await self._connect(time.monotonic() + self._timeout)
        except (RedisError, OSError) as error:
            await self.on_shutdown()
            raise unreachable(self._url, error) from None
        except BaseException:
            await self.on_shutdown()
            raise

    async def on_shutdown(self) -> None:
        """Disconnect from Redis."""
        await self._redis.aclose()

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Send a message to all processes and add it to the history, in one step and never twice.

        Args:
            data: the serialized message.
            channels: the channels to publish it on.

        Raises:
            ChannelsUnreachableError: Redis does not answer; the message may or may not have reached it.
        """
        try:
            await self._run_script(data, tuple(dict.fromkeys(channels)))
        except (RedisError, OSError) as error:
            raise unreachable(self._url, error) from None

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Start to deliver the messages of channels."""
        self._subscribed.update(channels)

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """Stop delivering the messages of channels."""
        self._subscribed.difference_update(channels)

    async def stream_events(self) -> AsyncGenerator[tuple[str, Any], None]:
        """Yield the messages of all processes in the order in which Redis received them; reconnects whenever Redis is lost."""
        while True:
            try:
                streams = await self._read()
            except (RedisError, OSError) as error:
                await self._reconnect(error)
                continue
            for _, entries in streams or ():
                for position, fields in entries:
                    self._position = position
                    channel = fields[b"channel"].decode()
                    if channel in self._subscribed:
                        yield channel, fields[b"data"]

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        """Return the last messages of a channel, oldest first.

        Args:
            channel: its wire name.
            limit: the maximum number of messages; by default all that are kept.

        Raises:
            ChannelsUnreachableError: Redis does not answer.
        """
        if limit is not None and limit <= 0:
            return []
        try:
            async with asyncio.timeout(self._timeout):
                kept: list[bytes] = await self._redis.lrange(self._key(channel), -(limit or 0), -1)
        except (RedisError, OSError) as error:
            raise unreachable(self._url, error) from None
        return kept

    def _key(self, channel: str) -> str:
        return f"{self._prefix}history:{channel}"

    async def _run_script(self, data: bytes, channels: tuple[str, ...]) -> None:
        keys = [self._stream, *map(self._key, channels)]
        async with asyncio.timeout(self._timeout):
            await self._script(keys=keys, args=[_STREAM_AGE, _STREAM_LENGTH, self._history, _HISTORY_AGE, data, *channels])

    async def _read(self) -> Any:
        """Return the messages after the position, or none if none arrive for a while."""
        async with asyncio.timeout(self._timeout + _READ_BLOCK / 1000):
            return await self._redis.xread({self._stream: self._position}, count=_READ_COUNT, block=_READ_BLOCK)

    async def _connect(self, deadline: float) -> None:
        """Try until Redis answers or the deadline passes: Redis may be starting at the same time."""
        while True:
            try:
                await self._run_script(b"", ())  # publishes nothing; fails if the user may not write or Redis is too old
                self._position = await self._last_position()
            except (RedisConnectionError, RedisTimeoutError, OSError) as error:
                if isinstance(error, PERMANENT_ERRORS) or time.monotonic() + _FIRST_WAIT > deadline:
                    raise
                await asyncio.sleep(_FIRST_WAIT)
            else:
                return

    async def _last_position(self) -> bytes:
        """Return the position of the last message in the stream."""
        async with asyncio.timeout(self._timeout):
            last = await self._redis.xrevrange(self._stream, count=1)
        position: bytes = last[0][0] if last else _BEGINNING
        return position

    async def _reconnect(self, error: Exception) -> None:
        _LOG.warning(
            "channels: lost the connection to %s; messages are not delivered until it is back: %s", self._url, reason_of(error)
        )
        since, wait = time.monotonic(), _FIRST_WAIT
        while True:
            await asyncio.sleep(wait)
            try:
                # A Redis that lost data in a restart may continue from an earlier position. A reader that kept waiting for a
                # later one would miss its messages.
                self._position = min(self._position, await self._last_position(), key=_position_key)
            except (RedisError, OSError):
                wait = min(2 * wait, _MAX_WAIT)
            else:
                break
        _LOG.info("channels: connected to %s again after %.1f s", self._url, time.monotonic() - since)


def _position_key(position: bytes) -> tuple[int, ...]:
    """Return a position ``<milliseconds>-<number>`` in a form that can be compared."""
    return tuple(int(part) for part in position.split(b"-"))

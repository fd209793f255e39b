"""Flow control: pass a burst of messages on no faster than clients receive it, within limits.

Without it a loop that broadcasts, or a batch that arrives from another process, would overfill the outbox of every client before
the event loop has sent anything, and drop them all as too slow. A client that really is too slow delays the others only briefly.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable
from typing import Any, Final

from litestar.channels.backends.base import ChannelsBackend

from host.web.channels.connection import MAX_PENDING_BYTES, Connection

#: Maximum pause in seconds before the next message, while congested clients make progress.
_MAX_PAUSE: Final = 0.1
#: Seconds within which a congested client must have received something for the pause to go on.
_PROGRESS_INTERVAL: Final = 0.01
#: How many messages of this process may be in transit before a sender yields to the event loop.
_MAX_IN_TRANSIT: Final = 20


class FlowControlBackend(ChannelsBackend):
    """Wraps a backend and pauses its messages while clients are congested.

    Args:
        backend: the wrapped backend.
        connections: all open connections.
        backlog: how many messages may be pending for each.
    """

    def __init__(self, backend: ChannelsBackend, connections: Collection[Connection], backlog: int) -> None:
        self._backend = backend
        self._connections = connections
        # Looking at all connections after each message would be slow: once per quarter of an outbox is often enough.
        self._step = max(1, backlog // 4)
        self._messages = self._bytes = 0
        self._in_transit = 0
        self._pausing: asyncio.Future[None] | None = None

    async def on_startup(self) -> None:
        """Start the wrapped backend."""
        await self._backend.on_startup()

    async def on_shutdown(self) -> None:
        """Stop the wrapped backend."""
        await self._backend.on_shutdown()

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Send a message; a sender that is far ahead of the readers waits for them briefly."""
        await self._backend.publish(data, channels)
        self._in_transit += 1
        if self._in_transit > _MAX_IN_TRANSIT:
            # The in-memory backend never suspends: without this, a loop that broadcasts would not let the reader run at all.
            await asyncio.sleep(0)
        if self._pausing is not None:
            await asyncio.wait({self._pausing})

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Start to deliver the messages of channels."""
        await self._backend.subscribe(channels)

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """Stop delivering the messages of channels."""
        await self._backend.unsubscribe(channels)

    async def stream_events(self) -> AsyncGenerator[tuple[str, Any], None]:
        """Yield the messages, pausing while clients are congested."""
        async for channel, data in self._backend.stream_events():
            yield channel, data
            self._in_transit = 0
            self._messages += 1
            self._bytes += len(data)
            if self._messages >= self._step or 4 * self._bytes >= MAX_PENDING_BYTES:
                self._messages = self._bytes = 0
                await self._pause()

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        """Return the most recent messages of a channel."""
        return await self._backend.get_history(channel, limit)

    async def _pause(self) -> None:
        """Wait for the congested clients, as long as they make progress."""
        congested = [connection for connection in self._connections if connection.congested]
        if not congested:
            return
        loop = asyncio.get_running_loop()
        self._pausing = loop.create_future()
        try:
            until = loop.time() + _MAX_PAUSE
            while congested and loop.time() < until:
                sent = {connection: connection.sent_count for connection in congested}
                await asyncio.sleep(_PROGRESS_INTERVAL)
                congested = [slow for slow in congested if slow.congested and slow.sent_count != sent[slow]]
        finally:
            self._pausing.set_result(None)
            self._pausing = None

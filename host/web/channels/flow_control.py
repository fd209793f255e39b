"""Time for those who read: a burst of messages is given out no faster than clients take it, within limits.

Without it a loop that broadcasts, or a batch that comes from another process, would overfill the outbox of every client before
the event loop has sent anything, and drop them all as too slow. Who really is too slow holds nobody up for long.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable
from typing import Any, Final

from litestar.channels.backends.base import ChannelsBackend

from host.web.channels.connection import MOST_BYTES, Listener

#: Seconds for which the next message waits, at most, for clients that take what is sent to them.
_PATIENCE: Final = 0.1
#: Seconds in which a client must have taken something to be waited for any longer.
_PROGRESS: Final = 0.01
#: Messages of this process that may be under way before a sender lets the others in.
_AHEAD: Final = 20


class PacedBackend(ChannelsBackend):
    """Another backend, whose messages come at a pace.

    Args:
        backend: the other one.
        listeners: who is connected.
        backlog: how many messages may wait for each.
    """

    def __init__(self, backend: ChannelsBackend, listeners: Collection[Listener], backlog: int) -> None:
        self._backend = backend
        self._listeners = listeners
        self._step = max(1, backlog // 4)
        self._messages = self._bytes = 0
        self._ahead = 0
        self._waiting: asyncio.Future[None] | None = None

    async def on_startup(self) -> None:
        """Start the other."""
        await self._backend.on_startup()

    async def on_shutdown(self) -> None:
        """Stop the other."""
        await self._backend.on_shutdown()

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Send a message; a sender that is far ahead of those who read waits for them a little."""
        await self._backend.publish(data, channels)
        self._ahead += 1
        if self._ahead > _AHEAD:
            await asyncio.sleep(0)
        if self._waiting is not None:
            await asyncio.wait({self._waiting})

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Deliver the messages of these channels."""
        await self._backend.subscribe(channels)

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """Deliver them no longer."""
        await self._backend.unsubscribe(channels)

    async def stream_events(self) -> AsyncGenerator[tuple[str, Any], None]:
        """The messages, each when there is room for it."""
        async for channel, data in self._backend.stream_events():
            yield channel, data
            self._ahead = 0
            self._messages += 1
            self._bytes += len(data)
            if self._messages >= self._step or 4 * self._bytes >= MOST_BYTES:
                self._messages = self._bytes = 0
                await self._pause()

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        """The last messages of a channel."""
        return await self._backend.get_history(channel, limit)

    async def _pause(self) -> None:
        """Wait for clients that have much to take, as long as they take it."""
        crowded = [one for one in self._listeners if one.crowded]
        if not crowded:
            return
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        try:
            until = loop.time() + _PATIENCE
            while crowded and loop.time() < until:
                taken = {one: one.written for one in crowded}
                await asyncio.sleep(_PROGRESS)
                crowded = [one for one in crowded if one.crowded and one.written != taken[one]]
        finally:
            self._waiting.set_result(None)
            self._waiting = None

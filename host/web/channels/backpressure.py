"""Bursts: what comes faster than any of those who listen to a channel takes it is held for a while.

A client that is slower than the others is dropped. Where *all* who listen have much waiting, it is the process that does not
keep up, with a loop that broadcasts or a batch from another process, and no client is to blame.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from host.web.channels.connection import Listener
    from host.web.channels.message import Message

#: So many times the backlog of one client, at most, is held for all of a channel.
_TIMES: Final = 10
#: Bytes, at most, that are held of all channels.
_BYTES: Final = 32 * 1024 * 1024
#: Seconds between looks whether somebody has room again.
_LOOK: Final = 0.002
#: Seconds after which those who take nothing are taken for slow, all of them.
STALLED: Final = 1.0


class HeldBytes:
    """How much is held of all channels of a host together."""

    def __init__(self) -> None:
        self.total = 0


class Hold:
    """What is held of one channel; nothing, nearly always.

    Args:
        listeners: who listens to the channel.
        deliver: gives them a message.
        backlog: how many messages may wait for each.
        size: of what is held of all channels; this one adds its own.
    """

    __slots__ = ("_deliver", "_feeding", "_held", "_limit", "_listeners", "_size")

    def __init__(self, listeners: Collection[Listener], deliver: Callable[[Message], None], backlog: int, size: HeldBytes) -> None:
        self._listeners = listeners
        self._deliver = deliver
        self._limit = _TIMES * backlog
        self._held: deque[Message] = deque()
        self._size = size
        self._feeding: asyncio.Task[None] | None = None

    def takes(self, message: Message) -> bool:
        """Hold a message, if others are held before it or nobody has room for it.

        Returns:
            whether it is held.
        """
        if self._feeding is None:
            if not self._crowded():
                return False
            self._feeding = asyncio.create_task(self._feed(), name="host-channel-hold")
        self._held.append(message)
        self._size.total += message.size
        if len(self._held) > self._limit or self._size.total > _BYTES:
            self._release()
        return True

    @property
    def long(self) -> bool:
        """Whether half of what may be held is."""
        return 2 * len(self._held) > self._limit or (bool(self._held) and 2 * self._size.total > _BYTES)

    async def stop(self) -> None:
        """Forget what is held."""
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.wait({self._feeding})

    def _crowded(self) -> bool:
        """Whether nobody has room; of many, the first nearly always has."""
        return bool(self._listeners) and all(listener.crowded for listener in self._listeners)

    async def _feed(self) -> None:
        """Deliver what is held as somebody has room; where nobody takes anything, deliver it all the same, and they are dropped."""
        try:
            while self._held:
                if not await self._room():
                    self._release()
                while self._held and not self._crowded():
                    self._next()
        finally:
            while self._held:
                self._pop()
            self._feeding = None

    async def _room(self) -> bool:
        """Wait until somebody has much room, or nobody listens any more.

        Returns:
            whether it is so; ``False`` where nobody has taken anything for a while.
        """
        loop = asyncio.get_running_loop()
        written, since = -1, 0.0
        while self._listeners and not any(listener.idle for listener in self._listeners):
            now = sum(listener.written for listener in self._listeners)
            if now != written:
                written, since = now, loop.time()
            elif loop.time() - since > STALLED:
                return False
            await asyncio.sleep(_LOOK)
        return True

    def _release(self) -> None:
        while self._held:
            self._next()

    def _next(self) -> None:
        self._deliver(self._pop())

    def _pop(self) -> Message:
        message = self._held.popleft()
        self._size.total -= message.size
        return message

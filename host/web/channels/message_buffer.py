"""Backpressure: buffer a burst that is faster than every subscriber of a channel, instead of dropping them all.

A client that is slower than the others is dropped. If *all* subscribers of a channel are congested, the cause is not a slow
client but a fast sender, such as a loop that broadcasts or a batch from another process: the event loop had no time to send
anything yet. Messages then wait here until the subscribers catch up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from host.web.channels.connection import Connection
    from host.web.channels.message import Message

#: The buffer of one channel holds at most this many client backlogs.
_BACKLOGS: Final = 10
#: Maximum size of what all channels of a host buffer together, in bytes. The limit per channel does not bound memory, since a
#: host may have any number of channels.
_MAX_BUFFERED_BYTES: Final = 32 * 1024 * 1024
#: Seconds between two checks whether a subscriber has room again.
_POLL_INTERVAL: Final = 0.002
#: Seconds without progress of any subscriber after which they all count as stalled.
STALL_TIMEOUT: Final = 1.0


class BufferedBytes:
    """Counts the bytes that all channels of a host buffer together."""

    def __init__(self) -> None:
        self.total = 0


class MessageBuffer:
    """The buffer of one channel; empty nearly always.

    Args:
        connections: the subscribers of the channel.
        deliver: gives a message to them.
        backlog: how many messages may be pending for each.
        buffered: the count of all channels; this buffer adds its own bytes.
    """

    __slots__ = ("_buffered", "_connections", "_deliver", "_flushing", "_limit", "_messages")

    def __init__(
        self,
        connections: Collection[Connection],
        deliver: Callable[[Message], None],
        backlog: int,
        buffered: BufferedBytes,
    ) -> None:
        self._connections = connections
        self._deliver = deliver
        self._limit = _BACKLOGS * backlog
        self._messages: deque[Message] = deque()
        self._buffered = buffered
        self._flushing: asyncio.Task[None] | None = None

    def accept(self, message: Message) -> bool:
        """Buffer a message if older messages are buffered or every subscriber is congested.

        Args:
            message: the message.

        Returns:
            ``False`` if the message was not buffered and is to be delivered directly.
        """
        if self._flushing is None:
            if not self._all_congested():
                return False
            self._flushing = asyncio.create_task(self._flush(), name="host-channel-buffer")
        self._messages.append(message)
        self._buffered.total += message.size
        if len(self._messages) > self._limit or self._buffered.total > _MAX_BUFFERED_BYTES:
            # Nothing is lost silently: what does not fit is delivered to full outboxes, and their clients are dropped.
            self._deliver_all()
        return True

    @property
    def half_full(self) -> bool:
        """Whether the buffer uses more than half of what it, or all buffers together, may hold."""
        return 2 * len(self._messages) > self._limit or (bool(self._messages) and 2 * self._buffered.total > _MAX_BUFFERED_BYTES)

    async def stop(self) -> None:
        """Discard the buffered messages."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.wait({self._flushing})
        self._discard()  # a task that is cancelled before its first step never gets to its ``finally``

    def _all_congested(self) -> bool:
        # With many subscribers this costs nothing: the first one is hardly ever congested.
        return bool(self._connections) and all(connection.congested for connection in self._connections)

    async def _flush(self) -> None:
        """Deliver the buffered messages as subscribers have room; if all have stalled, deliver anyway, which drops them."""
        try:
            while self._messages:
                if not await self._wait_for_room():
                    self._deliver_all()
                while self._messages and not self._all_congested():
                    self._deliver_next()
        finally:
            self._discard()

    async def _wait_for_room(self) -> bool:
        """Wait until a subscriber has room, or there are no subscribers any more.

        Waiting for a quarter of an outbox to be used, rather than half, keeps the buffer from switching on and off with every
        message.

        Returns:
            ``False`` if no subscriber has received anything for a while.
        """
        loop = asyncio.get_running_loop()
        sent_before, since = -1, 0.0
        while self._connections and not any(connection.has_room for connection in self._connections):
            sent = sum(connection.sent_count for connection in self._connections)
            if sent != sent_before:
                sent_before, since = sent, loop.time()
            elif loop.time() - since > STALL_TIMEOUT:
                return False
            await asyncio.sleep(_POLL_INTERVAL)
        return True

    def _deliver_all(self) -> None:
        while self._messages:
            self._deliver_next()

    def _deliver_next(self) -> None:
        self._deliver(self._pop())

    def _discard(self) -> None:
        while self._messages:
            self._pop()
        self._flushing = None

    def _pop(self) -> Message:
        message = self._messages.popleft()
        self._buffered.total -= message.size
        return message

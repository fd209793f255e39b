"""One client connection: its outbox of pending messages, and when a slow client is dropped."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hookspecs import User
    from host.web.channels.message import Message

#: Maximum size of the pending messages of one client, in bytes. The count of messages (``channels.backlog``) alone does not
#: bound memory: the text of a message is shared by all clients, but each client may lag behind with other messages.
MAX_PENDING_BYTES: Final = 8 * 1024 * 1024
#: Seconds that a client has to receive its pending messages once its connection is being closed.
GRACE: Final = 2.0
#: Seconds after which a client that receives nothing of what is being written to it is dropped.
STALL_TIMEOUT: Final = 30.0


@dataclass(frozen=True, slots=True)
class CloseReason:
    """The reason for closing a connection, as the client receives it.

    Args:
        code: the close code of the WebSocket.
        reason: a message for people; only its first 123 bytes are sent.
    """

    code: int
    reason: str


class Connection:
    """One client connection with an outbox that a single task empties.

    :meth:`put` never waits. If it did, a client that stopped reading would hold up the sender, and with it every other client.
    The price is that messages pile up, so the outbox is bounded, in messages and in bytes, and a client that exceeds a bound is
    dropped.

    Args:
        user: the user, or ``None`` for an anonymous client.
        backlog: how many messages may be pending; with one more the client is dropped.
    """

    __slots__ = (
        "_backlog",
        "_deadline",
        "_has_messages",
        "_last_progress",
        "_last_sent",
        "_not_congested",
        "_pending",
        "_pending_bytes",
        "_seen_count",
        "_writing",
        "channels",
        "close_reason",
        "closing",
        "sent_count",
        "user",
    )

    def __init__(self, user: User | None, backlog: int) -> None:
        self.user = user
        #: The wire names of the subscribed channels.
        self.channels: set[str] = set()
        #: Whether the connection accepts no more messages.
        self.closing = False
        #: The reason sent to the client; ``None`` if the client itself disconnected.
        self.close_reason: CloseReason | None = None
        #: How many messages have been sent.
        self.sent_count = 0
        self._backlog = backlog
        self._pending: deque[Message] = deque()
        self._pending_bytes = 0
        self._has_messages: asyncio.Future[None] | None = None
        self._not_congested: asyncio.Future[None] | None = None
        self._deadline: asyncio.Timeout | None = None
        self._writing = False
        self._seen_count = 0
        self._last_sent = self._last_progress = asyncio.get_running_loop().time()

    @property
    def pending_count(self) -> int:
        """The number of pending messages."""
        return len(self._pending)

    @property
    def congested(self) -> bool:
        """Whether more than half of the outbox is used."""
        return 2 * len(self._pending) > self._backlog or 2 * self._pending_bytes > MAX_PENDING_BYTES

    @property
    def has_room(self) -> bool:
        """Whether at most a quarter of the outbox is used, or the connection is closing and accepts nothing anyway."""
        return self.closing or (4 * len(self._pending) <= self._backlog and 4 * self._pending_bytes <= MAX_PENDING_BYTES)

    def put(self, message: Message) -> None:
        """Add a message to the outbox without waiting, or drop the client if the outbox is full.

        Args:
            message: the message. A single message may exceed the limit of bytes if nothing else is pending.
        """
        if self.closing:
            return
        pending = self._pending
        if pending and (len(pending) >= self._backlog or self._pending_bytes + message.size > MAX_PENDING_BYTES):
            self.drop()
            return
        pending.append(message)
        self._pending_bytes += message.size
        has_messages = self._has_messages
        if has_messages is not None:
            self._has_messages = None
            _resolve(has_messages)

    def drop(self) -> None:
        """Discard the pending messages and close the connection, because the client is too slow."""
        self._pending.clear()
        self._pending_bytes = 0
        self.close(CloseReason(1013, "too slow: too many pending messages"))

    def close(self, reason: CloseReason | None) -> None:
        """Accept no more messages; what is pending is still sent, within the grace period.

        Args:
            reason: sent to the client at the end; ``None`` if the client has disconnected, so that nothing more can be sent.
        """
        if self.closing:
            return
        self.closing, self.close_reason = True, reason
        if reason is None:
            self._pending.clear()
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time() + GRACE)
        for future in (self._has_messages, self._not_congested):
            if future is not None:
                _resolve(future)

    async def send_loop(self, write: Callable[[Message], Awaitable[None]]) -> bool:
        """Send messages as they arrive, until the connection is closed and nothing is pending.

        Args:
            write: sends one message; returns when the client can take the next.

        Returns:
            ``True`` if all pending messages were sent within the grace period.
        """
        try:
            async with asyncio.timeout(GRACE if self.closing else None) as self._deadline:
                await self._send_loop(write)
        except TimeoutError:
            return False
        finally:
            self._deadline = None
        return True

    async def _send_loop(self, write: Callable[[Message], Awaitable[None]]) -> None:
        pending = self._pending
        loop = asyncio.get_running_loop()
        while True:
            while pending:
                message = pending.popleft()
                self._pending_bytes -= message.size
                self._writing = True
                await write(message)
                self._writing = False
                self.sent_count += 1
                if self._not_congested is not None and not self.congested:
                    _resolve(self._not_congested)
                    self._not_congested = None
            if self.closing:
                return
            self._has_messages = loop.create_future()
            await self._has_messages

    async def wait_while_congested(self) -> None:
        """Wait until the connection is no longer congested, or is closing."""
        while self.congested and not self.closing:
            self._not_congested = asyncio.get_running_loop().create_future()
            await self._not_congested

    def check(self, heartbeat: Message | None, quiet: float) -> None:
        """Send a heartbeat to a client that received nothing for a while, and drop a client that has stalled.

        To be called at regular intervals. A timer per message would cost more than the message; comparing counters now and then
        costs nothing while messages flow.

        Args:
            heartbeat: the message to send, or ``None`` to send none.
            quiet: seconds without any message after which the heartbeat is sent.
        """
        now = asyncio.get_running_loop().time()
        progress = self.sent_count != self._seen_count
        if progress:
            self._seen_count, self._last_sent = self.sent_count, now
        if progress or not self._writing:
            self._last_progress = now
        elif now - self._last_progress > STALL_TIMEOUT:
            self.drop()
        if not self._writing and heartbeat is not None and now - self._last_sent >= quiet:
            self.put(heartbeat)


def _resolve(future: asyncio.Future[None]) -> None:
    # The waiting task may have been cancelled, and its future with it.
    if not future.done():
        future.set_result(None)

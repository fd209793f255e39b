"""One client that listens: what waits to be sent to it, and when it is given up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hookspecs import User
    from host.web.channels.message import Message

#: Bytes, at most, that wait for one client. The text of a message is there once, however many clients it waits for.
MOST_BYTES: Final = 8 * 1024 * 1024
#: Seconds that a client has to take what is on its way when it is given up.
GRACE: Final = 2.0
#: Seconds after which a client that takes nothing of what is being sent is given up.
STALLED: Final = 30.0


@dataclass(frozen=True, slots=True)
class End:
    """Why a connection is closed.

    Args:
        code: of the WebSocket.
        reason: for people; at most 123 bytes.
    """

    code: int
    reason: str


class Listener:
    """One connection. Messages are put into its outbox, which one task empties; putting never waits.

    Args:
        user: who it is, ``None`` where nobody has signed in.
        backlog: how many messages may wait; with one more the client is too slow.
    """

    __slots__ = (
        "_backlog",
        "_deadline",
        "_freed",
        "_seen",
        "_since",
        "_size",
        "_stuck",
        "_waiting",
        "_wake",
        "_writing",
        "channels",
        "end",
        "finished",
        "user",
        "written",
    )

    def __init__(self, user: User | None, backlog: int) -> None:
        self.user = user
        #: The wire names of the channels that it is subscribed to.
        self.channels: set[str] = set()
        #: Whether nothing more is put.
        self.finished = False
        #: What it is told when it is closed; ``None`` where the client itself went.
        self.end: End | None = None
        self._backlog = backlog
        self._waiting: deque[Message] = deque()
        self._size = 0
        self._wake: asyncio.Future[None] | None = None
        self._freed: asyncio.Future[None] | None = None
        self._deadline: asyncio.Timeout | None = None
        self._writing = False
        #: How many messages have been sent.
        self.written = 0
        self._seen = 0
        self._since = self._stuck = asyncio.get_running_loop().time()

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    def put(self, message: Message) -> None:
        """Have something sent; where too much waits already, the client is dropped."""
        if self.finished:
            return
        waiting = self._waiting
        if waiting and (len(waiting) >= self._backlog or self._size + message.size > MOST_BYTES):
            self.drop()
            return
        waiting.append(message)
        self._size += message.size
        wake = self._wake
        if wake is not None:
            self._wake = None
            if not wake.done():
                wake.set_result(None)

    def drop(self) -> None:
        """Give the client up: what waits for it is thrown away."""
        self._waiting.clear()
        self._size = 0
        self.finish(End(1013, "too slow: the messages that wait have become too many"))

    def finish(self, end: End | None) -> None:
        """Put nothing more; what waits is still sent, for a short time.

        Args:
            end: what the client is told; ``None`` where it went.
        """
        if self.finished:
            return
        self.finished, self.end = True, end
        if end is None:
            self._waiting.clear()
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time() + GRACE)
        for future in (self._wake, self._freed):
            if future is not None and not future.done():
                future.set_result(None)

    async def drain(self, write: Callable[[Message], Awaitable[None]]) -> bool:
        """Send what is put, until it is finished.

        Args:
            write: sends one message; comes back when the client has room for the next.

        Returns:
            whether all was sent in time; ``False`` where the client does not take it.
        """
        try:
            async with asyncio.timeout(GRACE if self.finished else None) as self._deadline:
                await self._drain(write)
        except TimeoutError:
            return False
        finally:
            self._deadline = None
        return True

    async def _drain(self, write: Callable[[Message], Awaitable[None]]) -> None:
        waiting = self._waiting
        loop = asyncio.get_running_loop()
        while True:
            while waiting:
                message = waiting.popleft()
                self._size -= message.size
                self._writing = True
                await write(message)
                self._writing = False
                self.written += 1
                if self._freed is not None and not self.crowded:
                    self._free(self._freed)
            if self.finished:
                return
            self._wake = loop.create_future()
            await self._wake

    async def room(self) -> None:
        """Wait until much more may be put."""
        while self.crowded and not self.finished:
            self._freed = asyncio.get_running_loop().create_future()
            await self._freed

    def beat(self, heartbeat: Message | None, quiet: float) -> None:
        """Called at regular times: have a heartbeat sent where nothing was for a while, and drop who takes nothing.

        Args:
            heartbeat: what to send, ``None`` for nothing.
            quiet: seconds without anything, after which it is sent.
        """
        now = asyncio.get_running_loop().time()
        moved = self.written != self._seen
        if moved:
            self._seen, self._since = self.written, now
        if moved or not self._writing:
            self._stuck = now
        elif now - self._stuck > STALLED:
            self.drop()
        if not self._writing and heartbeat is not None and now - self._since >= quiet:
            self.put(heartbeat)

    @property
    def crowded(self) -> bool:
        """Whether much waits; half of what may."""
        return 2 * len(self._waiting) > self._backlog or 2 * self._size > MOST_BYTES

    @property
    def idle(self) -> bool:
        """Whether little waits, or nothing more is put; a quarter of what may."""
        return self.finished or (4 * len(self._waiting) <= self._backlog and 4 * self._size <= MOST_BYTES)

    def _free(self, future: asyncio.Future[None]) -> None:
        self._freed = None
        if not future.done():
            future.set_result(None)

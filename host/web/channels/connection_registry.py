"""The open connections of a process: added, checked at regular intervals, expired, and closed with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from host.web.channels.connection import GRACE, CloseReason, Connection
from host.web.channels.message import host_message

if TYPE_CHECKING:
    from hookspecs import User

#: Maximum seconds between two checks of the connections; applies if heartbeats are disabled or rare.
_MAX_CHECK_INTERVAL: Final = 10.0
_GOING_AWAY: Final = CloseReason(1001, "the server is shutting down")
_EXPIRED: Final = CloseReason(4401, "the credentials have expired")


class ConnectionRegistry(Collection[Connection]):
    """The collection of all open connections.

    Args:
        backlog: how many messages may be pending for each.
        heartbeat: seconds without messages after which a client receives a heartbeat; 0 to send none.
    """

    def __init__(self, backlog: int, heartbeat: float) -> None:
        self._backlog = backlog
        self._heartbeat = heartbeat
        #: Each connection with the timer of its expiry.
        self._timers: dict[Connection, asyncio.TimerHandle | None] = {}
        self._closed = False
        self._all_removed: asyncio.Future[None] | None = None

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._timers)

    def __len__(self) -> int:
        return len(self._timers)

    def __contains__(self, connection: object) -> bool:
        return connection in self._timers

    def add(self, user: User | None) -> Connection:
        """Create and return a connection, which closes by itself when the credentials of the user expire.

        After :meth:`close` the returned connection is closing already, so that a client that connects late gets the reason.

        Args:
            user: the user, or ``None`` for an anonymous client.
        """
        connection = Connection(user, self._backlog)
        timer = None
        remaining = _seconds_until_expiry(user)
        if remaining is not None:
            timer = asyncio.get_running_loop().call_later(remaining, connection.close, _EXPIRED)
            if not remaining:
                connection.close(_EXPIRED)
        self._timers[connection] = timer
        if self._closed:
            connection.close(_GOING_AWAY)
        return connection

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended.

        Args:
            connection: the connection; nothing happens if it was removed already.
        """
        timer = self._timers.pop(connection, None)
        if timer is not None:
            timer.cancel()
        if self._all_removed is not None and not self._timers and not self._all_removed.done():
            self._all_removed.set_result(None)

    async def close(self) -> None:
        """Close all connections because the server stops, and wait for a short time until they have ended."""
        self._closed = True
        for connection in list(self._timers):
            connection.close(_GOING_AWAY)
        if self._timers:
            self._all_removed = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._all_removed}, timeout=GRACE)

    async def check_regularly(self) -> None:
        """Check all connections at regular intervals, without end: send heartbeats and drop stalled clients.

        Heartbeats exist because proxies close a connection on which nothing is sent, and because a client cannot notice otherwise
        that its connection is lost. One task serves all connections. It sees a message up to one interval late and looks again one
        interval later, so a heartbeat is due two intervals before its time: no client is left without a message for longer than
        ``heartbeat`` seconds.
        """
        seconds = self._heartbeat
        heartbeat = host_message(f'{{"heartbeat":{seconds:g}}}', ": heartbeat\n\n") if seconds else None
        interval = min(seconds / 4 or _MAX_CHECK_INTERVAL, _MAX_CHECK_INTERVAL)
        while True:
            await asyncio.sleep(interval)
            for connection in list(self._timers):
                connection.check(heartbeat, seconds - 2 * interval)


def _seconds_until_expiry(user: User | None) -> float | None:
    """Return how long the credentials of a user stay valid, or ``None`` if they do not expire."""
    if user is None or user.expires_at is None:
        return None
    until = user.expires_at if user.expires_at.tzinfo else user.expires_at.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())

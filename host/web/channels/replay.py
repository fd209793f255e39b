"""Replay of past messages before live ones: none is left out in between, and none is sent twice."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from litestar.exceptions import HTTPException

from host.web.channels.connection import MAX_PENDING_BYTES

if TYPE_CHECKING:
    from hookspecs import User
    from host.web.channels.channel_state import ChannelState
    from host.web.channels.connection import Connection
    from host.web.channels.message import Message

_LOG: Final = logging.getLogger("host")
_UNAVAILABLE: Final = 503


async def replay(
    connection: Connection,
    channels: Sequence[ChannelState],
    history: Callable[[str], Awaitable[list[Message]]],
    select: Callable[[list[Message]], list[Message]],
    first: Message | None,
    limit: int,
) -> None:
    """Subscribe a connection to channels, sending it past messages before the live ones.

    Args:
        connection: the connection.
        channels: the channels.
        history: returns the kept messages of a channel by its wire name, oldest first.
        select: selects the messages to replay among those of one channel that the user may see.
        first: a message to send before all others.
        limit: how many live messages of one channel may arrive during the replay.

    Raises:
        litestar.exceptions.HTTPException: the history is not available.
    """
    # The buffers subscribe before the history is read: what is published in between is then in one of them, or in both.
    buffers = [ReplayBuffer(connection, channel, limit) for channel in channels]
    try:
        histories = [await history(channel.name) for channel in channels]
    except Exception as error:  # noqa: BLE001 - whatever a backend raises, the client is asked to try again
        _LOG.error("the history of channels is not available: %s", error)
        raise HTTPException("the message history is not available at present", status_code=_UNAVAILABLE) from None
    if first is not None:
        connection.put(first)
    selected = (select(visible(messages, connection.user)) for messages in histories)
    for message in heapq.merge(*selected, key=attrgetter("id")):
        await connection.wait_while_congested()
        connection.put(message)
    for buffer, messages in zip(buffers, histories, strict=True):
        buffer.release(message.id for message in messages)


class ReplayBuffer:
    """Stands in for a connection during a replay: holds live messages back until the past ones have been sent.

    A message that was published before the history was read may still be on its way here. It is recognized by its id and
    discarded, because the history contained it.

    Args:
        connection: the connection.
        channel: the channel, of which the buffer becomes a recipient at once.
        limit: how many messages may be held back.
    """

    __slots__ = ("_channel", "_connection", "_held", "_held_bytes", "_in_history", "_limit", "user")

    def __init__(self, connection: Connection, channel: ChannelState, limit: int) -> None:
        self.user = connection.user
        self._connection = connection
        self._channel = channel
        self._limit = limit
        self._held: list[Message] | None = []
        self._held_bytes = 0
        self._in_history: frozenset[str] = frozenset()
        channel.recipients[connection] = self

    def put(self, message: Message) -> None:
        """Hold a message back, or after the replay pass it on unless the history contained it.

        Args:
            message: the message.
        """
        if self._held is not None:
            if len(self._held) >= self._limit or self._held_bytes + message.size > MAX_PENDING_BYTES:
                self._held.clear()
                self._connection.drop()
            else:
                self._held.append(message)
                self._held_bytes += message.size
        elif message.id not in self._in_history:
            # Messages of a channel arrive in order: after the first new one, none of the history can follow.
            self._step_aside()
            self._connection.put(message)

    def release(self, in_history: Iterable[str]) -> None:
        """Pass on the messages that were held back.

        Args:
            in_history: the ids of all messages that the history contained, whether they were replayed or not.
        """
        self._in_history = frozenset(in_history)
        held, self._held = self._held or [], None
        for message in held:
            if message.id not in self._in_history:
                self._step_aside()
                self._connection.put(message)
        if not self._in_history:
            self._step_aside()

    def _step_aside(self) -> None:
        """Make the connection itself the recipient, unless it has unsubscribed meanwhile."""
        if self._channel.recipients.get(self._connection) is self:
            self._channel.recipients[self._connection] = self._connection


def visible(messages: Iterable[Message], user: User | None) -> list[Message]:
    """Return the messages that a user may see.

    Args:
        messages: the messages.
        user: the user, or ``None`` for an anonymous client.
    """
    return [message for message in messages if message.audience is None or message.audience.includes(user)]


def after(messages: list[Message], identifier: str) -> list[Message]:
    """Return the messages after the one with an id: by position in its own channel, by time of sending in other channels.

    Args:
        messages: the messages of one channel, oldest first.
        identifier: the id of the message.
    """
    for index, message in enumerate(messages):
        if message.id == identifier:
            return messages[index + 1 :]
    return [message for message in messages if message.id > identifier]

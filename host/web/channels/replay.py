"""The last messages for who asks for them, and then the live ones: nothing is left out in between, and nothing comes twice."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from litestar.exceptions import HTTPException

from host.web.channels.connection import MOST_BYTES

if TYPE_CHECKING:
    from hookspecs import User
    from host.web.channels.channel_state import ChannelState
    from host.web.channels.connection import Listener
    from host.web.channels.message import Message

_LOG: Final = logging.getLogger("host")
_UNAVAILABLE: Final = 503


async def replay(
    listener: Listener,
    topics: Sequence[ChannelState],
    history: Callable[[str], Awaitable[list[Message]]],
    pick: Callable[[list[Message]], list[Message]],
    before: Message | None,
    limit: int,
) -> None:
    """Tell somebody what was sent before, then what comes.

    Args:
        listener: to whom.
        topics: the channels.
        history: gives the messages of a channel that are kept, oldest first, by its name on the wire.
        pick: chooses among the messages of one channel that the listener may see.
        before: is sent in front of all.
        limit: how many messages of one channel may come meanwhile.

    Raises:
        litestar.exceptions.HTTPException: what was sent before cannot be had.
    """
    catching = [ReplayBuffer(listener, topic, limit) for topic in topics]
    try:
        kept = [await history(topic.name) for topic in topics]
    except Exception as error:  # noqa: BLE001 - whatever a backend raises, the client is told that it has to ask again
        _LOG.error("the history of channels cannot be had: %s", error)
        raise HTTPException("what was sent before cannot be had now", status_code=_UNAVAILABLE) from None
    if before is not None:
        listener.put(before)
    for message in heapq.merge(*(pick(visible(one, listener.user)) for one in kept), key=attrgetter("id")):
        await listener.room()
        listener.put(message)
    for one, messages in zip(catching, kept, strict=True):
        one.release(message.id for message in messages)


class ReplayBuffer:
    """Stands in for a listener that is told what was sent before: holds back what comes meanwhile, so that it comes after.

    Messages that were published before and are still under way are known by their ids, and left out.

    Args:
        listener: for whom.
        topic: where; it stands in there at once.
        limit: how many messages may be held back.
    """

    __slots__ = ("_held", "_limit", "_listener", "_size", "_told", "_topic", "user")

    def __init__(self, listener: Listener, topic: ChannelState, limit: int) -> None:
        self.user = listener.user
        self._listener = listener
        self._topic = topic
        self._limit = limit
        self._held: list[Message] | None = []
        self._size = 0
        self._told: frozenset[str] = frozenset()
        topic.targets[listener] = self

    def put(self, message: Message) -> None:
        """Hold a message back, or pass it on where it is new."""
        if self._held is not None:
            if len(self._held) >= self._limit or self._size + message.size > MOST_BYTES:
                self._held.clear()
                self._listener.drop()
            else:
                self._held.append(message)
                self._size += message.size
        elif message.id not in self._told:  # those that come now were published later than all that were told
            self._leave()
            self._listener.put(message)

    def release(self, told: Iterable[str]) -> None:
        """Pass on what was held back.

        Args:
            told: the ids of all messages that were published before.
        """
        self._told = frozenset(told)
        held, self._held = self._held or [], None
        for message in held:
            if message.id not in self._told:
                self._leave()
                self._listener.put(message)
        if not self._told:
            self._leave()

    def _leave(self) -> None:
        if self._topic.targets.get(self._listener) is self:
            self._topic.targets[self._listener] = self._listener


def visible(messages: Iterable[Message], user: User | None) -> list[Message]:
    """Those that somebody may see."""
    return [one for one in messages if one.audience is None or one.audience.includes(user)]


def after(messages: list[Message], identifier: str) -> list[Message]:
    """What came after a message: in its own channel by the order there, in others by the time of sending.

    Args:
        messages: of one channel, the oldest first.
        identifier: the id of the message.
    """
    for index, message in enumerate(messages):
        if message.id == identifier:
            return messages[index + 1 :]
    return [message for message in messages if message.id > identifier]

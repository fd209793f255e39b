"""From the one stream of messages of a process to those who listen to a channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from litestar.channels import Subscriber

from host.channels.holding import Hold
from host.channels.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookspecs import Channel, User
    from host.channels.listener import Listener
    from host.contributions import Contributions


class Target(Protocol):
    """Where the messages of a channel go for one listener."""

    @property
    def user(self) -> User | None:
        """Who it is."""

    def put(self, message: Message) -> None:
        """Take a message; does not wait."""


class Topic:
    """One declared channel in one process.

    Args:
        name: on the wire.
        owner: the plugin that declares it.
        channel: as declared.
        backlog: how many messages may wait for one who listens.
    """

    __slots__ = ("channel", "hold", "name", "owner", "targets")

    def __init__(self, name: str, owner: Contributions, channel: Channel, backlog: int) -> None:
        self.name = name
        self.owner = owner
        self.channel = channel
        #: Those who listen; while one catches up, something stands in for it.
        self.targets: dict[Listener, Target] = {}
        #: What they have no room for.
        self.hold = Hold(self.targets.keys(), self._deliver, backlog)

    def put(self, message: Message) -> None:
        """Give a message to those who listen and may see it, as soon as they have room."""
        if not self.hold.takes(message):
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        audience = message.audience
        if audience is None:
            for target in self.targets.values():
                target.put(message)
            return
        for target in self.targets.values():
            if audience.includes(target.user):
                target.put(message)


class Dispatcher(Subscriber):
    """The one subscriber that a process has at Litestar's plugin: it never leaves, so that the history of no channel is dropped."""

    def __init__(self, *arguments: Any, take: Callable[[bytes], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._take = take

    def put_nowait(self, item: bytes | None) -> bool:
        """Called with each message."""
        if item is not None:
            self._take(item)
        return True


class CatchUp:
    """Stands in for a listener that is told what was sent before: holds back what comes meanwhile, so that it comes after.

    Messages that were published before and are still under way are known by their ids, and left out.

    Args:
        listener: for whom.
        topic: where; it stands in there at once.
        limit: how many messages may be held back.
    """

    __slots__ = ("_held", "_limit", "_listener", "_told", "_topic", "user")

    def __init__(self, listener: Listener, topic: Topic, limit: int) -> None:
        self.user = listener.user
        self._listener = listener
        self._topic = topic
        self._limit = limit
        self._held: list[Message] | None = []
        self._told: frozenset[str] = frozenset()
        topic.targets[listener] = self

    def put(self, message: Message) -> None:
        """Hold a message back, or pass it on where it is new."""
        if self._held is not None:
            if len(self._held) >= self._limit:
                self._listener.drop()
            else:
                self._held.append(message)
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

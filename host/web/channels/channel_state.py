"""The run-time state of a declared channel: its recipients, and how a message is delivered to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from host.web.channels.message import Message
from host.web.channels.message_buffer import BufferedBytes, MessageBuffer
from host.web.channels.recipient import Recipient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookspecs import Channel
    from host.registration.contributions import Contributions
    from host.web.channels.connection import Connection


def wire_name(plugin: str, key: str) -> str:
    """Return the name of a channel on the wire, such as ``acme__todo--taskCreated``.

    Args:
        plugin: the key of the plugin that declares the channel.
        key: the key of the channel.
    """
    return f"{plugin}--{key}"


class ChannelState:
    """One declared channel in one process.

    Args:
        owner: the contributions of the plugin that declares it.
        channel: the declaration.
        backlog: how many messages may be pending for each subscriber.
        buffered: counts the bytes that all channels buffer.
        guards: decide who may subscribe: those of the layers around the plugin, outermost first, then the channel's own.
    """

    __slots__ = ("buffer", "channel", "guards", "name", "owner", "recipients")

    def __init__(
        self, owner: Contributions, channel: Channel, backlog: int, buffered: BufferedBytes, guards: Sequence[Callable[..., Any]]
    ) -> None:
        #: The wire name.
        self.name = wire_name(owner.key, channel.key)
        self.owner = owner
        self.channel = channel
        self.guards = guards
        #: The subscribers. Each maps to itself, or to the replay buffer that stands in for it during a replay.
        self.recipients: dict[Connection, Recipient] = {}
        #: Messages for which the subscribers have no room yet.
        self.buffer = MessageBuffer(self.recipients.keys(), self._deliver, backlog, buffered)

    def put(self, message: Message) -> None:
        """Deliver a message to the subscribers who may see it, as soon as they have room.

        Args:
            message: the message.
        """
        if not self.buffer.accept(message):
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        audience = message.audience
        if audience is None:
            for recipient in self.recipients.values():
                recipient.put(message)
            return
        for recipient in self.recipients.values():
            if audience.includes(recipient.user):
                recipient.put(message)

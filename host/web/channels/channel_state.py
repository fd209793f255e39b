"""From the one stream of messages of a process to those who listen to a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar.channels import Subscriber

from host.web.channels.backpressure import HeldBytes, Hold
from host.web.channels.message import Message
from host.web.channels.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookspecs import Channel
    from host.registration.contributions import Contributions
    from host.web.channels.connection import Listener


def wire_name(plugin: str, key: str) -> str:
    """The name of a channel on the wire: ``acme__todo--taskCreated`` (row R28)."""
    return f"{plugin}--{key}"


class ChannelState:
    """One declared channel in one process.

    Args:
        owner: the plugin that declares it.
        channel: as declared.
        backlog: how many messages may wait for one who listens.
        held: what is held of all channels.
        guards: who may listen: those of the layers around the plugin, the outermost first, then the channel's own.
    """

    __slots__ = ("channel", "guards", "hold", "name", "owner", "targets")

    def __init__(
        self, owner: Contributions, channel: Channel, backlog: int, held: HeldBytes, guards: Sequence[Callable[..., Any]]
    ) -> None:
        #: On the wire.
        self.name = wire_name(owner.key, channel.key)
        self.owner = owner
        self.channel = channel
        self.guards = guards
        #: Those who listen; while one catches up, something stands in for it.
        self.targets: dict[Listener, Target] = {}
        #: What they have no room for.
        self.hold = Hold(self.targets.keys(), self._deliver, backlog, held)

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

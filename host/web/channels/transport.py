"""The transport of messages between processes: Litestar's channels plugin, through its public API."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from litestar.channels import ChannelsPlugin, Subscriber

from host.web.channels.message import EncodedMessage, Message, deserialize, serialize

if TYPE_CHECKING:
    from litestar.channels.backends.base import ChannelsBackend

_LOG: Final = logging.getLogger("host")
#: Seconds within which the backend must disconnect.
_STOP_TIMEOUT: Final = 5.0


class Transport:
    """Sends the messages of this process and receives those of all processes. Can be started once.

    Args:
        backend: the backend that carries the messages; not started yet.
        names: the wire names of all channels.
        receive: called with each message that arrives.
    """

    def __init__(self, backend: ChannelsBackend, names: Iterable[str], receive: Callable[[Message], None]) -> None:
        self._backend = backend
        self._names = list(names)
        self._receive = receive
        self._failing = False
        #: Messages from the history that are still pending for a client, by id. Many clients that ask for the same messages, as
        #: after a restart, share one object per message; it goes when the last of them has received it.
        self._replayed: WeakValueDictionary[str, Message] = WeakValueDictionary()
        subscriber: Any = partial(_ProcessSubscriber, receive=self._deserialize)
        self._plugin = ChannelsPlugin(backend, channels=self._names, subscriber_class=subscriber)

    async def start(self) -> None:
        """Connect, and receive messages from now on.

        Raises:
            ChannelsUnreachableError: the backend does not answer.
        """
        try:
            await self._plugin.__aenter__()
            await self._plugin.subscribe(self._names)
        except BaseException:
            with suppress(Exception):  # the error of the start is the one that matters
                await self.stop()
            raise

    async def stop(self) -> None:
        """Disconnect."""
        async with asyncio.timeout(_STOP_TIMEOUT):
            await self._plugin.__aexit__(None, None, None)

    async def send(self, message: EncodedMessage, identifier: str) -> None:
        """Send a message. If the backend fails, the message is lost; only the first of several failures in a row is logged.

        Args:
            message: the message.
            identifier: its id.
        """
        try:
            await self._plugin.wait_published(serialize(message, identifier), [message.channel])
        except Exception as error:  # noqa: BLE001 - whatever a backend raises, the request that announces a change has succeeded
            if not self._failing:
                self._failing = True
                _LOG.error(
                    "a message of %s on %s could not be sent; messages are lost until the backend recovers: %s",
                    message.plugin,
                    message.channel,
                    error,
                )
        else:
            if self._failing:
                self._failing = False
                _LOG.info("messages on channels are sent again")

    async def history(self, name: str) -> list[Message]:
        """Return the kept messages of a channel, oldest first.

        Args:
            name: the wire name of the channel.
        """
        kept = await self._backend.get_history(name)
        messages = [message for data in kept if (message := _deserialized(data)) is not None]
        return [self._replayed.setdefault(message.id, message) for message in messages]

    def _deserialize(self, data: bytes) -> None:
        if (message := _deserialized(data)) is not None:
            self._receive(message)


class _ProcessSubscriber(Subscriber):
    """The one subscriber that a process has at Litestar's plugin, for all channels and all clients.

    It never unsubscribes. Litestar unsubscribes the backend from a channel when its last subscriber leaves, and the in-memory
    backend then forgets the history of the channel; so a client that reconnects would find nothing to replay. Also, each message
    is deserialized once, not once per client.
    """

    def __init__(self, *arguments: Any, receive: Callable[[bytes], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._receive = receive

    def put_nowait(self, item: bytes | None) -> bool:
        """Pass a message on at once instead of queueing it; the outboxes of the connections are the only queues.

        Args:
            item: the serialized message, or ``None`` at the end of all messages.

        Returns:
            ``True``: the message is never refused.
        """
        if item is not None:
            self._receive(item)
        return True


def _deserialized(data: bytes) -> Message | None:
    try:
        return deserialize(data)
    except ValueError as error:
        _LOG.warning("ignored data on a channel that is not a message: %s", error)
        return None

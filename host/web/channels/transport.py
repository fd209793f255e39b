"""What carries messages between processes: Litestar's plugin, of which the host uses the public half."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from litestar.channels import ChannelsPlugin

from host.web.channels.channel_state import Dispatcher
from host.web.channels.message import Frame, Message, packed, read

if TYPE_CHECKING:
    from litestar.channels.backends.base import ChannelsBackend

_LOG: Final = logging.getLogger("host")
#: Seconds that leaving the backend may take.
_LEAVING: Final = 5.0


class Transport:
    """Sends the messages of this process and receives those of all; started once.

    Args:
        backend: carries them, not started yet.
        names: of all channels on the wire.
        take: is given each message that comes.
    """

    def __init__(self, backend: ChannelsBackend, names: Iterable[str], take: Callable[[Message], None]) -> None:
        self._backend = backend
        self._names = list(names)
        self._take = take
        self._lost = False
        #: What was had from the history and still waits for somebody, by id: in memory once, however many ask for it.
        self._told: WeakValueDictionary[str, Message] = WeakValueDictionary()
        dispatcher: Any = partial(Dispatcher, take=self._received)
        self._plugin = ChannelsPlugin(backend, channels=self._names, subscriber_class=dispatcher)

    async def start(self) -> None:
        """Connect, and take messages from now on.

        Raises:
            ChannelsUnreachableError: what carries them does not answer.
        """
        try:
            await self._plugin.__aenter__()
            await self._plugin.subscribe(self._names)
        except BaseException:
            with suppress(Exception):  # what went wrong at the start is what matters
                await self.stop()
            raise

    async def stop(self) -> None:
        """Disconnect."""
        async with asyncio.timeout(_LEAVING):
            await self._plugin.__aexit__(None, None, None)

    async def send(self, frame: Frame, identifier: str) -> None:
        """Send a message. Where that is not possible, it is lost; the log says so once until it is possible again.

        Args:
            frame: the message.
            identifier: its id.
        """
        try:
            await self._plugin.wait_published(packed(frame, identifier), [frame.channel])
        except Exception as error:  # noqa: BLE001 - whatever a backend raises, the request that announces something has succeeded
            if not self._lost:
                self._lost = True
                _LOG.error("%s of %s did not leave, and messages are lost until they do: %s", frame.channel, frame.plugin, error)
        else:
            if self._lost:
                self._lost = False
                _LOG.info("messages of channels leave again")

    async def history(self, name: str) -> list[Message]:
        """The messages of a channel that are kept, oldest first.

        Args:
            name: of the channel on the wire.
        """
        kept = await self._backend.get_history(name)
        found = [message for data in kept if (message := _readable(data)) is not None]
        return [self._told.setdefault(message.id, message) for message in found]

    def _received(self, data: bytes) -> None:
        if (message := _readable(data)) is not None:
            self._take(message)


def _readable(data: bytes) -> Message | None:
    try:
        return read(data)
    except ValueError as error:
        _LOG.warning("something else than a message came over the channels: %s", error)
        return None

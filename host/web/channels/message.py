"""A message on a channel: as it travels between processes, and as it reaches browsers."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from typing import Final

import msgspec

from hookspecs import Audience

_HEADER_END: Final = b"\n"
#: What ends a line of server-sent events. Between two values JSON may have it, where a plugin brings some that is made already.
_LINE_END: Final = re.compile(r"\r\n|[\r\n]")


@dataclass(frozen=True, slots=True)
class Frame:
    """A message that was checked and encoded, and is not sent yet.

    Args:
        plugin: the key of the sender.
        channel: the name of the channel on the wire.
        audience: who may see it, ``None`` for whoever listens.
        text: what browsers get.
    """

    plugin: str
    channel: str
    audience: Audience | None
    text: bytes


class _Header(msgspec.Struct, frozen=True, array_like=True):
    """What stands before a message between processes."""

    channel: str
    id: str
    audience: Audience | None


_READ: Final = msgspec.json.Decoder(_Header)
_WRITE: Final = msgspec.json.Encoder()


class Message:
    """A message on its way to those who listen in this process; one object for all of them.

    Args:
        channel: its name on the wire, "" for what the host itself says.
        id: never given to another message; later ones of a process are greater.
        audience: who may see it, ``None`` for whoever listens.
        text: the frame of a WebSocket.
        size: of the text, in bytes.
    """

    __slots__ = ("__weakref__", "_event", "audience", "channel", "id", "size", "text")

    def __init__(self, channel: str, identifier: str, audience: Audience | None, text: str, size: int) -> None:
        self.channel = channel
        self.id = identifier
        self.audience = audience
        self.text = text
        self.size = size
        self._event: bytes | None = None

    @property
    def event(self) -> bytes:
        """The server-sent event."""
        if self._event is None:
            data = _LINE_END.sub("\ndata: ", self.text)
            self._event = f"id: {self.id}\ndata: {data}\n\n".encode()
        return self._event


def read(data: bytes) -> Message:
    """A message as it came from another process, or from this one.

    Raises:
        ValueError: it is none.
    """
    head, _, text = data.partition(_HEADER_END)
    try:
        header = _READ.decode(head)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"no message of a channel: {error}") from None
    return Message(header.channel, header.id, header.audience, text.decode(), len(text))


def own_message(text: str, event: str | None = None) -> Message:
    """Something that the host itself says, on no channel.

    Args:
        text: the frame of a WebSocket.
        event: the server-sent event, a comment unless given.
    """
    message = Message("", "", None, text, len(text))
    message._event = (f": {text}\n\n" if event is None else event).encode()  # noqa: SLF001 - its own module
    return message


class MessageIds:
    """Numbers messages: text that sorts by the time of sending, and that no other process gives."""

    def __init__(self) -> None:
        self._process = os.urandom(4).hex()
        self._last = 0

    def __call__(self) -> str:
        """The next one."""
        self._last = max(self._last + 1, time.time_ns())
        return f"{self._last:016x}{self._process}"


def packed(frame: Frame, identifier: str) -> bytes:
    """A message as it travels between processes.

    Args:
        frame: the message.
        identifier: its id.
    """
    return _WRITE.encode(_Header(frame.channel, identifier, frame.audience)) + _HEADER_END + frame.text

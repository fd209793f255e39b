"""Messages on channels: the form that travels between processes and the forms that are sent to browsers."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from typing import Final

import msgspec

from hookspecs import Audience

_HEADER_END: Final = b"\n"
#: A line break ends a field of a server-sent event. JSON made by the host has none, but a plugin may broadcast JSON text of its
#: own (``msgspec.Raw``) with line breaks between two values.
_LINE_BREAK: Final = re.compile(r"\r\n|[\r\n]")


@dataclass(frozen=True, slots=True)
class EncodedMessage:
    """A validated and encoded message that has not been sent yet.

    Args:
        plugin: the key of the plugin that broadcasts it.
        channel: the wire name of the channel.
        audience: the users who may see it, or ``None`` for all subscribers.
        text: the JSON text that browsers receive.
    """

    plugin: str
    channel: str
    audience: Audience | None
    text: bytes


class _Header(msgspec.Struct, frozen=True, array_like=True):
    """The line in front of a message that travels between processes."""

    channel: str
    id: str
    audience: Audience | None


_HEADER_DECODER: Final = msgspec.json.Decoder(_Header)
_HEADER_ENCODER: Final = msgspec.json.Encoder()


class Message:
    """A message on its way to the subscribers in this process; they all share one object.

    Args:
        channel: the wire name of the channel, or "" for a message of the host itself.
        id: a unique id; ids of one process increase.
        audience: the users who may see it, or ``None`` for all subscribers.
        text: the text of the WebSocket message.
        size: the length of the text in bytes.
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
        """The message as a server-sent event; built on first use, then shared by all streams."""
        if self._event is None:
            data = _LINE_BREAK.sub("\ndata: ", self.text)
            self._event = f"id: {self.id}\ndata: {data}\n\n".encode()
        return self._event


def serialize(message: EncodedMessage, identifier: str) -> bytes:
    """Return the bytes of a message that travel between processes.

    Args:
        message: the message.
        identifier: its id.
    """
    return _HEADER_ENCODER.encode(_Header(message.channel, identifier, message.audience)) + _HEADER_END + message.text


def deserialize(data: bytes) -> Message:
    """Return the message that another process, or this one, has serialized.

    Args:
        data: the bytes made by :func:`serialize`.

    Raises:
        ValueError: the bytes are not a serialized message.
    """
    head, _, text = data.partition(_HEADER_END)
    try:
        header = _HEADER_DECODER.decode(head)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a serialized message: {error}") from None
    return Message(header.channel, header.id, header.audience, text.decode(), len(text))


def host_message(text: str, event: str | None = None) -> Message:
    """Return a message of the host itself, which belongs to no channel.

    Args:
        text: the text of the WebSocket message.
        event: the server-sent event; by default the text as a comment.
    """
    message = Message("", "", None, text, len(text))
    message._event = (f": {text}\n\n" if event is None else event).encode()  # noqa: SLF001 - defined in this module
    return message


class MessageIds:
    """Generates message ids: strings that sort by the time of sending and that no other process generates."""

    def __init__(self) -> None:
        self._process = os.urandom(4).hex()
        self._last = 0

    def __call__(self) -> str:
        """Return the next id."""
        # The clock may stand still between two calls, or be set back; ids must increase all the same.
        self._last = max(self._last + 1, time.time_ns())
        return f"{self._last:016x}{self._process}"

"""A minimal WebSocket client for thousands of connections in one process: it does only what RFC 6455 demands of it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from benchmarks.processes import LOOPBACK

#: Connections that are opened at once: less than a server's backlog.
_AT_ONCE: Final = 50
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_SHORT, _MEDIUM = 126, 127


class Socket(asyncio.Protocol):
    """One connection.

    Args:
        path: the path of the server's WebSocket route.
        received: called for each text message with the socket, the time of arrival (``time.monotonic``) and the text.
        headers: further lines of the request.

    Attributes:
        opened: done once the server has accepted; holds an error if it has not.
        closed: done once the connection has ended.
        code: the server's close code; ``None`` if it sent none.
        reason: the server's close reason.
    """

    def __init__(
        self, path: str, received: Callable[[Socket, float, bytes], None] | None = None, headers: tuple[str, ...] = ()
    ) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.texts: list[bytes] = []
        self.code: int | None = None
        self.reason = ""
        self.transport: asyncio.Transport
        self._path = path
        self._received = received or (lambda _socket, _now, text: self.texts.append(text))
        self._headers = headers
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {self._path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *self._headers, "", ""]
        transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._data += data
        if not self.opened.done():
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            self._data = rest
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(head.decode(errors="replace")))
                self.transport.close()
                return
            self.opened.set_result(None)
        for kind, payload in self._frames():
            if kind == _TEXT:
                self._received(self, now, payload)
            elif kind == _PING:
                self.send(payload, _PONG)
            elif kind == _CLOSE:
                self.code = int.from_bytes(payload[:2], "big") or None
                self.reason = payload[2:].decode(errors="replace")
                self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before it was accepted"))
        if not self.closed.done():
            self.closed.set_result(None)

    def send(self, payload: bytes, kind: int = _TEXT) -> None:
        """Send one frame; the mask is zero and leaves the payload unchanged."""
        length = len(payload)
        if length < _SHORT:
            head = bytes([0x80 | kind, 0x80 | length])
        elif length < 1 << 16:
            head = bytes([0x80 | kind, 0x80 | _SHORT]) + length.to_bytes(2, "big")
        else:
            head = bytes([0x80 | kind, 0x80 | _MEDIUM]) + length.to_bytes(8, "big")
        self.transport.write(head + b"\0\0\0\0" + payload)

    def send_json(self, message: Any) -> None:
        """Send a message as JSON."""
        self.send(json.dumps(message).encode())

    def stop_reading(self) -> None:
        """Stop reading, as a client does that hangs."""
        self.transport.pause_reading()

    def vanish(self) -> None:
        """Reset the connection, as when a client is killed."""
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.transport.abort()

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield the complete frames; a server masks no frames and, here, does not fragment them."""
        while len(self._data) >= 2:  # noqa: PLR2004 - the two bytes with kind and length
            kind, length, start = self._data[0] & 0x0F, self._data[1], 2
            if length >= _SHORT:
                start = 4 if length == _SHORT else 10
                length = int.from_bytes(self._data[2:start], "big")
            if len(self._data) < start + length or start > len(self._data):
                return
            payload, self._data = self._data[start : start + length], self._data[start + length :]
            yield kind, payload


async def open_sockets(
    port: int,
    path: str,
    count: int,
    received: Callable[[Socket, float, bytes], None] | None = None,
    *,
    buffer: int = 0,
) -> list[Socket]:
    """Open many connections and wait until the server has accepted all of them.

    Args:
        port: a port of the loopback interface.
        path: see :class:`Socket`.
        count: how many.
        received: see :class:`Socket`.
        buffer: the size of the kernel's receive buffer in bytes; 0 for its default.
    """
    sockets: list[Socket] = []
    while len(sockets) < count:
        some = min(_AT_ONCE, count - len(sockets))
        opened = await asyncio.gather(*(_open(port, path, received, buffer) for _ in range(some)), return_exceptions=True)
        sockets += [connection for connection in opened if isinstance(connection, Socket)]
        errors = [error for error in opened if isinstance(error, BaseException)]
        if errors:
            await close_sockets(sockets)
            raise errors[0]
    return sockets


async def close_sockets(sockets: Iterable[Socket]) -> None:
    """Abort connections and wait until they have ended.

    Args:
        sockets: the connections; those that have ended already are skipped.
    """
    sockets = list(sockets)
    for connection in sockets:
        connection.transport.abort()
    await asyncio.gather(*(connection.closed for connection in sockets))


async def _open(port: int, path: str, received: Callable[[Socket, float, bytes], None] | None, buffer: int) -> Socket:
    raw = socket.socket()
    raw.setblocking(False)
    if buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(raw, (LOOPBACK, port))
        _, connection = await loop.create_connection(lambda: Socket(path, received), sock=raw)
    except BaseException:
        raw.close()
        raise
    try:
        await connection.opened
    except BaseException:
        connection.transport.abort()
        await connection.closed
        raise
    return connection

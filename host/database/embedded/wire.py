"""Sends commands to a MongoDB server over a plain socket.

The supervisor sends a few commands at its start only. Importing pymongo for them would take 0.15 s of processor time while the host
and mongod are starting, and after a first attempt at a port that is not open yet, pymongo's client waits for 0.5 s.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any, Final, Self

import bson

from host.database.embedded.ports import LOOPBACK

if TYPE_CHECKING:
    from types import TracebackType

# MongoDB wire protocol: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg
_HEADER: Final = struct.Struct("<iiii")
_MESSAGE: Final = struct.Struct("<IB")
_OP_MSG: Final = 2013
_MAX_LENGTH: Final = 48_000_000


class WireError(Exception):
    """The server does not respond, or does not speak MongoDB's protocol."""


class Wire:
    """A connection to the server on a port of the loopback interface, for one command at a time.

    Args:
        port: the port of the server.
        timeout: how long to wait for a response, in seconds.

    Raises:
        OSError: the server cannot be reached.
    """

    def __init__(self, port: int, *, timeout: float = 30.0) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def admin(self, command: str, value: Any = 1, **arguments: Any) -> dict[str, Any]:
        """Run a command on the database ``admin``; see :meth:`run`."""
        return self.run("admin", {command: value} | arguments)

    def run(self, database: str, command: dict[str, Any]) -> dict[str, Any]:
        """Run a command.

        Args:
            database: the name of the database.
            command: the command document, which begins with the command's name.

        Returns:
            The server's response; if the server refused the command, ``ok`` is 0 and ``code`` is the error code.

        Raises:
            OSError: the connection broke, or the response took too long.
            WireError: the response is not one of MongoDB's protocol.
        """
        body = bson.encode(command | {"$db": database})
        length = _HEADER.size + _MESSAGE.size + len(body)
        self._socket.sendall(_HEADER.pack(length, 1, 0, _OP_MSG) + _MESSAGE.pack(0, 0) + body)
        length, _, _, code = _HEADER.unpack(self._read(_HEADER.size))
        if code != _OP_MSG or not _HEADER.size + _MESSAGE.size < length < _MAX_LENGTH:
            raise WireError(f"the server on port {self._socket.getpeername()[1]} does not speak MongoDB's protocol")
        answer = self._read(length - _HEADER.size)
        try:
            return bson.decode(answer[_MESSAGE.size :])
        except bson.InvalidBSON as error:
            raise WireError(str(error)) from error

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._socket.recv(size)
            if not part:
                raise WireError("the server closed the connection")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

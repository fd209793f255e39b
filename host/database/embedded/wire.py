"""Commands to a MongoDB server over one plain socket.

The supervisor needs a few commands, once. A pymongo client for that would take 0.15 s of one core to import while the host and
mongod are starting on the same cores, and its first attempt at a port that is not open yet costs it 0.5 s of waiting.
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
_LONGEST: Final = 48_000_000


class WireError(Exception):
    """The answer is not one of a MongoDB server, or there is none."""


class Wire:
    """A connection to the server on a loopback port, for one command at a time.

    Args:
        port: of the server.
        timeout: seconds for one answer.

    Raises:
        OSError: it cannot be reached.
    """

    def __init__(self, port: int, *, timeout: float = 30.0) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def admin(self, command: str, value: Any = 1, **arguments: Any) -> dict[str, Any]:
        """Run a command on the database ``admin``, see :meth:`run`."""
        return self.run("admin", {command: value} | arguments)

    def run(self, database: str, command: dict[str, Any]) -> dict[str, Any]:
        """Run a command.

        Args:
            database: its name.
            command: the command's name first.

        Returns:
            The server's answer; ``ok`` is 0 where it refused, with a ``code``.

        Raises:
            OSError: the connection broke, or the time is over.
            WireError: what came back is no answer.
        """
        body = bson.encode(command | {"$db": database})
        length = _HEADER.size + _MESSAGE.size + len(body)
        self._socket.sendall(_HEADER.pack(length, 1, 0, _OP_MSG) + _MESSAGE.pack(0, 0) + body)
        length, _, _, code = _HEADER.unpack(self._read(_HEADER.size))
        if code != _OP_MSG or not _HEADER.size + _MESSAGE.size < length < _LONGEST:
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

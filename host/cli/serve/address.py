"""Where the server listens: a free port, held from the moment it is chosen."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from host.common.errors import ConfigurationError, PortInUseError


@dataclass(frozen=True)
class Address:
    """Where to listen.

    Args:
        host: a host name or IP address.
        port: a TCP port, 0 for a free one.
    """

    host: str
    port: int

    @property
    def url(self) -> str:
        """As one writes it into a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @contextmanager
    def reserved(self) -> Iterator[Address]:
        """The address as an IP address with a port that is free, and that no second host takes until the block ends.

        The workers bind it a second later, each for itself and so with ``SO_REUSEPORT``; without a socket that holds the port
        until then, two hosts would serve on one port without a word.

        Raises:
            PortInUseError: another process listens there.
            ConfigurationError: the name is not known, or the port may not be bound.
        """
        family, address = self._looked_up()
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As a server does: ports of connections that have just ended are free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._bind(probe, address, self.port)
            port = probe.getsockname()[1]
        with socket.socket(family, socket.SOCK_STREAM) as held:
            if hasattr(socket, "SO_REUSEPORT"):
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                self._bind(held, address, port)
            yield Address(address, port)

    def _looked_up(self) -> tuple[socket.AddressFamily, str]:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (socket.gaierror, UnicodeError) as error:
            message = f"there is no host called {self.host!r}: {getattr(error, 'strerror', error)}"
            raise ConfigurationError(message, fix="give --host a name of this machine or one of its IP addresses") from None
        family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        return family, str(address[0])

    def _bind(self, listener: socket.socket, address: str, port: int) -> None:
        try:
            listener.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message, fix = f"another process listens on {self.url}", "stop it, or choose another port: host run --port 0"
                raise PortInUseError(message, fix=fix) from None
            raise ConfigurationError(
                f"{self.url} cannot be bound: {error.strerror}", fix="choose another --host or --port"
            ) from None

"""The address of the server: a free port, reserved as soon as it is chosen."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from host.common.errors import ConfigurationError, PortInUseError

#: Ports that the error of a port in use may suggest.
_EXAMPLES: Final = (8001, 8002)


@dataclass(frozen=True)
class Address:
    """An address to listen on.

    Args:
        host: A host name or an IP address.
        port: A TCP port, 0 for any free port.
    """

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return the address as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @contextmanager
    def reserved(self) -> Iterator[Address]:
        """Reserve the address until the block ends, and yield it with an IP address and a free port.

        The workers bind the port a second later, each on its own and therefore with ``SO_REUSEPORT``. Without a socket that holds
        the port until then, two hosts could share one port without noticing.

        Raises:
            PortInUseError: Another process listens on the address.
            ConfigurationError: The name cannot be resolved, or the port cannot be bound.
        """
        family, address = self._resolve()
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As a server does: a port whose last connections have just ended counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._bind(probe, address, self.port)
            port = probe.getsockname()[1]
        with socket.socket(family, socket.SOCK_STREAM) as reservation:
            if hasattr(socket, "SO_REUSEPORT"):
                reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                self._bind(reservation, address, port)
            yield Address(address, port)

    def _resolve(self) -> tuple[socket.AddressFamily, str]:
        try:
            candidates = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (socket.gaierror, UnicodeError) as error:
            message = f"there is no host called {self.host!r}: {getattr(error, 'strerror', error)}"
            raise ConfigurationError(message, fix="set --host to a name or an IP address of this machine") from None
        family, _, _, _, address = min(candidates, key=lambda candidate: candidate[0] != socket.AF_INET)
        return family, str(address[0])

    def _bind(self, listener: socket.socket, address: str, port: int) -> None:
        try:
            listener.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                another = next(port for port in _EXAMPLES if port != self.port)
                fix = f"stop it, or choose another port, for example --port {another} (0 picks a free one)"
                raise PortInUseError(f"another process listens on {self.url}", fix=fix) from None
            raise ConfigurationError(
                f"{self.url} cannot be bound: {error.strerror}", fix="choose another --host or --port"
            ) from None

"""TCP ports of this machine's loopback interface."""

from __future__ import annotations

import socket
import time
from typing import Final

LOOPBACK: Final = "127.0.0.1"


def free_port(preferred: int = 0) -> int:
    """A port on which nobody listens: the preferred one, or any."""
    if preferred:
        with socket.socket() as probe:
            # As mongod does: connections of last time that linger are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, preferred))
            except OSError:
                pass
            else:
                return preferred
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def freed_port(preferred: int, patience: float = 2.0) -> int:
    """The preferred port as soon as its owner, who is ending, has left it; any port if that takes longer.

    Args:
        preferred: the port.
        patience: seconds.
    """
    deadline = time.monotonic() + patience
    while (port := free_port(preferred)) != preferred and time.monotonic() < deadline:
        time.sleep(0.01)
    return port


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0

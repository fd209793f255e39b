"""TCP ports of the loopback interface."""

from __future__ import annotations

import socket
import time
from typing import Final

LOOPBACK: Final = "127.0.0.1"


def free_port(preferred: int = 0) -> int:
    """Return a port that is free: the preferred one if possible, or else any."""
    if preferred:
        with socket.socket() as probe:
            # As mongod does: connections of the last run that linger in TIME_WAIT do not block the port.
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


def freed_port(preferred: int, timeout: float = 2.0) -> int:
    """Return the preferred port once the process that is about to end has released it, or else any free port.

    Args:
        preferred: the port.
        timeout: how long to wait for it, in seconds.
    """
    deadline = time.monotonic() + timeout
    while (port := free_port(preferred)) != preferred and time.monotonic() < deadline:
        time.sleep(0.01)
    return port


def listens(port: int) -> bool:
    """Return whether a process accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0

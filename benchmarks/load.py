"""Send requests as fast as a server answers them, with ``wrk`` if it is installed, otherwise with the client in this file.

The client keeps several connections busy and pipelines several requests on each (HTTP/1.1), because otherwise the measurement
would show the speed of Python instead of the server's. It runs in a process of its own.
"""

from __future__ import annotations

import re
import selectors
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.processes import ROOT, MeasurementError, environment, output

CONNECTIONS: Final = 16

_PIPELINED: Final = 16
_OK: Final = b"HTTP/1.1 200"
_NOT_OK: Final = re.compile(rb"HTTP/1\.1 [^2]")


def tool() -> str:
    """Return the name of the load generator that is used here."""
    return "wrk" if shutil.which("wrk") else "python"


def requests_per_second(url: str, duration: float) -> float:
    """Load a server and return the number of responses per second.

    Args:
        url: the URL to request.
        duration: the time in seconds, at least 1.

    Raises:
        MeasurementError: a response had another status than 200.
    """
    if tool() == "wrk":
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{duration:g}s", url]
        printed = output(command, directory=Path.cwd(), env=environment())
        rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
        if rate is None or "Non-2xx" in printed or "Socket errors" in printed:
            raise MeasurementError(f"wrk printed:\n{printed}")
        return float(rate[1])
    command = [sys.executable, "-m", "benchmarks.load", url, str(duration)]
    return float(output(command, directory=Path.cwd(), env=environment([ROOT])))


class _Connection:
    """A connection with a constant number of outstanding requests."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.socket = socket.create_connection(address)
        self._request = request
        self._rest = b""
        self.socket.sendall(request * _PIPELINED)

    def receive(self) -> int:
        """Read the responses that arrived, send as many new requests, and return their number."""
        new = self.socket.recv(1 << 16)
        if not new:
            raise MeasurementError("the server closed a connection")
        data = self._rest + new
        if _NOT_OK.search(data):
            raise MeasurementError(f"an answer is not 200: {data[:200]!r}")
        # A status line that is cut in two is counted with the next data; the rest that is kept is too short to be counted twice.
        self._rest = data[1 - len(_OK) :]
        answers = data.count(_OK)
        self.socket.sendall(self._request * answers)
        return answers


def main() -> None:
    """Request the URL in the first argument for the seconds in the second; print the responses per second."""
    url, duration = urlsplit(sys.argv[1]), float(sys.argv[2])
    target = f"{url.path}?{url.query}" if url.query else url.path
    request = f"GET {target} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        connection = _Connection((str(url.hostname), int(url.port or 80)), request)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    answers, start = 0, time.perf_counter()
    while time.perf_counter() - start < duration:
        for key, _ in selector.select(1.0):
            answers += key.data.receive()
    print(answers / (time.perf_counter() - start))


if __name__ == "__main__":
    main()

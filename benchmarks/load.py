"""Requests as fast as a server takes them: by ``wrk`` where it is installed, else by a client of this file.

The client of this file keeps several connections busy and sends several requests at once on each (HTTP/1.1 pipelining), since
otherwise Python would measure itself and not the server. It runs in a process of its own.
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
    """What makes the load here."""
    return "wrk" if shutil.which("wrk") else "python"


def requests_per_second(url: str, duration: float) -> float:
    """Load a server and count what it answers.

    Args:
        url: to ask for.
        duration: seconds, at least 1.

    Raises:
        MeasurementError: an answer was not 200.
    """
    if tool() == "wrk":
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{duration:g}s", url]
        said = output(command, directory=Path.cwd(), env=environment())
        rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
        if rate is None or "Non-2xx" in said or "Socket errors" in said:
            raise MeasurementError(f"wrk says:\n{said}")
        return float(rate[1])
    command = [sys.executable, "-m", "benchmarks.load", url, str(duration)]
    return float(output(command, directory=Path.cwd(), env=environment([ROOT])))


class _Connection:
    """One connection, on which always the same number of requests is under way."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.socket = socket.create_connection(address)
        self._request = request
        self._rest = b""
        self.socket.sendall(request * _PIPELINED)

    def receive(self) -> int:
        """Take the answers that are there, send as many new requests, and say how many they were."""
        new = self.socket.recv(1 << 16)
        if not new:
            raise MeasurementError("the server closed a connection")
        data = self._rest + new
        if _NOT_OK.search(data):
            raise MeasurementError(f"an answer is not 200: {data[:200]!r}")
        # A status line that is cut in two is seen with the next data; what is kept is too short to be counted twice.
        self._rest = data[1 - len(_OK) :]
        answers = data.count(_OK)
        self.socket.sendall(self._request * answers)
        return answers


def main() -> None:
    """Ask for the URL in the first argument for the seconds in the second; print the answers a second."""
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

"""Start and end the processes of a measurement, time them, and wait until a server answers."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
ROOT: Final = Path(__file__).resolve().parent.parent

_PORTS: Final = (20_000, 32_000)
_POLL: Final = 0.002
_END: Final = 30.0


class MeasurementError(Exception):
    """A process did not do what should be measured."""


def script(name: str) -> str:
    """Return the path of a command that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def environment(path: Sequence[Path] = (), more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without settings of the host, with the installed plugins disabled.

    Args:
        path: directories to put on ``sys.path``.
        more: further variables.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOST_", "PYTHON", "GRANIAN_"))}
    settings = {
        "PYTHONPATH": os.pathsep.join(str(directory) for directory in path),
        "HOST_PLUGINS_DISABLED": ",".join(_installed_plugins()),
    }
    return {**kept, **settings, **(more or {})}


def _installed_plugins() -> list[str]:
    """Return the keys of the plugins of this environment; each measurement installs its own."""
    return [entry.name for entry in entry_points(group="host.plugins")]


def timed(command: Sequence[str], *, directory: Path, env: Mapping[str, str]) -> float:
    """Return the seconds that a command takes from its start to its end.

    Raises:
        MeasurementError: it failed.
    """
    start = time.perf_counter()
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if done.returncode:
        raise MeasurementError(f"{' '.join(command)} exited with {done.returncode}:\n{done.stderr}")
    return took


def output(command: Sequence[str], *, directory: Path, env: Mapping[str, str]) -> str:
    """Return the output of a command.

    Raises:
        MeasurementError: it failed.
    """
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MeasurementError(f"{' '.join(command)} exited with {done.returncode}:\n{done.stderr}")
    return done.stdout


def free_port() -> int:
    """Return a TCP port of the loopback interface that is not in use.

    It is none of the ports that the kernel assigns to outgoing connections: a client that connects to such a port repeatedly before
    the server listens may in the end connect to itself.
    """
    while True:
        port = random.randrange(*_PORTS)
        with socket.socket() as connection:
            if connection.connect_ex((LOOPBACK, port)):
                return port


@contextmanager
def started(command: Sequence[str], *, directory: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process and end it, by its id, on exit; its output is in ``process.log`` in its directory."""
    with (directory / "process.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Send SIGTERM to a process, and SIGKILL if it does not end in time."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for_answer(process: subprocess.Popen[bytes], port: int, path: str, *, directory: Path, limit: float = 60.0) -> None:
    """Request a path until the server answers 200, on a bare socket to keep the requests cheap.

    Raises:
        MeasurementError: the process ended, a status other than 200 or 503 came, or there was no 200 within ``limit`` seconds.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    deadline = time.perf_counter() + limit
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise MeasurementError(f"the server ended with {process.returncode}:\n{_log(directory)}")
        status = _status(port, request)
        if status == b"200":
            return
        if status not in (b"", b"503"):  # a host that is still starting answers 503
            raise MeasurementError(f"{path} answered {status.decode()}:\n{_log(directory)}")
        time.sleep(_POLL)
    raise MeasurementError(f"no answer within {limit:g} s:\n{_log(directory)}")


def _status(port: int, request: bytes) -> bytes:
    """Return the status of the response, or ``b""`` if there is no server yet."""
    with socket.socket() as connection:
        connection.settimeout(5.0)
        try:
            connection.connect((LOOPBACK, port))
            connection.sendall(request)
            return connection.recv(64).partition(b" ")[2][:3]
        except OSError:
            return b""


def _log(directory: Path) -> str:
    return (directory / "process.log").read_text(encoding="utf-8", errors="replace")[-4000:]

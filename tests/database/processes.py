"""Other host processes, their mongod and supervisor, and waiting for conditions."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pymongo

from host.database.embedded.lease import start

Found = TypeVar("Found")

#: Seconds; they only bound a hang, so they are generous.
DEADLINE = 60.0

#: A host process: takes a lease on the directory, says its URL, and leaves when its standard input ends.
HOST = """
import signal
import sys
from pathlib import Path
from host.database.embedded.lease import start

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs with SIGINT ignored

with start(Path(sys.argv[1])) as lease:
    print(lease.wait(), flush=True)
    sys.stdin.read()
"""

#: A host process that ends and leaves a worker, which it forked and which leaves when its standard input ends.
FORKING_HOST = """
import os
import sys
from pathlib import Path
from host.database.embedded.lease import start

with start(Path(sys.argv[1])) as lease:
    print(lease.wait(), flush=True)
    if os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
"""


def until(condition: Callable[[], Found], timeout: float = DEADLINE) -> Found:
    """Wait until the condition returns something true, and return that."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s")
        time.sleep(0.02)
    return found


def stays(condition: Callable[[], object], seconds: float = 0.5) -> bool:
    """Return whether the condition holds for a while, longer than a supervisor takes to notice that it is not needed."""
    deadline = time.monotonic() + seconds
    while holds := condition():
        if time.monotonic() > deadline:
            break
    return bool(holds)


def port_of(url: str) -> int:
    """Return the port in an embedded MongoDB's URL."""
    return int(url.removeprefix("mongodb://127.0.0.1:").partition("/")[0])


def _running(word: str, directory: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            if f"{directory}/mongodb" in line and word in line and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


@contextmanager
def opened(url: str) -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    """A client of the URL; exit it while the server runs, since closing a client contacts the server."""
    with pymongo.MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=10_000) as client:
        yield client


@contextmanager
def leased(directory: Path) -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    """A client of the embedded MongoDB, on a lease of this process."""
    with start(directory) as lease, opened(lease.wait()) as client:
        yield client


class Home:
    """A directory with an embedded MongoDB, seen from outside."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "mongodb" / "mongod.log"

    def mongods(self) -> list[psutil.Process]:
        return _running("--dbpath", self.directory)

    def supervisors(self) -> list[psutil.Process]:
        return _running("host.database.embedded.supervisor", self.directory)

    @property
    def mongod(self) -> psutil.Process:
        """The one that runs; more or fewer is an error."""
        (process,) = self.mongods()
        return process

    @property
    def supervisor(self) -> psutil.Process:
        """The one that runs; more or fewer is an error."""
        (process,) = self.supervisors()
        return process

    def idle(self) -> bool:
        """Whether nothing runs here."""
        return not self.mongods() and not self.supervisors()

    def clear(self) -> None:
        """End what runs here, supervisors first since they start mongod again."""
        for process in self.supervisors() + self.mongods():
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        until(self.idle)


class Host:
    """Another host process on the directory."""

    def __init__(self, directory: Path, code: str = HOST, **options: Any) -> None:
        arguments = [sys.executable, "-c", code, str(directory)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._input = self.process.stdin
        self._output = self.process.stdout
        self._url = ""

    @property
    def url(self) -> str:
        """Its URL, once it is ready."""
        self._url = self._url or self._output.readline().strip()
        return self._url

    def leave(self) -> None:
        """End it in order."""
        self._input.close()
        assert self.process.wait(DEADLINE) == 0
        self._output.close()

    def kill(self) -> None:
        """End it by ``kill -9``; nothing happens to one that has ended."""
        self.process.kill()
        self.process.wait(DEADLINE)
        self._input.close()
        self._output.close()

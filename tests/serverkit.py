"""A real ``host run`` in a directory of its own: start it, watch it, stop it, kill it.

Used by all tests that need a server::

    from tests.serverkit import serve  # a fixture

    def test_it(serve):
        server = serve(toml='[plugins]\\nenabled = ["acme-todo"]')
        assert httpx.get(f"{server.url}/acme__todo/task").status_code == 200
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from tests.commands import skip_if_mutated

HOST = Path(sys.executable).parent / "host"

_SERVING = re.compile(r"^Serving (\d+) plugins? on (http://\S+)$", re.MULTILINE)

T = TypeVar("T")


def until(condition: Callable[[], T], timeout: float, what: str) -> T:
    """Poll until a condition is true, and return its value.

    Args:
        condition: returns a true value in the end.
        timeout: in seconds.
        what: a description for the error.

    Raises:
        TimeoutError: the condition did not become true.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} s")
        time.sleep(0.02)
    return answer


class Server:
    """A ``host run`` process.

    Args:
        directory: the project's directory; the output of the process is kept beside it.
        arguments: further arguments of ``host run``.
        environment: further environment variables.
    """

    def __init__(self, directory: Path, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self._arguments = [str(HOST), "run", *(() if "--port" in arguments else ("--port", "0")), *arguments]
        # Bytecode is written, as it is by default: a developer's environment must not change what is tested.
        self._environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""
        self._out = directory.with_name(f"{directory.name}.stdout")
        self._err = directory.with_name(f"{directory.name}.stderr")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The main process, once it has been started."""
        assert self._process is not None, "the server was not started"
        return self._process

    @property
    def pid(self) -> int:
        """The id of the main process."""
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code; ``None`` while the process runs, below 0 for a signal."""
        return self.process.poll()

    @property
    def url(self) -> str:
        """The URL at which it serves."""
        assert self._url, "the server does not serve"
        return self._url

    @property
    def stdout(self) -> str:
        """The standard output since the last start."""
        return self._out.read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """The standard error since the last start."""
        return self._err.read_text(encoding="utf-8")

    @property
    def family(self) -> list[psutil.Process]:
        """The main process, its workers, and all other processes for this directory, such as the embedded database."""
        processes = {process.pid: process for process in self.database}
        with suppress(psutil.NoSuchProcess):
            main = psutil.Process(self.pid)
            processes |= {process.pid: process for process in (main, *main.children(recursive=True))}
        return list(processes.values())

    @property
    def database(self) -> list[psutil.Process]:
        """The processes whose command line names the directory's ``.host``."""
        return [process for process in psutil.process_iter() if str(self.directory / ".host") in _command(process)]

    def begin(self) -> Server:
        """Start without waiting."""
        skip_if_mutated()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(self._arguments, cwd=self.directory, env=self._environment, stdout=out, stderr=err)
        self._url = ""
        return self

    def start(self, timeout: float = 120.0) -> Server:
        """Start the server and wait until it serves.

        Args:
            timeout: in seconds.
        """
        self.begin()
        match = until(lambda: _SERVING.search(self.stdout) or self.returncode is not None, timeout, f"serving\n{self.stderr}")
        assert isinstance(match, re.Match), f"the server ended with {self.returncode}:\n{self.stdout}{self.stderr}"
        self._url = match[2]
        return self

    def stop(self, timeout: float = 60.0) -> int:
        """Stop it with SIGTERM, and with SIGKILL if it does not end.

        Args:
            timeout: seconds until it is killed.

        Returns:
            The exit code.
        """
        if self.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self, *, database: bool = True) -> None:
        """Kill all processes with SIGKILL.

        Args:
            database: whether to kill the embedded database too.
        """
        spared = set() if database else {process.pid for process in self.database}
        for process in self.family:
            if process.pid not in spared:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.wait(60)

    def close(self) -> None:
        """Stop it if it is running, and check that no process is left.

        Raises:
            TimeoutError: a process was left; it has been killed.
        """
        if self._process is None:
            return
        try:
            self.stop()
            until(lambda: not self.database, 60, f"the end of the database of {self.directory}")
        finally:
            self.kill()


def _command(process: psutil.Process) -> str:
    try:
        return "" if process.status() == psutil.STATUS_ZOMBIE else " ".join(process.cmdline())
    except psutil.Error:
        return ""


Serve = Callable[..., Server]


@contextmanager
def servers(base: Path) -> Iterator[Serve]:
    """Yield a function that starts servers, and stop all of them at the end.

    The function accepts ``toml`` (the text of ``host.toml``), ``name`` (of the project's directory: the same name is the same
    project), ``arguments`` and ``environment``; it returns a :class:`Server` that serves.

    Args:
        base: the directory for the projects.
    """
    started: list[Server] = []

    def start(
        toml: str = "", *, name: str = "project", arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> Server:
        directory = base / name
        directory.mkdir(exist_ok=True)
        if toml:
            (directory / "host.toml").write_text(toml, encoding="utf-8")
        started.append(Server(directory, arguments, environment))
        return started[-1].start()

    try:
        yield start
    finally:
        for server in reversed(started):
            server.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that starts servers, which are stopped at the end of the test."""
    with servers(tmp_path) as start:
        yield start

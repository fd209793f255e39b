"""A real ``host run`` in a directory of its own: started, watched, stopped, killed.

Used by any test that wants a server::

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
    """Ask again and again until the answer is true, and return it.

    Args:
        condition: what is asked.
        timeout: seconds.
        what: is said when they are over.

    Raises:
        TimeoutError: the answer did not become true.
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
        directory: the project; what the process prints is kept beside it.
        arguments: further ones for ``host run``.
        environment: further variables.
    """

    def __init__(self, directory: Path, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self._arguments = [str(HOST), "run", *(() if "--port" in arguments else ("--port", "0")), *arguments]
        # Bytecode is written, as it is by default: what stands in a developer's environment must not change what is tested.
        self._environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""
        self._out = directory.with_name(f"{directory.name}.stdout")
        self._err = directory.with_name(f"{directory.name}.stderr")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The main process, once it was started."""
        assert self._process is not None, "the server was not started"
        return self._process

    @property
    def pid(self) -> int:
        """The id of the main process."""
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, ``None`` while it runs; below 0 it is the signal."""
        return self.process.poll()

    @property
    def url(self) -> str:
        """Where it serves."""
        assert self._url, "the server does not serve"
        return self._url

    @property
    def stdout(self) -> str:
        """What the last start has printed."""
        return self._out.read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """What the last start has logged."""
        return self._err.read_text(encoding="utf-8")

    @property
    def family(self) -> list[psutil.Process]:
        """The main process, its workers, and whatever else runs for this directory, such as the embedded database."""
        found = {process.pid: process for process in self.database}
        with suppress(psutil.NoSuchProcess):
            main = psutil.Process(self.pid)
            found |= {process.pid: process for process in (main, *main.children(recursive=True))}
        return list(found.values())

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
        """Start, and wait until it serves.

        Args:
            timeout: seconds.
        """
        self.begin()
        found = until(lambda: _SERVING.search(self.stdout) or self.returncode is not None, timeout, f"serving\n{self.stderr}")
        assert isinstance(found, re.Match), f"the server ended with {self.returncode}:\n{self.stdout}{self.stderr}"
        self._url = found[2]
        return self

    def stop(self, timeout: float = 60.0) -> int:
        """End it in order, by SIGTERM; by SIGKILL where it does not end.

        Args:
            timeout: seconds until it is killed.

        Returns:
            the exit code.
        """
        if self.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self, *, database: bool = True) -> None:
        """End everything at once, by SIGKILL.

        Args:
            database: the embedded one too.
        """
        spared = set() if database else {process.pid for process in self.database}
        for process in self.family:
            if process.pid not in spared:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.wait(60)

    def close(self) -> None:
        """Stop it where it runs, and see that nothing of it is left.

        Raises:
            TimeoutError: something is left; it is killed.
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
    """Gives a function that starts servers, and ends them all.

    The function takes ``toml`` (the text of ``host.toml``), ``name`` (of the project's directory: the same name is the same
    project), ``arguments`` and ``environment``; it returns a :class:`Server` that serves.

    Args:
        base: where the projects' directories go.
    """
    made: list[Server] = []

    def start(
        toml: str = "", *, name: str = "project", arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> Server:
        directory = base / name
        directory.mkdir(exist_ok=True)
        if toml:
            (directory / "host.toml").write_text(toml, encoding="utf-8")
        made.append(Server(directory, arguments, environment))
        return made[-1].start()

    try:
        yield start
    finally:
        for server in reversed(made):
            server.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers that live as long as the test."""
    with servers(tmp_path) as start:
        yield start

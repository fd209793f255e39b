"""Run the command ``host`` in forked processes, which need not import the libraries first: most of a command's second is that.

One process has imported the host and its libraries, but no plugin, and is forked for each command. The new process gets the working
directory, the environment, ``sys.path`` and the streams of the command, runs its main function, and ends as Python ends.

Tests that depend on how Python itself starts, with a ``sitecustomize`` or ``PYTHONHASHSEED``, need a new interpreter; see
``Project.host``.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

#: What a plugin author's command imports sooner or later, besides its plugins.
PRELOADED: Final = ("host.cli.app", "host.cli.regenerate", "host.cli.serve.granian_server", "host.lifecycle.generation")
#: The maximum size of one message between the processes.
_LONGEST: Final = 1 << 20


def host_command() -> str:
    """Return the path of the command ``host`` of this environment."""
    return str(Path(sysconfig.get_path("scripts")) / "host")


def skip_if_mutated() -> None:
    """Skip a test if mutmut runs it: a mutant lives in this process, so a test of another process cannot notice it."""
    if "MUTANT_UNDER_TEST" in os.environ:
        import pytest

        pytest.skip("runs the host in another process")


class Commands:
    """Run commands, one at a time per thread. The process to fork is started for the first command of a thread."""

    def __init__(self) -> None:
        self._thread = threading.local()

    def run(self, arguments: list[str], directory: Path, environment: Mapping[str, str], timeout: float) -> tuple[int, str, str]:
        """Run ``host`` until it ends.

        Args:
            arguments: the arguments of ``host``.
            directory: the working directory.
            environment: all environment variables.
            timeout: in seconds.

        Returns:
            The exit code, below 0 for a signal; the standard output; the standard error.

        Raises:
            subprocess.TimeoutExpired: it took longer, and was killed.
        """
        forked = self._thread.socket = getattr(self._thread, "socket", None) or _start()
        request = {"arguments": [host_command(), *arguments], "directory": str(directory), "environment": dict(environment)}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            socket.send_fds(forked, [json.dumps(request).encode()], [out.fileno(), err.fileno()])
            pid = int(forked.recv(_LONGEST))
            forked.settimeout(timeout)
            try:
                code = int(forked.recv(_LONGEST))
            except TimeoutError:
                os.kill(pid, 9)
                forked.settimeout(None)
                forked.recv(_LONGEST)
                raise subprocess.TimeoutExpired(request["arguments"], timeout, _content(out), _content(err)) from None
            forked.settimeout(None)
            return code, _content(out).decode(), _content(err).decode()


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _start() -> socket.socket:
    """Start the process to fork; it ends when the socket is closed."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-P", __file__, str(far.fileno())]
    process = subprocess.Popen(command, env=environment | {"NO_COLOR": "1"}, pass_fds=[far.fileno()], stdin=subprocess.DEVNULL)
    far.close()

    def end() -> None:
        near.close()
        process.wait()

    atexit.register(end)
    return near


def serve(connection: socket.socket) -> None:
    """Fork a process for each request. This returns in the forked process, prepared for the command, and never in this one."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, _LONGEST, 2)
        if not message:
            os._exit(0)
        if (pid := os.fork()) == 0:
            connection.close()
            _prepare(json.loads(message), *descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(OSError):  # the client is gone
            connection.send(str(pid).encode())
            connection.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _prepare(request: dict[str, object], out: int, err: int) -> None:
    """Set up this process as Python would have done at its start."""
    for descriptor, stream in ((out, 1), (err, 2)):
        os.dup2(descriptor, stream)
        os.close(descriptor)
    os.chdir(str(request["directory"]))
    os.environ.clear()
    os.environ.update(request["environment"])  # type: ignore[arg-type]  # from JSON
    sys.argv = list(request["arguments"])  # type: ignore[call-overload]  # from JSON
    further = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:0] = [str(Path(sys.argv[0]).parent), *further]


def main() -> None:
    """Import the libraries, serve requests, and run the command in each forked process."""
    import gc
    from importlib import import_module

    for name in PRELOADED:
        import_module(name)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))

    from litestar_host import main as command

    command()


if __name__ == "__main__":
    main()

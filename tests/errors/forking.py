"""Run ``host`` commands in children of one process that has already imported what every command imports.

Importing Litestar and Beanie takes most of the time of ``host plugins check``. Each command still has a process of its own, with
its own working directory, environment, ``sys.path`` and output; only the imports that no plugin influences are shared.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from tests.distributions import Outcome, Project, host_command

#: The commands that fork no processes themselves and start no server.
FORKABLE = ("plugins", "generate-config", "routes", "graph")


class ForkingCommand:
    """The command ``host``, each time in a new child of one process.

    Args:
        timeout: Seconds until a command is killed.
    """

    def __init__(self, timeout: int = 120) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(timeout)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __call__(self, project: Project, *arguments: str) -> Outcome:
        """Run a command in a project."""
        request = {"arguments": [host_command(), *arguments], "directory": str(project.directory), "environ": project.environment()}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return Outcome(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def serve(timeout: int) -> None:
    """Read requests from the standard input, one per line, and answer each with a line that describes the outcome."""
    for line in sys.stdin:
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            child = os.fork()
            if child == 0:
                _run(json.loads(line), stdout, stderr, timeout)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            sys.stdout.write(json.dumps({"code": code, "stdout": _text(stdout), "stderr": _text(stderr)}) + "\n")
            sys.stdout.flush()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _run(request: dict[str, Any], stdout: IO[bytes], stderr: IO[bytes], timeout: int) -> None:
    """Become the command: what Python's start would have set up from environment and arguments is set up here."""
    code = 1
    try:
        signal.alarm(timeout)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        os.chdir(request["directory"])
        os.environ.clear()
        os.environ.update(request["environ"])
        sys.argv[:] = request["arguments"]
        # `python -m` put the working directory of this process first; a script has its own directory there instead.
        sys.path[:1] = [str(Path(sys.argv[0]).parent), *os.environ["PYTHONPATH"].split(os.pathsep)]
        importlib.invalidate_caches()
        from litestar_host import main

        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    os.environ["NO_COLOR"] = "1"
    for module in ("host.cli.app", "host.lifecycle.generation", "host.lifecycle.graph", "litestar_host"):
        importlib.import_module(module)
    serve(int(sys.argv[1]))

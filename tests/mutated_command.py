"""Runs the command ``host`` in a fork of this very process, in which mutmut has changed a function of the host.

Only for mutation testing: a command in a process of its own would run the code as it is. The functions that it reaches are reported
to mutmut, which chooses the tests of a mutant by them.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path

#: Seconds of processor time, for a mutant may never end.
_LONGEST = 60


def run_mutated(arguments: list[str], directory: Path, environment: Mapping[str, str], timeout: float) -> tuple[int, str, str]:
    """Run the command to its end.

    Args:
        arguments: of ``host``.
        directory: the working directory.
        environment: all variables.
        timeout: seconds.

    Returns:
        the exit code, below 0 for a signal; what was printed; what was printed to standard error.

    Raises:
        subprocess.TimeoutExpired: it took longer, and was killed.
    """
    with tempfile.TemporaryDirectory() as name:
        out, err, reached = (Path(name, each) for each in ("out", "err", "reached"))
        if (pid := os.fork()) == 0:
            _be_the_command(arguments, directory, environment, out, err, reached)
        ends = select.poll()
        ends.register(descriptor := os.pidfd_open(pid), select.POLLIN)
        if not (in_time := ends.poll(timeout * 1000)):
            os.kill(pid, signal.SIGKILL)
        os.close(descriptor)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if not in_time:
            raise subprocess.TimeoutExpired(["host", *arguments], timeout)
        if reached.is_file():
            _reached().update(json.loads(reached.read_text(encoding="utf-8")))
        return code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")


def _be_the_command(
    arguments: list[str], directory: Path, environment: Mapping[str, str], out: Path, err: Path, reached: Path
) -> None:
    """Run the command and end this process, whatever happens: the tests go on in the other one."""
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (_LONGEST, _LONGEST))
        sys.stdout, sys.stderr = out.open("w", encoding="utf-8"), err.open("w", encoding="utf-8")
        warnings.resetwarnings()
        mutant = os.environ["MUTANT_UNDER_TEST"]
        os.environ.clear()
        os.environ.update(environment, MUTANT_UNDER_TEST=mutant)
        os.chdir(directory)
        sys.argv = ["host", *arguments]
        _forget_plugins([str(directory), *environment.get("PYTHONPATH", "").split(os.pathsep)])
        code = _ended()
        if mutant == "stats":
            reached.write_text(json.dumps(sorted(_reached())), encoding="utf-8")
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _ended() -> int:
    """Run the main function; give the exit code that Python would give."""
    from litestar_host import main

    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - what a mutant raises is shown as by Python
        traceback.print_exc()
        return 1
    return 0


def _forget_plugins(places: list[str]) -> None:
    """Forget the plugins that the test has imported into this process: a command imports them itself."""
    inside = tuple(os.path.join(place, "") for place in places if place)  # noqa: PTH118 - keeps the separator at the end
    sys.path[:0] = [place for place in places[1:] if place]
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(inside):
            del sys.modules[name]


def _reached() -> set[str]:
    """The functions that mutmut has seen called since the last test."""
    from mutmut.state import state

    reached: set[str] = state()._stats
    return reached

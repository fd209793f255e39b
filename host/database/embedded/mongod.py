"""The ``mongod`` process: its command line, its start and stop, and the reason of a failure from its log.

Imports little, since the supervisor starts mongod before it imports the rest.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REPLICA_SET: Final = "host"

#: mongod's exit code if it cannot listen on its port.
PORT_IN_USE: Final = 48

#: Seconds that mongod has to shut down after a signal.
STOP_TIMEOUT: Final = 10.0

#: An option of prctl(2): the signal that a process gets when its parent ends.
_PR_SET_PDEATHSIG: Final = 1
_NOT_STARTED: Final = 127
_POLL: Final = 0.01
_MAX_LOG_SIZE: Final = 8 * 1024 * 1024
#: The limit of open files that MongoDB recommends.
_OPEN_FILES: Final = 64_000
#: Bytes of the log that are searched for the reason of a failure.
_LOG_TAIL: Final = 64 * 1024


def command(binary: str, home: str, port: int, *, standalone: bool = False) -> list[str]:
    """Return the command line.

    * ``log.file_max``: mongod reads the newest journal file at every start, and with the default of 100 MB that takes 0.4 s
      (measured with 6.0.5). The journal stays on, so nothing is lost by ``kill -9``. Larger transactions fit nevertheless.
    * The cache: with the minimum that mongod accepts, 0.25 GB, it refuses a document of 15 MB as "too large and will not fit in
      the storage engine cache". The size is a limit; it is not allocated at the start.
    * The oplog: mongod scans it at every start, so it is kept short.

    Args:
        binary: the mongod.
        home: ``<directory>/mongodb``.
        port: the port to listen on.
        standalone: run without the replica set.
    """
    options = {
        "--dbpath": f"{home}/data",
        "--port": str(port),
        "--bind_ip": "127.0.0.1",
        "--logpath": f"{home}/mongod.log",
        "--logRotate": "reopen",
        "--wiredTigerCacheSizeGB": "1",
        "--wiredTigerEngineConfigString": "log=(enabled=true,path=journal,compressor=snappy,file_max=8MB)",
        "--setParameter": "diagnosticDataCollectionEnabled=false",
    }
    if not standalone:
        options |= {"--replSet": REPLICA_SET, "--oplogSize": "64"}
    return [binary, *(part for option in options.items() for part in option), "--logappend", "--nounixsocket", "--quiet"]


def spawn(arguments: list[str], log: str) -> int:
    """Start mongod; call this from the main thread only.

    On Linux, the kernel sends mongod SIGTERM when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG). So mongod does not
    outlive its supervisor, even if that was killed by ``kill -9``.

    Args:
        arguments: the command line.
        log: the log file; it also receives what mongod prints before it opens its log.

    Returns:
        The process id. If the program cannot be run, the process exits with code 127 and the reason is in the log.
    """
    parent = os.getpid()
    # Before the fork: the child of a fork should do as little as possible before it becomes mongod.
    prctl = _prctl()
    child = os.fork()
    if child == 0:
        _exec_mongod(arguments, log, parent, prctl)
    return child


def _prctl() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    function: Callable[..., int] = ctypes.CDLL(None).prctl
    return function


def _exec_mongod(arguments: list[str], log: str, parent: int, prctl: Callable[..., int] | None) -> NoReturn:
    try:
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            # The parent may have ended before the call: then the signal would never come.
            if os.getppid() != parent:
                os._exit(_NOT_STARTED)
        # Python ignores SIGPIPE, and an ignored signal stays ignored across exec.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        _raise_open_files_limit()
        os.execv(arguments[0], arguments)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{arguments[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(_NOT_STARTED)


def _raise_open_files_limit() -> None:
    """Raise this process's limit of open files: mongod opens a file per collection and per index."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        except (OSError, ValueError):
            # macOS has a second, lower limit; mongod runs with the current one and logs a warning.
            return


def exit_code(process: int) -> int | None:
    """Return the exit code of a child process, negative for a signal, or ``None`` while it runs."""
    waited, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if waited else None


def stop(process: int, has_ended: Callable[[], bool]) -> None:
    """Stop a running mongod by SIGTERM, or by SIGKILL if it does not shut down in time.

    Args:
        process: the process id.
        has_ended: returns whether it has ended; not called again after it returned true.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(process, number)
        deadline = time.monotonic() + STOP_TIMEOUT
        while time.monotonic() < deadline:
            if has_ended():
                return
            time.sleep(_POLL)


def log_size(home: str) -> int:
    """Return the size of the log in bytes."""
    try:
        return os.stat(f"{home}/mongod.log").st_size  # noqa: PTH116 - pathlib takes longer to import than the rest of this module
    except FileNotFoundError:
        return 0


def rotate(log: Path, process: int) -> bool:
    """Begin a new log if the current one has 8 MB, and keep the previous one, so that the logs do not fill the disk.

    Args:
        log: the log file.
        process: the mongod that writes it, which reopens it on SIGUSR1.

    Returns:
        Whether a new log was begun.
    """
    if log_size(str(log.parent)) < _MAX_LOG_SIZE:
        return False
    log.replace(log.with_name(f"{log.name}.1"))
    os.kill(process, signal.SIGUSR1)
    return True


def last_words(log: Path, start: int = 0, count: int = 3) -> list[str]:
    """Return the reason of a failure from a log: the last errors, or the last lines if it contains no errors.

    Args:
        log: the log file.
        start: the offset at which to begin.
        count: the maximum number of entries.
    """
    if not log.exists():
        return []
    begin = max(start, log.stat().st_size - _LOG_TAIL)
    with log.open("rb") as file:
        file.seek(begin)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    if begin > start:
        del lines[:1]  # cut off at its begin
    entries = [_parse(line) for line in lines]
    errors = [text for text, is_error in entries if is_error]
    return list(dict.fromkeys(errors or [text for text, _ in entries]))[-count:]


def _parse(line: str) -> tuple[str, bool]:
    """Return the text of a log entry, on one line, and whether it is an error.

    A line that is not JSON counts as an error: mongod printed it because it failed before it opened its log.
    """
    import json

    try:
        entry = json.loads(line)
        error = entry.get("attr", {}).get("error", "")
        reason = error.get("errmsg", error) if isinstance(error, dict) else error
        text = f"{entry['msg']}: {reason}" if reason else str(entry["msg"])
        is_error = entry["s"] in {"E", "F"}
    except (ValueError, KeyError, AttributeError):
        text, is_error = line, True
    text = " ".join(text.replace("\\n", " ").split())
    return text, is_error and not text.startswith("***")

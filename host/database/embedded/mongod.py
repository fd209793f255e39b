"""The ``mongod`` process: its command line, its start and end, and what its log says of a failure.

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

#: mongod's own exit code where it cannot listen on its port.
PORT_TAKEN: Final = 48

#: Seconds that mongod has to end by itself.
STOP_LIMIT: Final = 10.0

_PR_SET_PDEATHSIG: Final = 1
_NOT_STARTED: Final = 127
_POLL: Final = 0.01
_LOG_LIMIT: Final = 8 * 1024 * 1024
_FILES: Final = 64_000
_TAIL: Final = 64 * 1024


def command(binary: str, home: str, port: int, *, alone: bool = False) -> list[str]:
    """The command line.

    * ``log.file_max``: a start reads the newest journal file to its end, and of the default 100 MB that takes 0.4 s
      (measured with 6.0.5); the journal stays on, so nothing is lost by ``kill -9``. Larger transactions fit nevertheless.
    * The cache: with the least that mongod accepts, 0.25 GB, one document of 15 MB is refused as "too large and will not
      fit in the storage engine cache"; it is a limit, not what is allocated.
    * The oplog: at every start mongod scans it, so it is kept short.

    Args:
        binary: the mongod.
        home: ``<directory>/mongodb``.
        port: on which it listens.
        alone: not as the member of its replica set.
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
    if not alone:
        options |= {"--replSet": REPLICA_SET, "--oplogSize": "64"}
    return [binary, *(part for option in options.items() for part in option), "--logappend", "--nounixsocket", "--quiet"]


def spawn(arguments: list[str], log: str) -> int:
    """Start mongod; to be called from the main thread only.

    On Linux the kernel sends it SIGTERM when the thread that started it ends, so it does not outlive its supervisor, not
    even one that was killed by ``kill -9`` (prctl(2), PR_SET_PDEATHSIG).

    Args:
        arguments: its command line.
        log: the file that also gets what it prints before it has opened its log.

    Returns:
        Its process id. Where the program cannot be run it exits with code 127, and the log says why.
    """
    parent = os.getpid()
    tie = _prctl()
    child = os.fork()
    if child == 0:
        _become(arguments, log, parent, tie)
    return child


def _prctl() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    function: Callable[..., int] = ctypes.CDLL(None).prctl
    return function


def _become(arguments: list[str], log: str, parent: int, tie: Callable[..., int] | None) -> NoReturn:
    try:
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if tie is not None:
            tie(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(_NOT_STARTED)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        _allow_files()
        os.execv(arguments[0], arguments)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{arguments[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(_NOT_STARTED)


def _allow_files() -> None:
    """Raise this process's limit of open files as mongod advises: it opens one for each collection and each index."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            # macOS has a second limit below this one; mongod runs with what there is, and warns in its log.
            return


def ended(process: int) -> int | None:
    """The exit code of a child, negative for a signal; ``None`` while it runs."""
    waited, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if waited else None


def stop(process: int, gone: Callable[[], bool]) -> None:
    """End a mongod that runs, by SIGKILL where SIGTERM does not do it in time.

    Args:
        process: its id.
        gone: whether it has ended; not called again once it has.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(process, number)
        deadline = time.monotonic() + STOP_LIMIT
        while time.monotonic() < deadline:
            if gone():
                return
            time.sleep(_POLL)


def log_size(home: str) -> int:
    """Bytes in the log so far."""
    try:
        return os.stat(f"{home}/mongod.log").st_size  # noqa: PTH116 - pathlib takes longer to import than the rest of this module
    except FileNotFoundError:
        return 0


def rotate(log: Path, process: int) -> bool:
    """Keep the log and the part before it at 8 MB each, so that no disk fills up.

    Args:
        log: the file.
        process: the mongod that writes it; it opens the file again at SIGUSR1.

    Returns:
        Whether a new log was begun.
    """
    if log_size(str(log.parent)) < _LOG_LIMIT:
        return False
    log.replace(log.with_name(f"{log.name}.1"))
    os.kill(process, signal.SIGUSR1)
    return True


def last_words(log: Path, start: int = 0, count: int = 3) -> list[str]:
    """What the log says of a failure: the last errors, or the last lines where there are none.

    Args:
        log: the file.
        start: the offset from which on to read.
        count: how many at most.
    """
    if not log.exists():
        return []
    begin = max(start, log.stat().st_size - _TAIL)
    with log.open("rb") as file:
        file.seek(begin)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    if begin > start:
        del lines[:1]
    entries = [_read(line) for line in lines]
    errors = [text for text, severe in entries if severe]
    return list(dict.fromkeys(errors or [text for text, _ in entries]))[-count:]


def _read(line: str) -> tuple[str, bool]:
    """A line of the log: its text in one line, and whether it is an error. What is no JSON was printed by who failed early."""
    import json

    try:
        entry = json.loads(line)
        error = entry.get("attr", {}).get("error", "")
        reason = error.get("errmsg", error) if isinstance(error, dict) else error
        text = f"{entry['msg']}: {reason}" if reason else str(entry["msg"])
        severe = entry["s"] in {"E", "F"}
    except (ValueError, KeyError, AttributeError):
        text, severe = line, True
    text = " ".join(text.replace("\\n", " ").split())
    return text, severe and not text.startswith("***")

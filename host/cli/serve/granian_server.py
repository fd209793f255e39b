"""The server: a main process, which starts, watches and stops the workers."""

from __future__ import annotations

import math
import multiprocessing
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Final

from host.cli.serve.address import Address
from host.cli.serve.worker import Worker
from host.common.compat.granian import make_server
from host.common.errors import HostError
from host.common.rendering import error_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from host.cli.serve.artifact import Artifact
    from host.common.settings import Settings
    from host.database.embedded.lease import Lease
    from host.lifecycle.report import Report

#: Seconds after which a worker that has served its last request and does not stop is killed.
_STOP_LIMIT: Final = 60


def serve(
    settings: Settings,
    address: Address,
    *,
    workers: int = 1,
    reload: bool = False,
    traceback: bool = False,
    early: Lease | None = None,
    artifact: Artifact | None = None,
    report: Callable[[Report], None] | None = None,
    trace_hooks: bool = False,
) -> int:
    """Serve until a signal arrives or a worker ends.

    Args:
        settings: The settings.
        address: An IP address with a free port.
        workers: The number of processes that serve.
        reload: Whether to start new workers when code, settings or installed plugins change; each reads the settings again.
        traceback: Whether to print tracebacks of errors.
        early: A lease of the database that was taken while Python was importing; released if no plugin has models.
        artifact: The artifact to serve in production, in which nothing is written.
        report: Prints the start report, in the first worker; it must be picklable.
        trace_hooks: Whether each worker logs the calls of hooks.

    Returns:
        The exit code.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    if early is not None:
        threading.Thread(target=_give_back, args=(early, receiver), name="host-booted", daemon=True).start()
    server = make_server(
        address=address.host,
        port=address.port,
        workers=workers,
        stop_limit=_STOP_LIMIT + math.ceil(settings.server.shutdown_delay + settings.server.drain),
        changes=partial(changes_of, settings) if reload else None,
    )
    worker = Worker(settings, address, sender, early, traceback, report, workers, artifact, reload, trace_hooks)
    ended_by_itself = 0
    try:
        server.run(worker)
    except SystemExit as end:
        ended_by_itself = int(end.code or 0)
    code = exit_code(server.codes, interrupted=server.interrupt_signal) or ended_by_itself
    for killed in (-number for number in server.codes if number < 0 and not server.interrupt_signal):
        message = f"a worker process was ended by {signal.Signals(killed).name}"
        error = HostError(message, fix="see the log of the system; SIGKILL often means that memory ran out")
        sys.stderr.write(f"{error_block(error)}\n")
    return code


def exit_code(codes: Iterable[int], *, interrupted: bool) -> int:
    """Return the worst exit code of the workers; 1 if a signal killed one, unless it is the signal that asked it to stop.

    Args:
        codes: of the workers, negative for a signal.
        interrupted: whether the server was asked to stop.
    """
    expected = -signal.SIGTERM if interrupted else 0
    return max((code if code > 0 else int(code not in (0, expected)) for code in codes), default=0)


def changes_of(settings: Settings, stop: threading.Event) -> Iterator[str]:
    """Yield ``changed`` whenever something has changed that workers were started with; imported when it is needed."""
    from host.cli.serve.watcher import changes

    return changes(settings, stop)


def _give_back(lease: Lease, booted: Connection) -> None:
    """Release the lease once a worker reports that no plugin has models; otherwise keep the database running for reloads."""
    with suppress(EOFError):  # serving has ended before any worker reported
        if not booted.recv():
            lease.release()

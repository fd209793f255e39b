"""The server: granian's main process, which starts, watches and stops the workers."""

from __future__ import annotations

import math
import multiprocessing
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final

from granian.constants import Interfaces
from granian.server.mp import MPServer

from host.cli.serve.address import Address
from host.cli.serve.worker import Worker
from host.common.errors import HostError
from host.common.rendering import error_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from host.cli.serve.artifact import Artifact
    from host.common.settings import Settings
    from host.database.embedded.lease import Lease
    from host.lifecycle.report import Report

#: Seconds after which a worker that has served its last request and does not stop is killed.
_STOP_LIMIT: Final = 60


class Server(MPServer):
    """granian's server, which also remembers the exit codes of its workers and kills them at a second signal.

    Args:
        watched: The settings of the project whose changes restart the workers, ``None`` for no reload.
        options: The options of granian.
    """

    def __init__(self, watched: Settings | None = None, **options: Any) -> None:
        super().__init__(reload=watched is not None, reload_ignore_worker_failure=True, **options)
        self._watched = watched
        self.codes: list[int] = []

    def signal_handler_interrupt(self, *arguments: Any, **more: Any) -> None:
        """Stop; at a second signal, kill the workers instead of waiting for requests and plugins."""
        if self.interrupt_signal:
            for worker in self.wrks:
                worker.kill()  # type: ignore[no-untyped-call]  # granian annotates it nowhere
        super().signal_handler_interrupt(*arguments, **more)  # type: ignore[no-untyped-call]

    def _serve_with_reloader(self, spawn_target: Any, target_loader: Any) -> None:
        """Restart workers at changes, as granian does, which does not notice that plugins are installed or uninstalled."""
        from host.cli.serve.watcher import changes

        self.startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        while not self.interrupt_signal:
            for change in changes(self._watched, self.main_loop_interrupt) if self._watched else ():
                if change == "changed":
                    self._stop_workers()
                    self._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]
            if not self.reload_signal:
                break
            self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        self.shutdown()  # type: ignore[no-untyped-call]

    def _stop_workers(self) -> None:
        workers = list(self.wrks)
        super()._stop_workers()  # type: ignore[no-untyped-call]
        self.codes = [worker.inner.exitcode or 0 for worker in workers]

    @property
    def exit_code(self) -> int:
        """Return the highest exit code of a worker; 1 for a worker that a signal killed, unless the signal asked it to stop."""
        expected = -signal.SIGTERM if self.interrupt_signal else 0
        return max((code if code > 0 else int(code not in (0, expected)) for code in self.codes), default=0)


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
    server = Server(
        target="host",
        address=address.host,
        port=address.port,
        interface=Interfaces.ASGINL,
        workers=workers,
        workers_kill_timeout=_STOP_LIMIT + math.ceil(settings.server.shutdown_delay + settings.server.drain),
        log_enabled=False,
        watched=settings if reload else None,
    )
    worker = Worker(settings, address, sender, early, traceback, report, workers, artifact, reload, trace_hooks)
    try:
        server.serve(_spawn, worker, wrap_loader=False)
    except SystemExit as end:
        code = server.exit_code or int(end.code or 0)
    else:
        code = server.exit_code
    for killed in (-number for number in server.codes if number < 0 and not server.interrupt_signal):
        message = f"a worker process was ended by {signal.Signals(killed).name}"
        error = HostError(message, fix="see the log of the system; SIGKILL often means that memory ran out")
        sys.stderr.write(f"{error_block(error)}\n")
    return code


def _spawn(*arguments: Any) -> None:
    """Run a worker, and end its process with the exit code of the host."""
    # A forked process inherits the handlers of the main process, which would stop only the copy of its server.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the main process, which then stops its workers in order
    worker: Worker = arguments[2]
    worker.first = arguments[0] == 1
    MPServer._spawn_asgi_worker(*arguments)  # noqa: SLF001 - granian's own default for this argument
    worker.stop()
    if worker.exit_code:
        raise SystemExit(worker.exit_code)


def _give_back(lease: Lease, booted: Connection) -> None:
    """Release the lease once a worker reports that no plugin has models; otherwise keep the database running for reloads."""
    with suppress(EOFError):  # serving has ended before any worker reported
        if not booted.recv():
            lease.release()

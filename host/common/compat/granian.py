"""Processes that serve with granian: its own main process if that can be extended, else a supervisor of embedded servers.

granian documents how to start its server, not how to find out how a worker ended, or how to watch more than files. So the host
extends ``MPServer``. Without one of the names that it needs for that, the host starts the processes itself, and each of them runs
the embeddable server, which granian documents and calls experimental.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import signal
from collections.abc import Callable, Iterator
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Protocol

from granian.constants import Interfaces

from host.common.compat.probe import Feature, load, probe

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_LIBRARY: Final = "granian"
_SERVER: Final = "granian.server.mp:MPServer"
_FALLBACK: Final = "the host starts the worker processes itself, each with granian's embeddable server"
#: Seconds between looks at the workers.
_LOOK: Final = 0.1

#: Called with an event that ends it; yields ``changed`` whenever something has changed that workers were started with.
Changes = Callable[[Event], Iterator[str]]


class Served(Protocol):
    """What runs in a worker process; can be pickled."""

    def begin(self, number: int) -> None:
        """Prepare the process; the first has the number 1."""

    def __call__(self) -> Any:
        """Return the ASGI application, for the event loop of this thread, which does not run yet."""

    def end(self) -> None:
        """Stop, after the server has closed its port; may raise SystemExit."""


def _probe() -> Feature:
    names = "_spawn_asgi_worker _serve_with_reloader _stop_workers _spawn_workers _reload startup shutdown signal_handler_interrupt"
    methods = probe(_LIBRARY, _FALLBACK, *(f"{_SERVER}.{name}" for name in names.split()))
    # What instances have, no class shows; the code of the method that sets it does.
    attributes = {
        "granian.server.common:AbstractServer.__init__": ("wrks", "interrupt_signal", "reload_signal", "main_loop_interrupt"),
        "granian.server.mp:WorkerProcess._spawn": ("inner",),
    }
    written = {
        f"{method.rpartition('.')[0]}.{name}": name in getattr(getattr(load(method), "__code__", None), "co_names", ())
        for method, names in attributes.items()
        for name in names
    }
    missing = [name for name, there in written.items() if not there]
    return Feature(_LIBRARY, _FALLBACK, (*methods.names, *written), (*methods.missing, *missing))


WORKERS: Final = _probe()
FEATURES: Final = (WORKERS,)


class Server(Protocol):
    """A main process and its workers.

    Attributes:
        codes: the exit codes of the workers, once they have ended; negative for a signal.
        interrupt_signal: whether a signal has asked to stop.
    """

    codes: list[int]
    interrupt_signal: bool

    def run(self, worker: Served) -> None:
        """Start the workers, and return when all have ended.

        Raises:
            SystemExit: a worker ended by itself.
        """


def make_server(*, address: str, port: int, workers: int, stop_limit: int, changes: Changes | None) -> Server:
    """Return what serves at an address.

    Args:
        address: an IP address.
        port: a free port.
        workers: how many processes serve.
        stop_limit: seconds after which a worker that does not stop is killed.
        changes: says when new workers must be started; without it never.
    """
    kind = _GranianServer if WORKERS.works else _Supervisor
    return kind(address, port, workers, stop_limit, changes)


#: granian's server; if it is elsewhere, nothing of it is used.
_Base: Any = load(_SERVER) or object


class _GranianServer(_Base):  # type: ignore[misc]  # found at run time
    """granian's server, which remembers how its workers ended, and kills them at the second signal."""

    def __init__(self, address: str, port: int, workers: int, stop_limit: int, changes: Changes | None) -> None:
        super().__init__(
            target="host",
            address=address,
            port=port,
            interface=Interfaces.ASGINL,
            workers=workers,
            workers_kill_timeout=stop_limit,
            log_enabled=False,
            reload=changes is not None,
            reload_ignore_worker_failure=True,
        )
        self._changes = changes
        self.codes: list[int] = []

    def run(self, worker: Served) -> None:
        self.serve(_spawn, worker, wrap_loader=False)

    def signal_handler_interrupt(self, *arguments: Any, **more: Any) -> None:
        if self.interrupt_signal:  # the second signal: do not wait for requests and plugins
            for worker in self.wrks:
                worker.kill()
        super().signal_handler_interrupt(*arguments, **more)

    def _serve_with_reloader(self, spawn_target: Any, target_loader: Any) -> None:
        """Watch for changes as granian does, also of what is installed."""
        self.startup(spawn_target, target_loader)
        while not self.interrupt_signal:
            for what in self._changes(self.main_loop_interrupt) if self._changes else ():
                if what == "changed":
                    self._stop_workers()
                    self._spawn_workers(spawn_target, target_loader)
            if not self.reload_signal:
                break
            self._reload(spawn_target, target_loader)
        self.shutdown()

    def _stop_workers(self) -> None:
        workers = list(self.wrks)
        super()._stop_workers()
        self.codes = [worker.inner.exitcode or 0 for worker in workers]


def _spawn(*arguments: Any) -> None:
    """Run a worker process of granian; of the arguments, the first is its number and the third what loads the application."""
    worker: Served = arguments[2]
    worker.begin(arguments[0])
    load(_SERVER)._spawn_asgi_worker(*arguments)  # noqa: SLF001 - granian's own default for this argument
    worker.end()


class _Supervisor:
    """Starts, watches and stops processes with an embedded server each."""

    def __init__(self, address: str, port: int, workers: int, stop_limit: int, changes: Changes | None) -> None:
        self._place = (address, port)
        self._workers = workers
        self._stop_limit = stop_limit
        self._changes = changes
        self._processes: list[BaseProcess] = []
        self._woken = Event()
        self._reload = False
        self.codes: list[int] = []
        self.interrupt_signal = False

    def run(self, worker: Served) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._interrupt)
        signal.signal(signal.SIGHUP, self._renew)
        self._start(worker)
        while self._wait():
            self._stop()
            self._start(worker)
        failed = not self.interrupt_signal
        self._stop()
        if failed:
            raise SystemExit(1)

    def _wait(self) -> bool:
        """Wait until the workers must be stopped, and return whether new ones are to be started."""
        if self._changes is not None:
            changed = any(what == "changed" for what in self._changes(self._woken))
        else:
            while not self._woken.is_set() and all(process.is_alive() for process in self._processes):
                multiprocessing.connection.wait([process.sentinel for process in self._processes], timeout=_LOOK)
            changed = False
        reload, self._reload = self._reload, False
        if reload:
            self._woken.clear()
        return (changed or reload) and not self.interrupt_signal

    def _start(self, worker: Served) -> None:
        arguments = [(number, worker, *self._place) for number in range(1, self._workers + 1)]
        self._processes = [multiprocessing.Process(target=_serve_embedded, args=those) for those in arguments]
        for process in self._processes:
            process.start()

    def _stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(self._stop_limit)
            if process.is_alive():
                process.kill()
                process.join()
        self.codes = [process.exitcode or 0 for process in self._processes]

    def _interrupt(self, *_: Any) -> None:
        if self.interrupt_signal:  # the second signal: do not wait for requests and plugins
            for process in self._processes:
                process.kill()
        self.interrupt_signal = True
        self._woken.set()

    def _renew(self, *_: Any) -> None:
        self._reload = True
        self._woken.set()


def _serve_embedded(number: int, worker: Served, address: str, port: int) -> None:
    """Run a worker process with an embedded server, which closes its port at SIGINT as granian's own workers do."""
    from granian.server.embed import Server as EmbeddedServer

    worker.begin(number)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = EmbeddedServer(worker(), address=address, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    loop.add_signal_handler(signal.SIGINT, server.stop)
    loop.run_until_complete(server.serve())
    worker.end()

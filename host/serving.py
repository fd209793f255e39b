"""The server: granian's main process, and the worker in which the host boots (design, 9)."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from granian.constants import Interfaces
from granian.server.mp import MPServer

from host.errors import HostError, PortInUseError
from host.rendering import error_block

if TYPE_CHECKING:
    from litestar import Litestar

    from host.database.embedded import Lease
    from host.settings import Settings

_LOG: Final = logging.getLogger("host")
_POLL: Final = 0.005


@dataclass(frozen=True)
class Address:
    """Where to listen.

    Args:
        host: a host name or IP address.
        port: a TCP port, 0 for a free one.
    """

    host: str
    port: int

    def resolved(self) -> Address:
        """The address with a port that is free now.

        Raises:
            PortInUseError: another process listens there, or the port may not be bound.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except (OSError, TypeError) as error:  # TypeError: a name that cannot be encoded
                if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                    message, fix = f"another process listens on {self.url}", "stop it, or choose another port: host run --port 0"
                else:
                    message, fix = (
                        f"{self.url} cannot be bound: {getattr(error, 'strerror', error)}",
                        "choose another --host or --port",
                    )
                raise PortInUseError(message, fix=fix) from None
            return Address(self.host, probe.getsockname()[1])

    @property
    def url(self) -> str:
        """As one writes it into a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@dataclass
class Worker:
    """Boots the host in a worker process; what goes wrong there is shown there, and becomes the exit code.

    Args:
        settings: the settings.
        address: for the line that says where it serves.
        booted: is told when the worker holds its own lease of the database, or needs none.
        early: the main process's lease, of which a forked worker has a copy to give back.
        traceback: whether errors are shown with one.
        first: whether this is the first of several workers, which speaks for all.
        exit_code: of the worker process, 0 as long as all is well.
    """

    settings: Settings
    address: Address
    booted: Connection
    early: Lease | None = None
    traceback: bool = False
    first: bool = field(default=True, init=False)
    exit_code: int = field(default=0, init=False)

    def __getstate__(self) -> dict[str, Any]:
        """A worker that is not forked has no copy of the main process's lease."""
        return self.__dict__ | {"early": None}

    def __call__(self) -> Litestar:
        """Boot; granian calls this in the worker, with the event loop that will serve."""
        gc.disable()  # what booting makes stays: looking for garbage in it costs a tenth of the start
        _stop_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the main process, which then stops its workers in order
        _log_to_stderr()
        try:
            return asyncio.get_event_loop().run_until_complete(self._boot())
        except HostError as error:
            self._show(error)
            raise SystemExit(self.exit_code) from None

    async def _boot(self) -> Litestar:
        from host.generation import write_config
        from host.lifecycle import Boot
        from host.runtime import Runtime

        boot = Boot(self.settings, "web")
        await boot.register()
        runtime = Runtime(boot)

        @asynccontextmanager
        async def lifespan(app: Litestar) -> AsyncIterator[None]:
            try:
                async with runtime.lifespan(app):
                    self._give_back_early(needed=bool(boot.models))
                    gc.freeze()
                    gc.enable()
                    announcement = asyncio.create_task(self._announce(len(boot.order)))
                    yield
                    announcement.cancel()
            except HostError as error:
                self._show(error)
                raise

        app = boot.assemble([lifespan])
        write_config(boot, app)
        return app

    async def _announce(self, plugins: int) -> None:
        """Say where it serves, once that is true: granian listens only after the start-up has ended."""
        if not self.first:
            return
        while True:
            try:
                _, writer = await asyncio.open_connection(self.address.host, self.address.port)
            except OSError:
                await asyncio.sleep(_POLL)
            else:
                writer.close()
                break
        print(f"Serving {plugins} plugin{'' if plugins == 1 else 's'} on {self.address.url}", flush=True)  # noqa: T201

    def _give_back_early(self, *, needed: bool) -> None:
        """The worker has a lease of its own by now, or its plugins have no models."""
        if self.early is not None:
            self.early.release()
        self.booted.send(needed)

    def _show(self, error: HostError) -> None:
        self.exit_code = error.exit_code
        print(error_block(error, traceback=self.traceback), file=sys.stderr, flush=True)  # noqa: T201


def _stop_with_parent() -> None:
    """Stop when the main process is gone, also after ``kill -9``: a worker without one would hold the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="host-parent-watch", daemon=True).start()


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True)


def _spawn(*arguments: Any) -> None:
    """Run granian's worker, and end the process with the exit code that the host gives."""
    worker: Worker = arguments[2]
    worker.first = arguments[0] == 1
    try:
        MPServer._spawn_asgi_lifespan_worker(*arguments)  # noqa: SLF001 - granian's own default for this argument
    except SystemExit as end:
        raise SystemExit(worker.exit_code or end.code) from None
    if worker.exit_code:
        raise SystemExit(worker.exit_code)


class Server(MPServer):
    """granian's server, which remembers how its workers ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.codes: list[int] = []

    def _stop_workers(self) -> None:
        workers = list(self.wrks)
        super()._stop_workers()  # type: ignore[no-untyped-call]  # granian annotates it nowhere
        self.codes = [worker.inner.exitcode or 0 for worker in workers]


def serve(
    settings: Settings,
    address: Address,
    *,
    workers: int = 1,
    reload: bool = False,
    traceback: bool = False,
    early: Lease | None = None,
) -> int:
    """Serve until a signal comes or a worker ends.

    Args:
        settings: the settings.
        address: a free one.
        workers: how many processes serve.
        reload: start new workers whenever a Python file below the project or an editable plugin changes.
        traceback: whether errors are shown with one.
        early: a lease of the database that was taken while Python was importing; given back when a worker has booted.

    Returns:
        the exit code.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    if early is not None:
        threading.Thread(target=_give_back, args=(early, receiver), name="host-booted", daemon=True).start()
    server = Server(
        target="host",
        address=address.host,
        port=address.port,
        interface=Interfaces.ASGI,
        workers=workers,
        log_enabled=False,
        **(_reload_options(settings) if reload else {}),
    )
    try:
        server.serve(_spawn, Worker(settings, address, sender, early, traceback), wrap_loader=False)
    except SystemExit as end:
        failed = [code for code in server.codes if code > 0]
        return max(failed) if failed else int(end.code or 0)
    return max((code for code in server.codes if code > 0), default=0)


def _give_back(lease: Lease, booted: Connection) -> None:
    """Release a lease when a worker has booted, or can do so no more."""
    with suppress(EOFError):
        booted.recv()
    lease.release()


def _reload_options(settings: Settings) -> dict[str, Any]:
    from watchfiles import PythonFilter

    from host.discovery import installed_plugins, source_directory

    sources = (source_directory(plugin) for plugin in installed_plugins())
    inside = settings.directory.resolve()
    paths = {
        inside,
        *(path for path in sources if path is not None and not path.is_relative_to(inside) and not _is_installed(path)),
    }
    return {
        "reload": True,
        "reload_paths": sorted(paths),
        "reload_filter": PythonFilter,
        "reload_ignore_worker_failure": True,
    }


def _is_installed(path: Path) -> bool:
    return any(part in ("site-packages", "dist-packages") for part in path.parts)

"""The process that serves: boots the host, starts it, and stops it again."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final

from host.address import Address
from host.errors import HostError
from host.rendering import error_block

if TYPE_CHECKING:
    from litestar import Litestar

    from host.database.embedded import Lease
    from host.settings import Settings

_POLL: Final = 0.005


@dataclass
class Worker:
    """Boots the host in a worker process; what goes wrong there is shown there, and becomes the exit code.

    Args:
        settings: the settings.
        address: for the line that says where it serves.
        booted: is told, when the host has started, whether it needs the embedded database.
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
    _life: asyncio.Task[None] | None = field(default=None, init=False)
    _announcement: asyncio.Task[None] | None = field(default=None, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __getstate__(self) -> dict[str, Any]:
        """A worker that is not forked has no copy of the main process's lease."""
        return self.__dict__ | {"early": None}

    def __call__(self) -> Litestar:
        """Boot and start; granian calls this in the worker, with the event loop that will serve.

        A SIGTERM on the way cancels the start, which then stops what it has started.

        Raises:
            SystemExit: the start failed or was cancelled.
        """
        gc.disable()  # what booting makes stays: looking for garbage in it costs a tenth of the start
        _stop_with_parent()
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True)
        loop = asyncio.get_event_loop()
        started: asyncio.Future[tuple[Litestar, int]] = loop.create_future()
        self._life = loop.create_task(self._live(started))
        loop.add_signal_handler(signal.SIGTERM, self._life.cancel)
        either: set[asyncio.Future[Any]] = {self._life, started}
        loop.run_until_complete(asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED))
        if not started.done():
            self._end()
            raise SystemExit(self.exit_code)
        app, plugins = started.result()
        self._announcement = loop.create_task(self._announce(plugins))
        gc.freeze()
        gc.enable()
        return app

    def stop(self) -> None:
        """Stop what was started; granian has drained the requests."""
        if self._announcement is not None:
            self._announcement.cancel()
        self._stopping.set()
        self._end()

    def _end(self) -> None:
        if self._life is None:
            return
        try:
            asyncio.get_event_loop().run_until_complete(self._life)
        except HostError as error:
            self.exit_code = error.exit_code
            print(error_block(error, traceback=self.traceback), file=sys.stderr, flush=True)  # noqa: T201
        except asyncio.CancelledError:
            return

    async def _live(self, started: asyncio.Future[tuple[Litestar, int]]) -> None:
        """Boot, start, and stop when told to: in one task, because Litestar leaves its lifespan in the task that entered it."""
        from host.generation import write_config
        from host.lifecycle import Boot
        from host.runtime import Runtime

        boot = Boot(self.settings, "web")
        await boot.register()
        app = boot.assemble()
        for warning in write_config(boot, app):
            logging.getLogger("host").warning("%s", warning)
        failure: HostError | None = None
        async with app.lifespan():
            try:
                async with Runtime(boot).lifespan(app):
                    self._give_back_early(needed=bool(boot.models))
                    started.set_result((app, len(boot.order)))
                    await self._stopping.wait()
            except HostError as error:
                failure = error  # passed through Litestar's lifespan, it would come out in a group of tracebacks
        if failure is not None:
            raise failure

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


def _stop_with_parent() -> None:
    """Stop when the main process is gone, also after ``kill -9``: a worker without one would hold the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="host-parent-watch", daemon=True).start()

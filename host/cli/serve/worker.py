"""The process that serves: it boots the host, starts the plugins while it already listens, and stops them again."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final

from host.cli.serve.address import Address
from host.common.bytecode import check_bytecode
from host.common.errors import HostError, StateError
from host.common.files import write
from host.common.rendering import error_block

if TYPE_CHECKING:
    from host.cli.serve.artifact import Artifact
    from host.common.settings import Settings
    from host.database.embedded.lease import Lease
    from host.lifecycle.host import Host
    from host.lifecycle.report import Report
    from host.web.readiness_gate import ReadinessGate

_POLL: Final = 0.005
#: Seconds that granian gets to close the port and its connections; after that the plugins are stopped anyway.
_CLOSING: Final = 5.0


@dataclass
class Worker:
    """Runs the host in a worker process, prints its errors and keeps its exit code.

    Args:
        settings: The settings.
        address: The address, for the line that says where the host serves.
        booted: Receives, once the host has started, whether it needs the embedded database.
        early: The lease of the main process, of which a forked worker has a copy to release.
        traceback: Whether to print tracebacks of errors.
        report: Prints the start report once the start has ended.
        workers: The number of processes that serve.
        artifact: The artifact to serve in production, in which nothing is written.
        reload: Whether the settings may have changed since the main process read them.
        trace_hooks: Whether to log the calls of hooks.
        first: Whether this is the first worker, the only one that prints what concerns all of them.
        exit_code: The exit code of the worker process, 0 unless something failed.
    """

    settings: Settings
    address: Address
    booted: Connection
    early: Lease | None = None
    traceback: bool = False
    report: Callable[[Report], None] | None = None
    workers: int = 1
    artifact: Artifact | None = None
    reload: bool = False
    trace_hooks: bool = False
    first: bool = field(default=True, init=False)
    exit_code: int = field(default=0, init=False)
    _host: Host | None = field(default=None, init=False)
    _life: asyncio.Task[None] | None = field(default=None, init=False)
    _listening: bool = field(default=False, init=False)
    _ending: bool = field(default=False, init=False)
    #: granian's handler of SIGINT, as the signal module keeps it.
    _on_interrupt: Any = field(default=signal.SIG_IGN, init=False)
    #: The end of the event loop's pipe to which a signal is written.
    _wakeup: int = field(default=-1, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _closed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __getstate__(self) -> dict[str, Any]:
        """A worker that is not forked has no copy of the main process's lease."""
        return self.__dict__ | {"early": None}

    def __call__(self) -> ReadinessGate:
        """Boot until the application is assembled; granian calls this in the worker, with the event loop that will serve.

        Plugins start while granian listens. A SIGTERM on the way cancels the start, which then stops what it has started.

        Raises:
            SystemExit: The start failed or was cancelled.
        """
        from host.lifecycle.host import Host

        check_bytecode()  # a worker that is not forked has not inherited it
        sys.dont_write_bytecode = (
            sys.dont_write_bytecode or self.artifact is not None
        )  # a plugin may be in the directory of the project, which production must not write
        gc.disable()  # booting creates many objects and hardly any garbage; searching it takes a tenth of the start
        _stop_with_parent()
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True)
        loop = asyncio.get_event_loop()
        self._host = Host(self._read_settings())
        if self.trace_hooks:
            self._host.plugin_manager.trace.root.setwriter(_write_trace)
        assembled: asyncio.Future[None] = loop.create_future()
        self._life = loop.create_task(self._live(self._host, assembled))
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        either: set[asyncio.Future[Any]] = {self._life, assembled}
        loop.run_until_complete(asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED))
        if self._life.done():
            self._end()
            raise SystemExit(self.exit_code)
        loop.call_soon(self._begin_listening)
        return self._host.asgi

    def _read_settings(self) -> Settings:
        """Return the settings; read them again if they may have changed.

        Raises:
            SystemExit: The settings are malformed now; the error was printed.
        """
        if self.reload:
            from host.common.settings import load_settings

            try:
                self.settings = load_settings(self.settings.directory, safe=self.settings.safe)
            except HostError as error:
                print(error_block(error, traceback=self.traceback), file=sys.stderr, flush=True)  # noqa: T201
                raise SystemExit(error.exit_code) from None
        return self.settings

    def begin(self, number: int) -> None:
        """Prepare the process before granian does.

        Args:
            number: of the worker; the first is 1.
        """
        # A forked process has inherited the main process's handlers, which would only notify that process's server.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the main process, which then stops its workers in order
        self.first = number == 1

    def end(self) -> None:
        """Stop what is still running; granian has closed the port.

        Raises:
            SystemExit: something failed; its code is that of the process.
        """
        self._closed.set()
        self._stop()
        self._end()
        if self.exit_code:
            raise SystemExit(self.exit_code)

    def _stop(self) -> None:
        """Stop in order; a host that is already stopping, after a signal or a failure, goes on with that."""
        if self._life is None or self._host is None:
            return
        if self._host.state == "ready":
            self._stopping.set()
        elif self._host.state in ("new", "starting") and not self._life.cancelling():
            self._life.cancel()

    def _end(self) -> None:
        if self._life is None:
            return
        try:
            asyncio.get_event_loop().run_until_complete(self._life)
        except HostError as error:
            self.exit_code = error.exit_code
            print(error_block(error, traceback=self.traceback), file=sys.stderr, flush=True)  # noqa: T201
            self._show_report()
        except asyncio.CancelledError:
            return

    async def _live(self, host: Host, assembled: asyncio.Future[None]) -> None:
        """Boot, start, serve until asked to stop, and stop."""
        await host.assemble()
        with host.boot.phase("generate"):
            self._generate(host)
        self._warn_of_split_channels(host)
        self._warn_of_embedded_database(host)
        assembled.set_result(None)
        try:
            await host.start()
            await self._serve(host)
        finally:
            await self._close_port()
            await host.close()

    def _generate(self, host: Host) -> None:
        """Write the TypeScript if it differs; in production, check that the artifact matches the installed plugins instead.

        Each worker checks on its own, so that none serves what another would refuse. They check concurrently.
        """
        if self.settings.safe:
            return
        generated = host.generate()
        if self.artifact is not None:
            from host.cli.serve.artifact import check_artifact

            check_artifact(self.artifact, host.boot, generated)
            return
        write(self.settings.output, generated.text)
        for warning in generated.warnings:
            logging.getLogger("host").warning("%s", warning)

    async def _serve(self, host: Host) -> None:
        self._show_report()
        self._give_back_early(needed=bool(host.boot.models))
        gc.freeze()
        gc.enable()
        announcement = asyncio.create_task(self._announce(len(host.boot.order)))
        await self._stopping.wait()
        announcement.cancel()
        await host.drain()

    def _warn_of_split_channels(self, host: Host) -> None:
        """Warn that messages in memory reach only the clients of the worker that sends them."""
        if self.first and self.workers > 1 and host.boot.channels.channel_states and not self.settings.channels.url:
            text = "messages of channels stay within the worker that sends them, and %d workers serve: set channels.url to a Redis"
            logging.getLogger("host").warning(text, self.workers)

    def _warn_of_embedded_database(self, host: Host) -> None:
        """Warn that the data of production is in the directory of the project, and lost if a deployment replaces that directory."""
        if self.first and self.artifact is not None and host.boot.models and not self.settings.database.url:
            text = "production keeps its data in %s, in the embedded database: set database.url to a MongoDB"
            logging.getLogger("host").warning(text, self.settings.state)

    def _begin_listening(self) -> None:
        """Take the signals from granian, which would close the port at once; called when its loop runs.

        granian ends by either of two signals. SIGTERM is the host's from now on. SIGINT, which a terminal sends to the workers
        too, is ignored until the host itself raises it.
        """
        self._listening = True
        self._on_interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        # The loop learns of a signal by a byte in a pipe that also wakes it up, and that is full when hundreds of sockets do so
        # at once: the byte is lost then. Python's own handler is called in any case.
        signal.signal(signal.SIGTERM, lambda _number, _frame: loop.call_soon_threadsafe(self._stop))
        self._wakeup = signal.set_wakeup_fd(-1)
        signal.set_wakeup_fd(self._wakeup, warn_on_full_buffer=False)
        if self._ending:  # it failed before granian listened to signals
            self._interrupt()

    async def _close_port(self) -> None:
        """Let granian close the port; a connection that does not end must not keep the plugins from being stopped."""
        self._ending = True
        if not self._listening or self._closed.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                while not self._has_room():  # noqa: ASYNC110 - nothing tells when the loop has emptied its pipe
                    await asyncio.sleep(_POLL)
                self._interrupt()
                await self._closed.wait()

    def _has_room(self) -> bool:
        """Return whether the loop would receive a signal now; the byte of a signal is lost while its pipe is full.

        The signal must not simply be raised again and again: granian 2.8 queues it for a thread that waits until all connections
        have ended, and from the third one on it blocks for ever, holding the lock of the interpreter.
        """
        poll = select.poll()
        poll.register(self._wakeup, select.POLLOUT)
        return bool(poll.poll(0))

    def _interrupt(self) -> None:
        """Raise SIGINT for granian, whose handler is in the event loop."""
        signal.signal(signal.SIGINT, self._on_interrupt)
        signal.raise_signal(signal.SIGINT)

    def _show_report(self) -> None:
        if self.report is None or self._host is None or not self.first:
            return
        with suppress(StateError):  # it failed before there was anything to report
            self.report(self._host.report)

    async def _announce(self, plugins: int) -> None:
        """Print the address once it accepts connections: the plugins may have started before granian listens."""
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
        """Release the early lease: the worker has its own by now, or its plugins have no models."""
        if self.early is not None:
            self.early.release()
        self.booted.send(needed)


def _write_trace(line: str) -> None:
    # pluggy writes the tags of a line at its end: " [hook]".
    text = line.rstrip("\n").removesuffix(" [hook]").lstrip()
    sys.stderr.write(f"hook: {text}\n")
    sys.stderr.flush()  # so that the line of a call that never returns is there


def _stop_with_parent() -> None:
    """Stop when the main process has ended, even by ``kill -9``: otherwise the worker would hold the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="host-parent-watch", daemon=True).start()

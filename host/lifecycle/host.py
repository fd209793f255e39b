"""One host in one process: the plugins discovered, loaded, assembled, started, and stopped again (rows F1, F21, F36, E21)."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from host.common.compat.probe import imported_features, warnings_of
from host.common.errors import StateError
from host.common.settings import Settings, load_settings
from host.lifecycle.boot import Boot
from host.lifecycle.generation import generate_for
from host.lifecycle.registry import Plugins
from host.lifecycle.running import Runtime
from host.loading.disabled_hooks import DisabledHooks
from host.loading.hooks import HookManager
from host.web.availability import ReadinessGate, State, Status
from host.web.litestar.digests import send_digests

if TYPE_CHECKING:
    from litestar import Litestar

    from hookspecs.scope import Role
    from host.frontend.model import Generated
    from host.lifecycle.report import Report
    from host.registration.scope import PluginScope

_LOG: Final = logging.getLogger("host")


class Host:
    """Runs plugins in this process, without a server of its own.

    ::

        async with Host(directory) as host:          # or: await host.ready() … await host.close()
            async with AsyncTestClient(host.app) as client:
                ...

    Nothing happens before one of them is awaited (row F1). Several hosts may live in one process; they share nothing.

    Args:
        settings: the settings, or the directory whose ``host.toml`` holds them.
        role: what this process does.

    Raises:
        SettingsError: the settings are malformed.
    """

    def __init__(self, settings: Settings | Path | str = ".", *, role: Role = "web") -> None:
        self.settings = settings if isinstance(settings, Settings) else load_settings(Path(settings))
        self.role: Role = role
        self._status = Status()
        self._left_out = DisabledHooks()
        self._plugin_manager = HookManager()
        self._boot: Boot | None = None
        self._app: Litestar | None = None
        self._door: ReadinessGate | None = None
        self._generated: Generated | None = None
        self._life: asyncio.Task[None] | None = None
        self._drained: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None]
        self._assembled: asyncio.Future[None]
        self._started: dict[str, asyncio.Future[None]] = {}
        self._assembling = asyncio.Lock()
        self._stop = asyncio.Event()
        self._failure: Exception | None = None

    @property
    def state(self) -> State:
        """What the host is doing: ``new``, ``starting``, ``ready``, ``stopping`` or ``stopped``."""
        return self._status.state

    @property
    def boot(self) -> Boot:
        """What was discovered, loaded and registered, and what failed.

        Raises:
            StateError: nothing was, yet.
        """
        if self._boot is None:
            raise StateError("the host has not begun to start", fix="await host.ready(), or async with host")
        return self._boot

    @property
    def app(self) -> Litestar:
        """The application of all plugins.

        Raises:
            StateError: it is not assembled yet.
        """
        if self._app is None:
            raise StateError("the application is not assembled yet", fix="await host.assemble() or host.ready() first")
        return self._app

    @property
    def asgi(self) -> ReadinessGate:
        """What a server calls: the application while the host is ready, else 503 with ``Retry-After``, but for ``/health``.

        It does not speak the lifespan protocol; the host is started by :meth:`start`.

        Raises:
            StateError: the application is not assembled yet.
        """
        if self._door is None:
            self._door = ReadinessGate(self.app, self._reason)
        return self._door

    @property
    def plugins(self) -> Plugins:
        """The plugins that have not failed, by key (rows K2, K3).

        Raises:
            StateError: they are not loaded yet.
        """
        boot = self.boot
        absent = {plugin.key: "it is disabled" for plugin in boot.discovery.installed}
        absent |= {key: f"it failed: {boot.failures[key][0].message}" for key in boot.failures}
        return Plugins(boot.contributions, absent)

    @property
    def plugin_manager(self) -> HookManager:
        """Pluggy's ``PluginManager`` of this host, for reading. It is there from the beginning, empty.

        It knows the plugins that have not failed under their keys, in load order. The host calls the implementations itself, one
        by one, and writes each call to the trace of the manager::

            host.plugin_manager.list_name_plugin()                       # [("acme__todo", <plugin acme__todo>), …]
            host.plugin_manager.hook.on_startup.get_hookimpls()          # who implements a hook
            host.plugin_manager.trace.root.setwriter(sys.stderr.write)   # before the start: what host run --trace-hooks does
        """
        return self._plugin_manager

    def disable_hook(self, key: str, hook: str) -> None:
        """Leave one hook of one plugin out, as a test does with what it cannot have (row E4).

        Whether plugin and hook are there is checked at the start: :class:`NoSuchPluginError`, :class:`ConfigurationError`.

        Args:
            key: the plugin's.
            hook: its name.

        Raises:
            StateError: the plugins are loaded already.
        """
        if self._boot is not None or self.state != "new":
            raise StateError("a hook cannot be disabled any more, the plugins are loaded", fix="disable it before host.ready()")
        self._left_out.add(key, hook)

    @property
    def report(self) -> Report:
        """What took how long in the start and what failed, as far as it has come (rows F32, E20).

        Raises:
            StateError: nothing was started, yet.
        """
        return self.boot.report()

    async def assemble(self) -> Litestar:
        """Discover, load, register and assemble; nothing is started. A second call gives the same application.

        Raises:
            BootError: a plugin failed whose policy is ``abort``; holds every failure.
            StateError: an earlier call has failed.
        """
        async with self._assembling:
            if self._app is None:
                if self._boot is not None:
                    raise StateError("a host that has failed does not start again", fix="make a new Host")
                for line in warnings_of(imported_features()):
                    _LOG.warning("%s", line)
                self._boot = Boot(self.settings, self.role, self._left_out, self._plugin_manager)
                self._boot.status = self._status
                await self._boot.register()
                self._app = self._boot.assemble()
            return self._app

    def generate(self) -> Generated:
        """The TypeScript of the plugins; from now on each answer of a plugin's route says in ``x-schema`` what fits it.

        Nothing is written. It is made once; whoever does not ask for it does not wait for it.

        Raises:
            StateError: the application is not assembled yet.
            FrontendError: something that a plugin sends cannot be named or typed.
        """
        if self._generated is None:
            self._generated = generate_for(self.boot, self.app)
            prefixes = ((one.scope.prefix, one.key) for one in self.boot.contributions if one.plugin.prefix)
            send_digests(self.app, self._generated.digest, self._generated.digests, prefixes)
        return self._generated

    async def start(self) -> None:
        """Start everything, and come back when the host is ready. Once in a host's life (row E21).

        A cancellation stops what was started.

        Raises:
            StateError: it was started before, or closed.
            BootError: a plugin failed whose policy is ``abort``.
            DatabaseError: the database is not there.
        """
        if self.state in ("starting", "ready"):
            raise StateError("the host was started before", fix="await host.ready() to wait for it")
        try:
            await asyncio.shield(self._begin())
        except asyncio.CancelledError:
            await self.close()
            raise

    async def ready(self) -> None:
        """Wait until all have started; starts them where nobody did. Any number of callers may wait (row F21).

        Raises:
            StateError: the host was closed before.
            BootError: a plugin failed whose policy is ``abort``.
            DatabaseError: the database is not there.
        """
        await asyncio.shield(self._begin() if self._life is None else self._ready)

    async def after(self, key: str) -> PluginScope:
        """Wait until one plugin and those inside it have started; starts them all where nobody did (rows F3, F21).

        Args:
            key: the plugin's.

        Returns:
            its scope.

        Raises:
            NoSuchPluginError: there is none of that key.
            HostError: it failed, or the whole start did.
        """
        if self._life is None:
            self._begin()
        await asyncio.shield(self._assembled)
        inside = [one for one in self.plugins if one == key or one.startswith(f"{key}.")]
        started = [self._started.setdefault(one, asyncio.get_running_loop().create_future()) for one in inside]
        for one in started:
            await asyncio.wait({one, self._ready}, return_when=asyncio.FIRST_COMPLETED)
        if key in self.boot.failures:
            raise self.boot.failures[key][0]
        if not all(one.done() for one in started):
            await asyncio.shield(self._ready)
        return self.plugins[key].scope

    async def drain(self) -> None:
        """Take no requests any more, and wait for those under way; the first half of :meth:`close` (row F27).

        ``/health/ready`` says 503 from now on. For ``server.shutdown_delay`` seconds requests are served all the same, then
        new ones are refused, and those under way have ``server.drain`` seconds to finish. It counts what comes through
        :attr:`asgi`. Where the host is not ready, there is nothing to wait for.
        """
        if self._drained is None and self.state == "ready":
            self._status.state = "stopping"
            if not self.settings.server.shutdown_delay:
                self.asgi.close()
            self._drained = asyncio.create_task(self._drain(), name="host-drain")
        if self._drained is not None:
            await asyncio.shield(self._drained)

    async def close(self) -> None:
        """Drain, and stop everything in reverse order; safe before and during the start, and when called again (rows F25-F27).

        Raises:
            BootError: what went wrong on the way; the first caller is told.
        """
        if self._life is None:
            self._status.state = "stopped"
            return
        if self.state == "starting":
            self._status.state = "stopping"
            self._life.cancel()
        await self.drain()
        self._stop.set()
        await asyncio.wait({self._life})
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def _begin(self) -> asyncio.Future[None]:
        if self.state != "new":
            raise StateError(f"the host does not start, it is {self.state}", fix="make a new Host")
        self._status.state = "starting"
        loop = asyncio.get_running_loop()
        self._ready, self._assembled = loop.create_future(), loop.create_future()
        self._life = asyncio.create_task(self._live(), name="host")
        return self._ready

    async def _live(self) -> None:
        """Start, wait, stop: in one task, because Litestar leaves its lifespan in the task that entered it."""
        try:
            app = await self.assemble()
            self._assembled.set_result(None)
            async with app.lifespan():
                await self._serve(app)
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told, also of a mistake of the host's own
            self._fail(error)
        finally:
            self._status.state = "stopped"
            self._tell_waiting(StateError("the host was closed while it was starting", fix="make a new Host"))

    async def _serve(self, app: Litestar) -> None:
        """What goes wrong is kept: passed through Litestar's lifespan, it would come out in a group of tracebacks."""
        try:
            async with Runtime(self.boot, self._note_started).lifespan(app):
                self._status.state = "ready"
                self.asgi.open()
                self._ready.set_result(None)
                await self._stop.wait()
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Tell those who wait for the start; where it is over, it is for those who stop the host."""
        if not self._tell_waiting(error):
            self._failure = error

    def _tell_waiting(self, error: Exception) -> bool:
        waiting = [future for future in (self._assembled, self._ready) if not future.done()]
        for future in waiting:
            future.set_exception(error)
            future.exception()  # whether anybody waits or not, it was told
        return bool(waiting)

    async def _drain(self) -> None:
        server = self.settings.server
        await asyncio.sleep(server.shutdown_delay)
        self.asgi.close()
        await self.boot.channels.close()
        await self.asgi.drain(server.drain)

    def _reason(self) -> str:
        """Say what the host is doing, and which plugin it waits for, in the responses of a closed gate."""
        doing = "starting" if self.state in ("new", "starting") else "stopping"
        key = next((span.plugin for span in self.boot.timeline.pending if span.plugin), "")
        return f"the host is {doing}; it waits for the plugin {key}" if key else f"the host is {doing}"

    def _note_started(self, key: str) -> None:
        self._started.setdefault(key, asyncio.get_running_loop().create_future()).set_result(None)

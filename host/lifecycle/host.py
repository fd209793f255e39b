"""A host in this process: discover, load, assemble and start plugins, and stop them again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from host.common.errors import StateError
from host.common.settings import Settings, load_settings
from host.lifecycle.boot import Boot
from host.lifecycle.generation import generate_for
from host.lifecycle.milestones import Milestones
from host.lifecycle.registry import Plugins
from host.lifecycle.running import Runtime
from host.loading.disabled_hooks import DisabledHooks
from host.loading.hooks import HookManager
from host.web.litestar.digests import send_digests
from host.web.readiness_gate import ReadinessGate
from host.web.status import State, Status

if TYPE_CHECKING:
    from litestar import Litestar

    from hookspecs.scope import Role
    from host.frontend.model import Generated
    from host.lifecycle.report import Report
    from host.registration.scope import PluginScope


class Host:
    """Runs plugins in this process, without a server of its own.

    ::

        async with Host(directory) as host:          # or: await host.ready() … await host.close()
            async with AsyncTestClient(host.app) as client:
                ...

    Nothing happens before one of them is awaited. Several hosts may run in one process; they share nothing but the models, each of
    which can be open in one host at a time.

    Args:
        settings: the settings, or the directory of their ``host.toml``.
        role: the role of this process.

    Raises:
        SettingsError: the settings are malformed.
    """

    def __init__(self, settings: Settings | Path | str = ".", *, role: Role = "web") -> None:
        self.settings = settings if isinstance(settings, Settings) else load_settings(Path(settings))
        self.role: Role = role
        self._status = Status()
        self._disabled_hooks = DisabledHooks()
        self._plugin_manager = HookManager()
        self._boot: Boot | None = None
        self._app: Litestar | None = None
        self._gate: ReadinessGate | None = None
        self._generated: Generated | None = None
        self._life: asyncio.Task[None] | None = None
        self._drained: asyncio.Task[None] | None = None
        self._milestones: Milestones
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
            StateError: the host has not begun to start.
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
        """The ASGI application for a server. Unless the host is ready, it responds 503 with ``Retry-After``.

        Only ``/health`` is always served. It does not support the lifespan protocol; :meth:`start` starts the host.

        Raises:
            StateError: the application is not assembled yet.
        """
        if self._gate is None:
            self._gate = ReadinessGate(self.app, self._reason)
        return self._gate

    @property
    def plugins(self) -> Plugins:
        """The plugins that have not failed, by key.

        Raises:
            StateError: the plugins are not loaded yet.
        """
        boot = self.boot
        absent = {plugin.key: "it is disabled" for plugin in boot.discovery.installed}
        absent |= {key: f"it failed: {boot.failures[key][0].message}" for key in boot.failures}
        return Plugins(boot.contributions, absent)

    @property
    def plugin_manager(self) -> HookManager:
        """Pluggy's ``PluginManager`` of this host, for reading. It exists from the beginning, without plugins.

        It knows the plugins that have not failed under their keys, in load order. The host calls the implementations itself, one
        by one, and writes each call to the trace of the manager::

            host.plugin_manager.list_name_plugin()                       # [("acme__todo", <plugin acme__todo>), …]
            host.plugin_manager.hook.on_startup.get_hookimpls()          # the implementations of a hook
            host.plugin_manager.trace.root.setwriter(sys.stderr.write)   # before the start: what host run --trace-hooks does
        """
        return self._plugin_manager

    def disable_hook(self, key: str, hook: str) -> None:
        """Disable a hook of a plugin, such as one that a test cannot run.

        The start checks that plugin and hook exist: :class:`NoSuchPluginError`, :class:`ConfigurationError`.

        Args:
            key: of the plugin.
            hook: the name of the hook.

        Raises:
            StateError: the plugins are loaded already.
        """
        if self._boot is not None or self.state != "new":
            raise StateError("a hook cannot be disabled after the plugins were loaded", fix="disable it before host.ready()")
        self._disabled_hooks.add(key, hook)

    @property
    def report(self) -> Report:
        """What took how long in the start and what failed, as far as the start has come.

        Raises:
            StateError: the host has not begun to start.
        """
        return self.boot.report()

    async def assemble(self) -> Litestar:
        """Discover, load, register and assemble the plugins without starting them. A second call returns the same application.

        Raises:
            BootError: a plugin failed whose policy is ``abort``; contains every failure.
            StateError: an earlier call has failed.
        """
        async with self._assembling:
            if self._app is None:
                if self._boot is not None:
                    raise StateError("a host that has failed cannot be started again", fix="create a new Host")
                self._boot = Boot(self.settings, self.role, self._disabled_hooks, self._plugin_manager)
                self._boot.status = self._status
                await self._boot.register()
                self._app = self._boot.assemble()
            return self._app

    def generate(self) -> Generated:
        """Generate the TypeScript of the plugins. From now on, responses of their routes name the matching schema in ``x-schema``.

        Nothing is written to disk. The text is generated once, and only if it is asked for.

        Raises:
            StateError: the application is not assembled yet.
            FrontendError: a type or an operation of a plugin cannot be named or typed.
        """
        if self._generated is None:
            self._generated = generate_for(self.boot, self.app)
            prefixes = ((plugin.scope.prefix, plugin.key) for plugin in self.boot.contributions if plugin.plugin.prefix)
            send_digests(self.app, self._generated.digest, self._generated.digests, prefixes)
        return self._generated

    async def start(self) -> None:
        """Start everything, and return when the host is ready. A host can be started once.

        A cancellation stops what has started.

        Raises:
            StateError: it was started before, or closed.
            BootError: a plugin failed whose policy is ``abort``.
            DatabaseError: the database is not available.
        """
        if self.state in ("starting", "ready"):
            raise StateError("the host was started before", fix="await host.ready() to wait for it")
        try:
            await asyncio.shield(self._begin())
        except asyncio.CancelledError:
            await self.close()
            raise

    async def ready(self) -> None:
        """Wait until all plugins have started; start them unless that was done. Any number of callers may wait.

        Raises:
            StateError: the host was closed before.
            BootError: a plugin failed whose policy is ``abort``.
            DatabaseError: the database is not available.
        """
        await asyncio.shield(self._begin() if self._life is None else self._milestones.ready)
        if self._is_closed:
            raise StateError(f"the host is not ready, it is {self.state}", fix="create a new Host")

    async def after(self, key: str) -> PluginScope:
        """Wait until a plugin and its children have started; start the host unless that was done.

        Args:
            key: of the plugin.

        Returns:
            the scope of the plugin.

        Raises:
            NoSuchPluginError: there is no plugin of that key.
            StateError: the host was closed before.
            HostError: the plugin failed, or the whole start did.
        """
        if self._life is None:
            self._begin()
        await asyncio.shield(self._milestones.assembled)
        inside = [other for other in self.plugins if other == key or other.startswith(f"{key}.")]
        have_started = await self._milestones.wait_for(inside)
        if key in self.boot.failures:
            raise self.boot.failures[key][0]
        if self._is_closed or not have_started:
            await self.ready()  # raises why the host is not ready
        return self.plugins[key].scope

    async def drain(self) -> None:
        """Stop accepting requests, and wait for those in progress: the first half of :meth:`close`.

        ``/health/ready`` responds 503 from now on. For ``server.shutdown_delay`` seconds requests are still served, then new ones
        are refused, and those in progress have ``server.drain`` seconds to finish. Only requests through :attr:`asgi` count. If
        the host is not ready, there is nothing to wait for.
        """
        if self._drained is None and self.state == "ready":
            self._status.state = "stopping"
            if not self.settings.server.shutdown_delay:
                self.asgi.close()
            self._drained = asyncio.create_task(self._drain(), name="host-drain")
        if self._drained is not None:
            await asyncio.shield(self._drained)

    async def close(self) -> None:
        """Drain, and stop everything in reverse order. It may be called before and during the start, and repeatedly.

        Raises:
            BootError: the errors of the stop; raised for the first caller.
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

    @property
    def _is_closed(self) -> bool:
        return self.state in ("stopping", "stopped")

    def _begin(self) -> asyncio.Future[None]:
        if self.state != "new":
            raise StateError(f"the host cannot be started, it is {self.state}", fix="create a new Host")
        self._status.state = "starting"
        self._milestones = Milestones()
        self._life = asyncio.create_task(self._live(), name="host")
        return self._milestones.ready

    async def _live(self) -> None:
        """Start, wait, stop: in one task, because a lifespan of Litestar must be left in the task that entered it."""
        try:
            app = await self.assemble()
            self._milestones.assembled.set_result(None)
            async with app.lifespan():
                await self._serve(app)
        except Exception as error:  # noqa: BLE001 - passed on to all that wait, also if it is an error of the host itself
            self._fail(error)
        finally:
            self._status.state = "stopped"
            self._milestones.fail(StateError("the host was closed while it was starting", fix="create a new Host"))

    async def _serve(self, app: Litestar) -> None:
        """Serve until the stop. Errors are kept, because Litestar's lifespan would wrap them in an exception group."""
        try:
            async with Runtime(self.boot, self._milestones.note_started).lifespan(app):
                self._status.state = "ready"
                self.asgi.open()
                self._milestones.ready.set_result(None)
                await self._stop.wait()
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Pass an error on to the callers that wait for the start; after the start, keep it for the caller of :meth:`close`."""
        if not self._milestones.fail(error):
            self._failure = error

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

"""Start an assembled host and stop it again: the database, the services and hooks of the plugins."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hookspecs import RequestService, Service
from host.common.errors import BootError, HookCallError, HostError, PluginError, ServiceError
from host.database.connect import connect
from host.database.embedded.lease import Lease
from host.database.embedded.lease import start as start_embedded
from host.lifecycle.boot import Boot
from host.lifecycle.models import close_models, open_models
from host.lifecycle.parallel import ParallelRun
from host.lifecycle.stopping import call_on_shutdown, close_services, log_errors
from host.loading.timeouts import awaited
from host.registration.contributions import Contributions, shared_children

if TYPE_CHECKING:
    from litestar import Litestar
    from pymongo import AsyncMongoClient

#: The hooks that are called at start or stop.
_HOOKS: Final = frozenset({"on_startup", "on_ready", "on_shutdown"})


class Runtime:
    """The started half of a host.

    Args:
        boot: the start, registered and assembled.
        started: called with the key of each plugin that has started.
    """

    def __init__(self, boot: Boot, started: Callable[[str], None] = lambda _key: None) -> None:
        self._boot = boot
        self._note_started = started
        self._tasks = boot.tasks
        self._tasks.on_cancelled = self._stop_cancelled
        #: The plugins in the order in which they began to start; they are stopped in reverse.
        self._started: list[Contributions] = []
        #: The keys of those whose ``on_startup`` has succeeded.
        self._ready: set[str] = set()
        self._sharing: dict[str, list[Contributions]] = {}
        self._prerequisites: dict[str, set[str]] = {}
        self._client: AsyncMongoClient[dict[str, Any]] | None = None
        self._lease: Lease | None = None

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        """Start, serve, stop; plugins that have started are stopped also if the start fails."""
        try:
            await self.start()
        except BaseException:
            try:
                await self.stop()
            except BootError as stopping:
                log_errors(stopping.errors)  # the failure of the start is what matters
            raise
        try:
            yield
        finally:
            await self.stop()

    async def start(self) -> None:
        """Open the database and the channels, then start the plugins: independent ones together, others in order.

        Raises:
            DatabaseError: the database is not available.
            ChannelsUnreachableError: the server that carries messages between processes is not available.
            BootError: a plugin failed whose policy is ``abort``, or a model cannot be opened.
        """
        boot = self._boot
        with boot.phase("start"):
            if boot.models:
                with boot.timeline.span("database"):
                    await self._open_database()
            if boot.channels.channel_states:
                with boot.timeline.span("channels"):
                    await boot.channels.start()
            self._sharing = shared_children(boot.contributions)
            await self._for_each(self._start_plugin)
            boot.failures.check()
        with boot.phase("ready"):
            await self._for_each(lambda plugin: boot.run_hook(plugin, "on_ready"))
            boot.failures.check()

    async def stop(self) -> None:
        """Stop the plugins one by one, in the reverse of the order in which they started; every error is reported.

        Raises:
            BootError: all errors.
        """
        errors: list[HostError] = []
        self._boot.status.state = "stopping"
        try:
            with self._boot.phase("stop", "stopping"):
                while self._started:
                    await self._stop_plugin(self._started.pop(), errors)
        finally:
            await self._tasks.end_all()
            try:
                await self._boot.channels.stop()
            finally:
                await self._close_database()
        if errors:
            raise BootError(errors, when="stop")

    async def _for_each(self, function: Callable[[Contributions], Awaitable[object]]) -> None:
        """Call a function for each plugin that has not failed, of independent ones together."""
        plugins = {plugin.key: plugin for plugin in self._boot.contributions}
        self._prerequisites = self._boot.plan.prerequisites()

        async def call(key: str) -> None:
            if key not in self._boot.failures:
                await function(plugins[key])

        await ParallelRun(
            list(plugins),
            self._prerequisites,
            tasks=self._tasks,
            function=call,
            is_active=lambda key: self._is_active(plugins[key]),
            settle=self._stop_failed,
        ).run()

    def _is_active(self, plugin: Contributions) -> bool:
        """Whether anything of a plugin is called at start or stop; if not, it needs no task."""
        if not _HOOKS.isdisjoint(plugin.plugin.hooks):
            return True
        return any(_has_factories(sharing) for sharing in (plugin, *self._sharing.get(plugin.key, ())))

    async def _start_plugin(self, plugin: Contributions) -> None:
        boot = self._boot
        if not await self._make_all_services(plugin) or plugin.key in boot.failures:
            return
        if not await boot.run_hook(plugin, "on_startup"):
            return
        self._ready.add(plugin.key)  # also if it has failed meanwhile, because what it has opened must be closed
        if plugin.key not in boot.failures:
            boot.status.plugins[plugin.key] = "ready"
            self._note_started(plugin.key)

    async def _stop_failed(self, running: Mapping[str, asyncio.Future[None]]) -> None:
        """Stop plugins that had started before they failed; the others are served without them.

        A plugin may still be starting when one that it needs fails, because a shared child of that one does. It is interrupted,
        and nothing is stopped before it has ended, so that the order holds.
        """
        if interrupted := [key for key in running if key in self._boot.failures]:
            for key in interrupted:
                self._tasks.interrupt(key, running[key])
            return
        failed = [plugin for plugin in reversed(self._started) if plugin.key in self._boot.failures]
        errors: list[HostError] = []
        for plugin in failed:
            await self._stop_plugin(plugin, errors)
            if plugin in self._started:  # removed only now: if the start is cancelled meanwhile, the stop does the rest
                self._started.remove(plugin)
        log_errors(errors)

    async def _stop_cancelled(self, key: str) -> None:
        """Stop a plugin whose task group has failed while nothing else of the plugin ran; called in the task of the plugin."""
        plugin = next((plugin for plugin in self._started if plugin.key == key), None)
        if plugin is None:
            return
        self._started.remove(plugin)
        message = "a task group or cancel scope that on_startup has left open was cancelled, so the plugin was stopped"
        fix = "handle the errors of background tasks in the tasks; on_shutdown, which leaves the group, reports what they raised"
        error = plugin.make_error(HookCallError, message, hook="on_startup", fix=fix)
        errors: list[HostError] = [error]
        self._boot.fail(key, error)
        with suppress(asyncio.CancelledError):  # the scope cancels until the plugin has left it
            await self._stop_here(plugin, errors)
        log_errors(errors)

    async def _stop_plugin(self, plugin: Contributions, errors: list[HostError]) -> None:
        if self._is_active(plugin):
            await self._tasks.run(plugin.key, partial(self._stop_here, plugin, errors))
            await self._tasks.end(plugin.key)
        self._boot.status.plugins[plugin.key] = "stopped"

    async def _stop_here(self, plugin: Contributions, errors: list[HostError]) -> None:
        """Stop a plugin; called in its own task. If it is interrupted, it may be called again, and goes on with the rest."""
        if plugin.key in self._ready and "on_shutdown" in plugin.plugin.hooks:
            self._ready.remove(plugin.key)
            await call_on_shutdown(self._boot, plugin, errors)
        await close_services(self._boot, plugin, errors)

    async def _open_database(self) -> None:
        settings = self._boot.settings
        url = settings.database.url
        if not url:
            self._lease = start_embedded(settings.state, mongod=settings.database.mongod)
            url = await self._lease.wait_async()
        self._client = await connect(url, timeout=settings.database.timeout)
        while refused := await open_models(self._client, settings.database.name, self._boot.contributions):
            for plugin, error in refused:  # each of these plugins fails, so the loop ends
                self._boot.fail(plugin.key, error)
            self._boot.failures.check()
        self._boot.transactions.use(self._client)

    async def _close_database(self) -> None:
        lease, self._lease = self._lease, None
        client, self._client = self._client, None
        self._boot.transactions.use(None)
        try:
            if client is not None:
                close_models(client, self._boot.models.values())
                await client.close()
        finally:
            if lease is not None:
                lease.release()

    async def _make_all_services(self, plugin: Contributions) -> bool:
        """Create a plugin's services, and before its ``on_startup`` those that its shared children put into its scope.

        A shared child that waits for a plugin that starts later creates its services in its own turn.

        Returns:
            whether all succeeded.
        """
        if not (plugin.plugin.shared and plugin in self._started):
            self._started.append(plugin)
            if not await self._make_services(plugin):
                return False
        for child in self._sharing.get(plugin.key, ()):
            if all(self._has_come(key) for key in self._prerequisites[child.key] if key != plugin.key):
                self._started.append(child)
                if _has_factories(child):
                    await self._make_services_of(child, plugin)
                else:
                    await self._make_services(child)
                if plugin.key in self._boot.failures:  # it fails with its shared children
                    return False
        return True

    async def _make_services_of(self, child: Contributions, plugin: Contributions) -> None:
        """Create the services of a shared child in its own task, because it closes there what it opens."""
        try:
            await self._tasks.run(child.key, partial(self._make_services, child))
        except asyncio.CancelledError as error:
            if self._tasks.is_interrupted():
                raise
            message = f"a task group or cancel scope that a factory has left open was cancelled while {child.key} was starting"
            fix = "handle the errors of background tasks in the tasks"
            problem = plugin.make_error(ServiceError, message, hook="register_services", fix=fix)
            problem.__cause__ = error
            self._boot.fail(plugin.key, problem)

    def _has_come(self, key: str) -> bool:
        """Whether a plugin has started, or will not start because it has failed."""
        return key in self._ready or key in self._boot.failures

    async def _make_services(self, plugin: Contributions) -> bool:
        for name, service in plugin.services.items():
            if isinstance(service, RequestService):
                continue
            try:
                plugin.scope.services.put(name, await self._made(plugin, name, service))
            except PluginError as error:
                self._boot.fail(plugin.key, error)
                return False
        return True

    async def _made(self, plugin: Contributions, name: str, service: Any) -> Any:
        if not isinstance(service, Service):
            return service
        what = f"the factory of the service {name!r}"
        with self._boot.timeline.span(f"service {name}", plugin.key) as span:
            with plugin.plugin.error_context("register_services", what, ServiceError):
                result = service.factory(plugin.scope) if _takes_scope(service.factory) else service.factory()
            if not inspect.iscoroutine(result):
                return result
            return await awaited(
                plugin.plugin, "register_services", self._boot.limit, result, span=span, what=what, kind=ServiceError
            )


def _takes_scope(factory: Callable[..., Any]) -> bool:
    """Whether a factory takes the scope: it has a parameter of that name, or one without a default."""
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(factory).parameters.values()
    return any(
        parameter.name == "scope" or (parameter.default is parameter.empty and parameter.kind not in variadic)
        for parameter in parameters
    )


def _has_factories(plugin: Contributions) -> bool:
    return any(isinstance(service, Service) for service in plugin.services.values())

"""From an assembled application to a serving one and back: database, services, start and stop (phases 5 and 7)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hookspecs import RequestService, Service
from host.common.errors import BootError, HookCallError, HostError, PluginError, ServiceError
from host.common.rendering import error_block
from host.database.connect import connect
from host.database.embedded.lease import Lease
from host.database.embedded.lease import start as start_embedded
from host.lifecycle.boot import Boot
from host.lifecycle.models import close_models, open_models
from host.loading.timeouts import awaited
from host.registration.contributions import Contributions, shared_children

if TYPE_CHECKING:
    from litestar import Litestar
    from pymongo import AsyncMongoClient

_LOG: Final = logging.getLogger("host")


class Runtime:
    """The started half of a host.

    Args:
        boot: what was registered.
        started: is told the key of each plugin that has started.
    """

    def __init__(self, boot: Boot, started: Callable[[str], None] = lambda _key: None) -> None:
        self._boot = boot
        self._tell = started
        self._limit = boot.limit
        self._started: list[Contributions] = []
        self._to_shut_down: set[str] = set()
        self._client: AsyncMongoClient[dict[str, Any]] | None = None
        self._lease: Lease | None = None

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        """Start, serve, stop; what was started is stopped also when the start fails."""
        try:
            await self.start()
        except BaseException:
            try:
                await self.stop()
            except BootError as stopping:
                _log(stopping.errors)  # the failure of the start is what matters
            raise
        try:
            yield
        finally:
            await self.stop()

    async def start(self) -> None:
        """Phase 5.

        Raises:
            DatabaseError: the database is not there.
            ChannelsUnreachableError: what carries messages between processes is not there.
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
            sharing = shared_children(boot.contributions)
            for one in boot.contributions:
                await asyncio.sleep(0)  # a start that was cancelled ends here, whatever the plugins do
                if one.key in boot.failures:
                    continue
                if await self._make_all_services(one, sharing.get(one.key, ())) and await boot.run_hook(one, "on_startup"):
                    self._to_shut_down.add(one.key)
                    boot.status.plugins[one.key] = "ready"
                    self._tell(one.key)
                await self._stop_failed()
            boot.failures.check()
        with boot.phase("ready"):
            await boot.run_hooks("on_ready")
            await self._stop_failed()
            boot.failures.check()

    async def stop(self) -> None:
        """Phase 7: in reverse order, each alone; every error is reported (rows F25, F26).

        Raises:
            BootError: what went wrong on the way.
        """
        errors: list[HostError] = []
        self._boot.status.state = "stopping"
        try:
            with self._boot.phase("stop", "stopping"):
                while self._started:
                    await self._stop_one(self._started.pop(), errors)
        finally:
            try:
                await self._boot.channels.stop()
            finally:
                await self._close_database()
        if errors:
            raise BootError(errors, when="stop")

    async def _stop_failed(self) -> None:
        """Stop what plugins had started before they failed, or were taken along: the others are served without them."""
        failed = [one for one in reversed(self._started) if one.key in self._boot.failures]
        errors: list[HostError] = []
        for one in failed:
            self._started.remove(one)
            await self._stop_one(one, errors)
        _log(errors)

    async def _stop_one(self, one: Contributions, errors: list[HostError]) -> None:
        if one.key in self._to_shut_down and "on_shutdown" in one.plugin.hooks:
            await self._note(errors, one, "on_shutdown", partial(one.plugin.invoke, "on_shutdown", scope=one.scope))
        await self._close_services(one, errors)
        self._boot.status.plugins[one.key] = "stopped"

    async def _open_database(self) -> None:
        settings = self._boot.settings
        url = settings.database.url
        if not url:
            self._lease = start_embedded(settings.state, mongod=settings.database.mongod)
            url = await self._lease.wait_async()
        self._client = await connect(url, timeout=settings.database.timeout)
        while refused := await open_models(self._client, settings.database.name, self._boot.contributions):
            for one, error in refused:  # each of these plugins fails, so the loop ends
                self._boot.fail(one.key, error)
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

    async def _make_all_services(self, one: Contributions, sharing: Iterable[Contributions]) -> bool:
        """Make a plugin's services, and before its ``on_startup`` those that its shared children put into its scope.

        A shared child that waits for another plugin makes its services in its own turn.
        """
        if not (one.plugin.shared and one in self._started) and not await self._begin(one):
            return False
        for child in sharing:
            started = {other.key for other in self._started}
            if self._boot.plan.needs(child.key) <= started and not await self._begin(child):
                return False
        return True

    async def _begin(self, one: Contributions) -> bool:
        self._started.append(one)
        return await self._make_services(one)

    async def _make_services(self, one: Contributions) -> bool:
        for name, service in one.services.items():
            if isinstance(service, RequestService):
                continue
            try:
                one.scope.services.put(name, await self._made(one, name, service))
            except PluginError as error:
                self._boot.fail(one.key, error)
                return False
        return True

    async def _made(self, one: Contributions, name: str, service: Any) -> Any:
        if not isinstance(service, Service):
            return service
        what = f"the factory of the service {name!r}"
        with self._boot.timeline.span(f"service {name}", one.key):
            with one.plugin.error_context("register_services", what, ServiceError):
                result = service.factory(one.scope) if _takes_scope(service.factory) else service.factory()
            if not inspect.iscoroutine(result):
                return result
            return await awaited(one.plugin, "register_services", self._limit, result, what=what, kind=ServiceError)

    async def _close_services(self, one: Contributions, errors: list[HostError]) -> None:
        for name, service in reversed(list(one.services.items())):
            if isinstance(service, Service) and service.close is not None and one.scope.services.made(name):
                call = partial(service.close, one.scope.services[name])
                await self._note(errors, one, "register_services", call, f"close of the service {name!r}", ServiceError)
                one.scope.services.drop(name)

    async def _note(
        self,
        errors: list[HostError],
        one: Contributions,
        hook: str,
        call: Callable[[], Any],
        what: str = "",
        kind: type[PluginError] = HookCallError,
    ) -> None:
        """Call something at the stop; what it raises is noted, so that the others stop too."""
        try:
            with self._boot.timeline.span(what or hook, one.key):
                with one.plugin.error_context(hook, what, kind):
                    result = call()
                if inspect.isawaitable(result):
                    await awaited(one.plugin, hook, self._limit, result, what=what, kind=kind)
        except PluginError as error:
            errors.append(error)


def _log(errors: Iterable[HostError]) -> None:
    for error in errors:
        _LOG.error("while stopping\n%s", error_block(error))


def _takes_scope(factory: Callable[..., Any]) -> bool:
    """Whether a factory wants the scope: it has an argument of that name, or one that must be given."""
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(factory).parameters.values()
    return any(one.name == "scope" or (one.default is one.empty and one.kind not in variadic) for one in parameters)

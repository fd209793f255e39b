"""From the settings to an application, phase by phase: all plugins finish one before the next begins (row E3; design, 7)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from host.assembly.models import name_collections
from host.assembly.payloads import PayloadWrapper
from host.assembly.refusals import find_refused
from host.assembly.web import Lifespan, build_application
from host.conflicts import find_conflicts
from host.contracts import Contracts
from host.contributions import Contributions, collect, collect_frontend
from host.discovery import Discovery, InstalledPlugin, discover
from host.errors import DependencyCycleError, HookCallError, HookTimeoutError, HostError, PluginError
from host.failures import Failures
from host.hooks import HookManager
from host.loading import LoadedPlugin, identity, load
from host.naming import is_key, join_paths
from host.order import CycleError, parse_rules, sort
from host.rendering import error_block
from host.scope import PluginScope
from host.settings import PluginSettings, Settings

if TYPE_CHECKING:
    from litestar import Litestar

    from hookspecs.scope import Role

_LOG: Final = logging.getLogger("host")


class Boot:
    """One start: what was discovered, loaded and registered, and what failed.

    Args:
        settings: the settings.
        role: what this process does.
    """

    def __init__(self, settings: Settings, role: Role = "web") -> None:
        self.settings = settings
        self.role: Role = role
        self.discovery: Discovery = discover(settings)
        policies = {key: table.on_failure for key, table in self.discovery.settings.items() if table.on_failure}
        self.failures = Failures(policies, settings.plugins.on_failure)
        self.payloads = PayloadWrapper()
        self.contracts = Contracts({})
        self.models: dict[str, Any] = {}
        self._installed: dict[str, InstalledPlugin] = {plugin.key: plugin for plugin in self.discovery.enabled}
        self._before: dict[str, set[str]] = {}
        self._rules: dict[str, set[str]] = {}
        self._order: list[str] = []
        self._contributions: dict[str, Contributions] = {}

    @property
    def order(self) -> list[str]:
        """The keys of the plugins that have not failed, in load order."""
        return [key for key in self._order if key not in self.failures]

    @property
    def contributions(self) -> list[Contributions]:
        """What the plugins that have not failed registered, in load order."""
        return [self._contributions[key] for key in self.order if key in self._contributions]

    async def register(self) -> None:
        """Phases 1 to 3: discover, load, register. Failures are recorded, none is raised."""
        self._sort_installed()
        for plugin in self._load():
            scope = PluginScope(plugin, role=self.role, environment=self.settings.environment, wrapper=self.payloads)
            self._contributions[plugin.key] = Contributions(plugin, scope)
        await self.run_hooks("configure")
        for one in self._not_failed():
            try:
                self._contributions[one.key] = collect(one.plugin, one.scope)
            except PluginError as error:
                self.fail(one.key, error)
        self._connect()
        for one in self._not_failed():
            try:
                collect_frontend(one)
            except PluginError as error:
                self.fail(one.key, error)

    def assemble(self, lifespan: Sequence[Lifespan] = ()) -> Litestar:
        """Phase 4: the application and the models of the plugins that have not failed.

        Args:
            lifespan: what runs around serving.

        Raises:
            BootError: a plugin failed whose policy is ``abort``.
        """
        self.failures.check()
        app = self._application(lifespan)
        self.payloads.use(handler for one in self.contributions for handler in one.payloads)
        self.models = name_collections(self.contributions)
        for one in self._not_failed():
            try:
                one.plugin.call("app_built", scope=one.scope, app=app)
            except PluginError as error:
                self.fail(one.key, error)
        self.failures.check()
        return app

    def _application(self, lifespan: Sequence[Lifespan]) -> Litestar:
        """The application; where Litestar makes none, the plugins to blame fail, and it is made without them."""
        try:
            return self._build(lifespan)
        except Exception:
            refused = find_refused(self.contributions, self.contracts)
            if not refused:
                raise
            for one, error in refused:
                self.fail(one.key, error)
        self.failures.check()
        return self._build(lifespan)

    def _build(self, lifespan: Sequence[Lifespan]) -> Litestar:
        return build_application(
            self.contributions,
            self.contracts,
            failed=[(key, self._prefix(key)) for key in self.failures if key in self._installed and is_key(key)],
            is_failed=self.failures.__contains__,
            isolating=lambda key: self.failures.policy(key) == "isolate",
            lifespan=lifespan,
        )

    async def run_hooks(self, hook: str) -> None:
        """Call one hook of every plugin that has not failed, one after the other, each under its time limit."""
        for one in self._not_failed():
            await self.run_hook(one, hook)

    async def run_hook(self, one: Contributions, hook: str) -> bool:
        """Call one hook of one plugin and await it; a failure is recorded.

        Returns:
            whether it went well.
        """
        try:
            await call_limited(one.plugin, hook, self.settings.plugins.timeout, scope=one.scope)
        except PluginError as error:
            self.fail(one.key, error)
            return False
        return True

    def fail(self, key: str, error: HostError) -> None:
        """Record a failure; whoever depends on the plugin fails with it."""
        self.failures.add(key, error)
        dependants: dict[str, set[str]] = {}
        for name, others in self._before.items():
            for other in others:
                dependants.setdefault(other, set()).add(name)
        taken = self.failures.take_along(dependants, {name: identity(plugin) for name, plugin in self._installed.items()})
        if self.failures.policy(key) == "isolate":
            for one in (error, *(one for name in taken for one in self.failures[name])):
                _LOG.error("isolated, the others are served\n%s", error_block(one))

    def _not_failed(self) -> Iterator[Contributions]:
        """The contributions in load order, without those of plugins that fail while one goes through them."""
        return (one for one in self.contributions if one.key not in self.failures)

    def _prefix(self, key: str) -> str:
        table = self.discovery.settings.get(key)
        return (table.prefix if table else None) or join_paths(key)

    def _sort_installed(self) -> None:
        """Order by ``Requires-Dist`` and by the settings; what discovery found wrong, and who waits in a ring, fails."""
        self._rules = parse_rules(self.settings, {plugin.key for plugin in self.discovery.installed})
        for plugin in self.discovery.enabled:
            self._before[plugin.key] = {other.key for other in self.discovery.requires(plugin)}
        for error in self.discovery.errors:
            self.fail(error.plugin, error)
        self._sort()

    def _sort(self) -> None:
        while True:
            waiting = {
                key: self._before.get(key, set()) | self._rules.get(key, set())
                for key in self._installed
                if key not in self.failures
            }
            try:
                self._order = sort(waiting, waiting)
            except CycleError as cycle:
                self._refuse_ring(cycle.ring)
            else:
                return

    def _refuse_ring(self, ring: tuple[str, ...]) -> None:
        first = self._installed[ring[0]]
        error = DependencyCycleError(
            f"plugins wait for each other: {' -> '.join(ring)}",
            **identity(first),
            fix="break the ring: drop one requirement, contract or rule of plugins.order, or disable one of them",
        )
        for key in dict.fromkeys(ring):
            self.failures.add(key, error)
        self.fail(ring[0], error)

    def _load(self) -> Iterable[LoadedPlugin]:
        manager = HookManager()
        for key in list(self._order):
            if key in self.failures:
                continue
            table = self.discovery.settings.get(key, PluginSettings())
            try:
                plugin = load(self._installed[key], manager, table, self.settings)
            except PluginError as error:
                self.fail(key, error)
            else:
                yield plugin

    def _connect(self) -> None:
        """Find conflicts, connect users of contracts with providers, and let the contracts join the load order."""
        self.contracts = Contracts.of(self.contributions)
        for one in self.contributions:  # before anybody fails, so that users go with their provider
            for uses in one.uses:
                provider = self.contracts.provider(uses)
                if provider is not None and provider != one.key:
                    self._before.setdefault(one.key, set()).add(provider)
        for loser, error in find_conflicts(self.contributions):
            self.fail(loser.key, error)
        self.contracts = Contracts.of(self.contributions)
        for one in self._not_failed():
            for uses in one.uses:
                if problem := self.contracts.problem(one, uses):
                    self.fail(one.key, problem)
        self._sort()
        self.contracts = Contracts.of(self.contributions)
        for one in self.contributions:
            one.scope.bind(self.contracts.implementations(one.uses))
        self._declare_services()

    def _declare_services(self) -> None:
        owners: dict[str, list[str]] = {}
        for one in self.contributions:
            for name in one.services:
                owners.setdefault(name, []).append(one.key)
        for one in self.contributions:
            one.scope.services.declare(one.services, lambda name: owners.get(name, []))


async def call_limited(plugin: LoadedPlugin, hook: str, limit: float, **arguments: Any) -> None:
    """Call a hook and await what it returns.

    Args:
        plugin: whose hook.
        hook: its name.
        limit: seconds until it is given up, 0 for no limit.
        arguments: of the hook.

    Raises:
        HookCallError: it raised.
        HookTimeoutError: it took longer; a function that is not async cannot be interrupted, only awaiting can.
    """
    result = plugin.call(hook, **arguments)
    if inspect.isawaitable(result):
        await awaited(plugin, hook, limit, result)


async def awaited(
    plugin: LoadedPlugin, hook: str, limit: float, result: Any, *, what: str = "", kind: type[PluginError] = HookCallError
) -> Any:
    """Await something of a plugin's under its time limit, and put its name on what goes wrong.

    Args:
        plugin: whose it is.
        hook: the hook that gave it, or that registered what gave it.
        limit: seconds, 0 for no limit.
        result: what to await.
        what: what gave it, where it is not the hook itself.
        kind: of the error when it raises.

    Raises:
        HookTimeoutError: it took longer.
        PluginError: it raised.
    """
    try:
        async with asyncio.timeout(limit or None):
            with plugin.blaming(hook, what, kind):
                return await result
    except TimeoutError:
        message = f"{what or hook} did not finish within {limit:g} s"
        fix = "look for what it waits on; the limit is plugins.timeout, 0 for none"
        raise plugin.blame(HookTimeoutError, message, hook=hook, fix=fix) from None
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise plugin.raised(error, hook, what, kind) from error  # the plugin cancelled something of its own

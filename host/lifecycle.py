"""From the settings to an application, phase by phase: all plugins finish one before the next begins (row E3; design, 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from host.assembly.models import name_collections
from host.assembly.payloads import PayloadWrapper
from host.assembly.refusals import find_refused
from host.assembly.web import Lifespan, build_application
from host.conflicts import find_conflicts
from host.contracts import Contracts
from host.contributions import Contributions, collect, collect_frontend
from host.discovery import Discovery, discover
from host.errors import HostError, PluginError
from host.failures import Failures
from host.hooks import HookManager
from host.limits import call_limited
from host.load_order import LoadOrder
from host.loading import LoadedPlugin, load
from host.naming import is_key, join_paths
from host.scope import PluginScope
from host.settings import PluginSettings, Settings

if TYPE_CHECKING:
    from litestar import Litestar

    from hookspecs.scope import Role


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
        self._plan = LoadOrder(self.discovery, self.failures, settings)
        self._contributions: dict[str, Contributions] = {}

    @property
    def order(self) -> list[str]:
        """The keys of the plugins that have not failed, in load order."""
        return [key for key in self._plan.keys if key not in self.failures]

    @property
    def contributions(self) -> list[Contributions]:
        """What the plugins that have not failed registered, in load order."""
        return [self._contributions[key] for key in self.order if key in self._contributions]

    async def register(self) -> None:
        """Phases 1 to 3: discover, load, register. Failures are recorded, none is raised."""
        self._plan.start()
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
            failed=[(key, self._prefix(key)) for key in self.failures if key in self._plan.installed and is_key(key)],
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
        self._plan.fail(key, error)

    def _not_failed(self) -> Iterator[Contributions]:
        """The contributions in load order, without those of plugins that fail while one goes through them."""
        return (one for one in self.contributions if one.key not in self.failures)

    def _prefix(self, key: str) -> str:
        table = self.discovery.settings.get(key)
        return (table.prefix if table else None) or join_paths(key)

    def _load(self) -> Iterable[LoadedPlugin]:
        manager = HookManager()
        for key in self.order:
            if key in self.failures:
                continue  # taken along meanwhile
            table = self.discovery.settings.get(key, PluginSettings())
            try:
                plugin = load(self._plan.installed[key], manager, table, self.settings)
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
                    self._plan.add(provider, before=one.key, needed=not uses.optional)
        for loser, error in find_conflicts(self.contributions):
            self.fail(loser.key, error)
        self.contracts = Contracts.of(self.contributions)
        for one in self._not_failed():
            for uses in one.uses:
                if problem := self.contracts.problem(one, uses):
                    self.fail(one.key, problem)
        self._plan.sort()
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

"""From the settings to an application, phase by phase: all plugins finish one before the next begins (row E3; design, 7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from litestar.serialization import encode_json, get_serializer

from host.common.class_lookup import lookup_by_mro
from host.common.errors import BootError, HostError, PluginError
from host.common.naming import is_key, join_paths
from host.common.settings import Settings
from host.common.timeline import Timeline
from host.database.transactions import Transactions
from host.discovery.discover import Discovery, discover
from host.lifecycle.models import name_collections
from host.lifecycle.progress import report_progress
from host.lifecycle.report import Report, make_report
from host.loading.disabled_hooks import DisabledHooks
from host.loading.failures import Failures
from host.loading.load_order import LoadOrder
from host.loading.loader import Loader
from host.loading.timeouts import Limit, call_limited
from host.registration.authentication import follow_authenticator, unauthenticated
from host.registration.collect import collect, collect_frontend
from host.registration.conflicts import find_conflicts, foreign_rules
from host.registration.contracts.contracts import Contracts
from host.registration.contributions import Contributions
from host.registration.injection import missing_names
from host.registration.plugin_tree import PluginTree
from host.registration.scope import PluginScope, ScopeServices
from host.web.assemble import Lifespan, build_application
from host.web.availability import Status
from host.web.build_errors import find_refused
from host.web.channels.broker import ChannelBroker
from host.web.health import Health
from host.web.payloads import PayloadWrapper

if TYPE_CHECKING:
    from litestar import Litestar

    from hookspecs import Extension, Rules, Uses
    from hookspecs.scope import Role
    from host.loading.plugin import LoadedPlugin


class Boot:
    """One start: what was discovered, loaded and registered, and what failed.

    Args:
        settings: the settings.
        role: what this process does.
        disabled_hooks: hooks that are not called.
    """

    def __init__(self, settings: Settings, role: Role = "web", disabled_hooks: DisabledHooks | None = None) -> None:
        self.settings = settings
        self.role: Role = role
        #: What the host is doing.
        self.status = Status()
        self.timeline = Timeline(settings.plugins.timeout)
        #: What ended the start, where it was no failure of plugins.
        self.end: HostError | None = None
        self.limit = Limit(settings.plugins.timeout, self._loaded)
        with self.timeline.span("discover"):
            self.discovery: Discovery = discover(settings)
        policies = {key: table.on_failure for key, table in self.discovery.settings.items() if table.on_failure}
        self.failures = Failures(policies, settings.plugins.on_failure)
        self.payloads = PayloadWrapper()
        self.channels = ChannelBroker(settings, self.limit, self.failures.__contains__)
        self.transactions = Transactions()
        self._rules: dict[type[Any], Rules] = {}
        self._scope_services = ScopeServices(self.payloads, self._broadcast, self.transactions.run, self.rules)
        self.contracts = Contracts({})
        #: Whether a failure takes something away from plugins that do not fail with it.
        self._loosely_bound = False
        self.models: dict[str, Any] = {}
        self.plan = LoadOrder(self.discovery, self.failures, settings)
        self._disabled_hooks = disabled_hooks or DisabledHooks()
        loader = Loader(settings, self.timeline, self.discovery.installed, self._disabled_hooks)
        self._tree = PluginTree(self.plan, loader, self._scope)

    @property
    def order(self) -> list[str]:
        """The keys of the plugins that have not failed, in load order."""
        return [key for key in self.plan.keys if key not in self.failures]

    @property
    def keys(self) -> list[str]:
        """The keys of all plugins that were to be started, children included."""
        return [*self.plan.installed, *self.plan.parents]

    @property
    def contributions(self) -> list[Contributions]:
        """What the plugins that have not failed registered, in load order."""
        return [self._tree.nodes[key] for key in self.order if key in self._tree.nodes]

    async def register(self) -> None:
        """Phases 1 to 3: discover, load, register. Failures of plugins are recorded, none is raised.

        Raises:
            ConfigurationError: a hook to leave out that its plugin does not implement.
            NoSuchPluginError: a hook to leave out of a plugin that is not there.
        """
        with self.phase("load"):
            self.plan.start()
            self._tree.grow(self.discovery.settings)
            self._disabled_hooks.check(self.plan.installed.keys() | self.plan.parents.keys(), self.failures)
            self.plan.sort()
        with self.phase("configure"):
            await self.run_hooks("configure")
        with self.phase("register"):
            self._each(collect)
            self._connect()
            self._each(collect_frontend)

    @contextmanager
    def phase(self, what: str, doing: str = "starting") -> Iterator[None]:
        """Note how long a phase takes, and say who is slow meanwhile.

        Args:
            what: its name.
            doing: ``starting`` or ``stopping``.
        """
        try:
            with report_progress(self.timeline, self._loaded, doing), self.timeline.span(what):
                yield
        except BootError:
            raise  # made of failures that were noted one by one
        except HostError as error:
            self.end = self.end or error
            raise

    def report(self) -> Report:
        """What took how long and what failed, as far as the start has come (rows F32, E20)."""
        return make_report(self.timeline, self.failures, self.end)

    def _loaded(self) -> list[LoadedPlugin]:
        return [one.plugin for one in self._tree.nodes.values()]

    def _scope(self, plugin: LoadedPlugin, parent: PluginScope | None) -> PluginScope:
        return PluginScope(plugin, parent, role=self.role, environment=self.settings.environment, services=self._scope_services)

    def rules(self, model: type[Any]) -> Rules | None:
        """The rules for the documents of a class."""
        return lookup_by_mro(self._rules, model)

    async def _broadcast(self, scope: PluginScope, key: str, message: Any) -> None:
        """Send now, or when the transaction of this task is committed; what is wrong with the message is told now."""
        frame = self.channels.frame(scope, key, message)
        await self.transactions.after_commit(partial(self.channels.send, frame))

    def _each(self, function: Callable[[Contributions], object]) -> None:
        """Do something for each plugin; who raises fails."""
        for one in self._not_failed():
            try:
                function(one)
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
        with self.phase("assemble"):
            app = self._application(lifespan)
            self._rules = {rules.model: rules for one in self.contributions for rules in one.rules}
            self.payloads.use((handler for one in self.contributions for handler in one.payloads), self._rules)
            self.channels.use(self.contributions, partial(encode_json, serializer=get_serializer(app.type_encoders)))
            self.models = name_collections(self.contributions)
            self._each(lambda one: one.plugin.call("app_built", scope=one.scope, app=app))
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
            failed=self._refused_prefixes(),
            is_failed=self.failures.__contains__,
            isolating=self._may_be_isolated,
            lifespan=lifespan,
            health=Health(self),
            channels=self.channels,
        )

    def _may_be_isolated(self, key: str) -> bool:
        """Whether a plugin may fail while others are served, by itself or with one that it needs."""
        if not self.failures.isolates:
            return False
        return any(self.failures.policy(one) == "isolate" for one in (key, *self.plan.fails_with(key)))

    async def run_hooks(self, hook: str) -> None:
        """Call one hook of every plugin that has not failed, one after the other, each under its time limit."""
        for one in self._not_failed():
            await asyncio.sleep(0)  # a start that was cancelled ends here, whatever the plugins do
            await self.run_hook(one, hook)

    async def run_hook(self, one: Contributions, hook: str) -> bool:
        """Call one hook of one plugin and await it; a failure is recorded.

        Returns:
            whether it went well.
        """
        try:
            await call_limited(one.plugin, hook, self.limit, scope=one.scope)
        except PluginError as error:
            self.fail(one.key, error)
            return False
        return True

    def fail(self, key: str, error: HostError) -> None:
        """Record a failure; whoever depends on the plugin fails with it, and what they added is taken away."""
        self.plan.fail(key, error)
        if self._loosely_bound:
            self._bind()

    def _not_failed(self) -> Iterator[Contributions]:
        """The contributions in load order, without those of plugins that fail while one goes through them."""
        return (one for one in self.contributions if one.key not in self.failures)

    def _refused_prefixes(self) -> list[tuple[str, str]]:
        """The plugins that failed and have prefixes of their own."""
        return [(key, prefix) for key in self.failures if (prefix := self._prefix(key))]

    def _prefix(self, key: str) -> str:
        """The prefix under which a plugin that failed would have been; "" where it has none of its own."""
        if (parent := self.plan.parents.get(key)) is not None:
            return "" if parent in self.failures else self._tree.prefixes.get(key, "")
        if key not in self.plan.installed or not is_key(key):
            return ""
        table = self.discovery.settings.get(key)
        return (table.prefix if table else None) or join_paths(key)

    def _connect(self) -> None:
        """Connect users of contracts with providers; find what does not fit, and conflicts; let contracts join the load order."""
        self.contracts = Contracts.of(self.contributions)
        for one in self.contributions:  # before anybody fails, so that users go with their provider
            for first, key, needed, why in self.contracts.edges(one):
                self.plan.add(first, before=key, needed=needed, why=why)
        follow_authenticator(self.contributions, self.contracts, self.plan)
        for one, error in list(self.contracts.unfit(self.contributions)):
            self.fail(one.key, error)
        for loser, error in [*foreign_rules(self.contributions), *find_conflicts(self.contributions)]:
            self.fail(loser.key, error)
        self.contracts = Contracts.of(self.contributions)
        for one in self._not_failed():
            taken: tuple[Uses | Extension, ...] = (*one.uses, *one.extensions)
            for value in taken:
                if problem := self.contracts.problem(one, value):
                    self.fail(one.key, problem)
        for one, error in list(unauthenticated(self.contributions, self.contracts)):
            self.fail(one.key, error)
        self.plan.sort()
        self._bind()
        self._loosely_bound = any(one.points or any(uses.optional for uses in one.uses) for one in self.contributions)
        self._declare_services()

    def _bind(self) -> None:
        """Give each scope what the plugins that have not failed provide and add."""
        self.contracts = Contracts.of(self.contributions)
        for one in self.contributions:
            one.scope.bind(self.contracts.implementations(one.uses), self.contracts.extensions(one.points))

    def _declare_services(self) -> None:
        owners: dict[str, dict[str, str]] = {}
        for one in self.contributions:
            for name in one.services:
                owners.setdefault(name, {})[one.key] = one.home
        for one in self.contributions:
            one.scope.services.declare(one.services, lambda name: owners.get(name, {}))
        for one, error in list(missing_names(self.contributions, owners, self.contracts.provided)):
            self.fail(one.key, error)

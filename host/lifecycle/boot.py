"""Order the phases of a start: discover, load, configure, register, assemble. All plugins finish one before the next begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from host.common.compat.probe import warn_of_missing_names
from host.common.errors import BootError, HostError, PluginError
from host.common.settings import Settings
from host.common.timeline import Timeline
from host.discovery.discover import Discovery, discover
from host.lifecycle.assembly import SharedParts, assemble
from host.lifecycle.configure import configure
from host.lifecycle.plugin_tasks import PluginTasks
from host.lifecycle.progress import report_progress
from host.lifecycle.report import Report, make_report
from host.loading.disabled_hooks import DisabledHooks
from host.loading.failures import Failures
from host.loading.hooks import HookManager
from host.loading.load_order import LoadOrder
from host.loading.loader import Loader
from host.loading.timeouts import Limit, call_limited
from host.registration.collect import collect, collect_frontend
from host.registration.contributions import Contributions
from host.registration.plugin_tree import PluginTree
from host.registration.scope import PluginScope
from host.registration.wiring import Wiring, not_failed
from host.web.assemble import Lifespan
from host.web.status import Status

if TYPE_CHECKING:
    from litestar import Litestar

    from hookspecs.scope import Role
    from host.database.transactions import Transactions
    from host.loading.plugin import LoadedPlugin
    from host.registration.contracts.contracts import Contracts
    from host.web.channels.broker import ChannelBroker


class Boot:
    """One start: what was discovered, loaded and registered, and what failed.

    Args:
        settings: the settings.
        role: the role of this process.
        disabled_hooks: hooks that are not called.
        plugin_manager: gets the plugins.
    """

    def __init__(
        self,
        settings: Settings,
        role: Role = "web",
        disabled_hooks: DisabledHooks | None = None,
        plugin_manager: HookManager | None = None,
    ) -> None:
        self.settings = settings
        self.role: Role = role
        #: What the host is doing.
        self.status = Status()
        self.timeline = Timeline(settings.plugins.timeout)
        #: The error that ended the start, unless plugins failed.
        self.end: HostError | None = None
        #: The tasks in which the hooks of the plugins run, from ``configure`` to ``on_shutdown``.
        self.tasks = PluginTasks()
        self.limit = Limit(settings.plugins.timeout, self._loaded, self.tasks.is_interrupted)
        with self.timeline.span("discover"):
            self.discovery: Discovery = discover(settings)
        policies = {key: table.on_failure for key, table in self.discovery.settings.items() if table.on_failure}
        #: pluggy's manager, with the plugins that have not failed.
        self.plugin_manager = HookManager() if plugin_manager is None else plugin_manager
        self.failures = Failures(policies, settings.plugins.on_failure, self.plugin_manager.remove)
        self.parts = SharedParts(settings, self.limit, self.failures.__contains__)
        self._wiring = Wiring(lambda: self.contributions)
        self.plan = LoadOrder(self.discovery, self.failures, settings)
        self._disabled_hooks = disabled_hooks or DisabledHooks()
        loader = Loader(settings, self.timeline, self.discovery.installed, self._disabled_hooks, self.plugin_manager)
        self.tree = PluginTree(self.plan, loader, self._scope, self.discovery.settings)

    @property
    def channels(self) -> ChannelBroker:
        """Delivers messages from plugins to subscribers."""
        return self.parts.channels

    @property
    def transactions(self) -> Transactions:
        """Runs functions of plugins in transactions."""
        return self.parts.transactions

    @property
    def models(self) -> dict[str, Any]:
        """The models of the plugins by collection; empty before they are assembled."""
        return self.parts.models

    @property
    def contracts(self) -> Contracts:
        """The contracts of the plugins that have not failed; empty before they are connected."""
        return self._wiring.contracts

    @property
    def order(self) -> list[str]:
        """The keys of the plugins that have not failed, in load order."""
        return [key for key in self.plan.keys if key not in self.failures]

    @property
    def keys(self) -> list[str]:
        """The keys of all enabled plugins, children included."""
        return [*self.plan.installed, *self.plan.parents]

    @property
    def contributions(self) -> list[Contributions]:
        """What the plugins that have not failed registered, in load order."""
        return [self.tree.nodes[key] for key in self.order if key in self.tree.nodes]

    async def register(self) -> None:
        """Load all plugins, configure them and call their ``register_*`` hooks. Failures of plugins are recorded, not raised.

        Raises:
            ConfigurationError: a disabled hook is not implemented by its plugin.
            NoSuchPluginError: a disabled hook belongs to a plugin that does not exist.
        """
        with self.phase("load"):
            self.plan.start()
            self.tree.load_all()
            self._disabled_hooks.check(self.plan.installed.keys() | self.plan.parents.keys(), self.failures)
            self.plan.sort()
            warn_of_missing_names()  # the plugins have imported what they need of the libraries
        with self.phase("configure"):
            await configure(self.contributions, self.plan, self.tasks, self.run_hook)
        with self.phase("register"):
            self.for_each(collect)
            self._wiring.connect(self.plan)
            self.plugin_manager.arrange(self.order)
            self.for_each(collect_frontend)

    def assemble(self, lifespan: Sequence[Lifespan] = ()) -> Litestar:
        """Build the application of the plugins that have not failed, and name the collections of their models.

        Args:
            lifespan: context managers that surround serving.

        Raises:
            BootError: a plugin failed whose policy is ``abort``.
        """
        self.failures.check()
        with self.phase("assemble"):
            app = assemble(self, lifespan)
        self.failures.check()
        return app

    @contextmanager
    def phase(self, what: str, doing: str = "starting") -> Iterator[None]:
        """Measure a phase, and log which plugins are slow while it lasts.

        Args:
            what: its name.
            doing: ``starting`` or ``stopping``.
        """
        try:
            with report_progress(self.timeline, self._loaded, doing), self.timeline.span(what):
                yield
        except BootError:
            raise  # its failures are recorded one by one
        except HostError as error:
            self.end = self.end or error
            raise

    def report(self) -> Report:
        """Report what took how long and what failed, as far as the start has come."""
        return make_report(self.timeline, self.failures, self.end)

    async def run_hook(self, plugin: Contributions, hook: str) -> bool:
        """Call one hook of one plugin under its time limit, and await it; a failure is recorded.

        Returns:
            whether it succeeded; meanwhile the plugin may have failed as a dependent of another.
        """
        try:
            await call_limited(plugin.plugin, hook, self.limit, scope=plugin.scope)
        except PluginError as error:
            if plugin.key not in self.failures:
                self.fail(plugin.key, error)
            return False
        return True

    def fail(self, key: str, error: HostError) -> None:
        """Record a failure, propagate it to dependents and withdraw their contributions.

        Args:
            key: of the plugin.
            error: why it failed.
        """
        self.plan.fail(key, error)
        self._wiring.withdraw_failed()

    def for_each(self, function: Callable[[Contributions], object]) -> None:
        """Call a function for each plugin that has not failed; a plugin for which it raises fails.

        Args:
            function: takes the contributions of a plugin.
        """
        for plugin in not_failed(self.contributions, self.plan):
            try:
                function(plugin)
            except PluginError as error:
                self.fail(plugin.key, error)

    def _loaded(self) -> list[LoadedPlugin]:
        return [contributions.plugin for contributions in self.tree.nodes.values()]

    def _scope(self, plugin: LoadedPlugin, parent: PluginScope | None) -> PluginScope:
        environment = self.settings.environment
        return PluginScope(plugin, parent, role=self.role, environment=environment, services=self.parts.scope_services)

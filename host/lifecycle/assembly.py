"""Build the application of the plugins that have not failed, and the parts of the host that all scopes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from litestar.serialization import encode_json, get_serializer

from host.common.class_lookup import lookup_by_mro
from host.common.errors import HostError
from host.common.settings import Settings
from host.database.transactions import Transactions
from host.lifecycle.models import name_collections
from host.loading.timeouts import Limit
from host.registration.contributions import Contributions
from host.registration.scope import PluginScope, ScopeServices
from host.web.assemble import Lifespan, build_application
from host.web.build_errors import find_rejected
from host.web.channels.broker import ChannelBroker
from host.web.health import Health
from host.web.health_state import HealthState
from host.web.isolation import Isolation
from host.web.payloads import PayloadWrapper

if TYPE_CHECKING:
    from litestar import Litestar

    from hookspecs import Rules
    from host.loading.load_order import LoadOrder
    from host.registration.contracts.contracts import Contracts
    from host.registration.plugin_tree import PluginTree


class SharedParts:
    """The parts of one host that the scopes of all plugins share. They are made empty, and filled by :meth:`use`.

    Args:
        settings: the settings.
        limit: the time limit of ``authorize_socket``.
        is_failed: whether a plugin failed.
    """

    def __init__(self, settings: Settings, limit: Limit, is_failed: Callable[[str], bool]) -> None:
        self.payloads = PayloadWrapper()
        self.channels = ChannelBroker(settings, limit, is_failed)
        self.transactions = Transactions()
        #: The models by collection.
        self.models: dict[str, Any] = {}
        self._rules: dict[type[Any], Rules] = {}

    @property
    def scope_services(self) -> ScopeServices:
        """The parts in the form in which a scope calls them."""
        return ScopeServices(self.payloads, self._broadcast, self.transactions.run, self.rules)

    def rules(self, model: type[Any]) -> Rules | None:
        """Return the rules for the documents of a class."""
        return lookup_by_mro(self._rules, model)

    def use(self, contributions: Sequence[Contributions], app: Litestar) -> None:
        """Fill the parts with what the plugins registered.

        Args:
            contributions: of the plugins that have not failed, in load order.
            app: their application; channels encode messages as it encodes responses.
        """
        self._rules = {rules.model: rules for plugin in contributions for rules in plugin.rules}
        self.payloads.use((handler for plugin in contributions for handler in plugin.payloads), self._rules)
        self.channels.declare(contributions, partial(encode_json, serializer=get_serializer(app.type_encoders)))
        self.models = name_collections(contributions)

    async def _broadcast(self, scope: PluginScope, key: str, message: Any) -> None:
        """Send a message now, or once the transaction of this task is committed. An invalid message raises at once."""
        encoded = self.channels.encode(scope, key, message)
        await self.transactions.after_commit(partial(self.channels.send, encoded))


class AssemblyState(HealthState, Protocol):
    """A start whose application is built.

    Args:
        plan: the load order.
        tree: the loaded plugins.
        parts: what the scopes of all plugins share.
    """

    plan: LoadOrder
    tree: PluginTree
    parts: SharedParts

    @property
    def contracts(self) -> Contracts:
        """The contracts of the plugins that have not failed."""

    @property
    def channels(self) -> ChannelBroker:
        """Delivers messages from plugins to subscribers."""

    def fail(self, key: str, error: HostError) -> None:
        """Record a failure of a plugin, and propagate it to its dependents."""

    def for_each(self, function: Callable[[Contributions], object]) -> None:
        """Call a function for each plugin that has not failed; a plugin for which it raises fails."""


def assemble(state: AssemblyState, lifespan: Sequence[Lifespan]) -> Litestar:
    """Build the application, fill the shared parts with what the plugins registered, and call the ``app_built`` hooks.

    Args:
        state: of the start.
        lifespan: context managers that surround serving.

    Raises:
        BootError: a plugin failed whose policy is ``abort``.
    """
    app = _make_application(state, lifespan)
    state.parts.use(state.contributions, app)
    state.for_each(lambda plugin: plugin.plugin.call("app_built", scope=plugin.scope, app=app))
    return app


def _make_application(state: AssemblyState, lifespan: Sequence[Lifespan]) -> Litestar:
    """Build the application. If Litestar does not accept a plugin, that plugin fails, and the application is built without it."""
    try:
        return _build(state, lifespan)
    except Exception:
        rejected = find_rejected(state.contributions, state.contracts)
        if not rejected:
            raise
        for plugin, error in rejected:
            state.fail(plugin.key, error)
    state.failures.check()
    return _build(state, lifespan)


def _build(state: AssemblyState, lifespan: Sequence[Lifespan]) -> Litestar:
    return build_application(
        state.contributions,
        state.contracts,
        Isolation(state.tree.failed_prefixes(state.failures), state.failures.__contains__, state.plan.may_be_isolated),
        lifespan=lifespan,
        health=Health(state),
        channels=state.channels,
    )

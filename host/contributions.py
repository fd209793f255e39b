"""What one plugin registers: its hooks called in turn, each result checked and stamped with its owner (rows R4, R24)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from beanie import Document
from litestar import Controller, Litestar, Router
from litestar.handlers import BaseRouteHandler, WebsocketListener

from hookspecs import Channel, Contract, Frontend, PayloadHandler, Service, Uses
from hookspecs.values import Owned, check_name
from host.errors import HookResultError, PluginError, shown
from host.frontend.operations import NamedOperation, check_operations
from host.loading import LoadedPlugin
from host.routes import flatten
from host.scope import PluginScope

OwnedValue = TypeVar("OwnedValue", bound=Owned)


@dataclass(eq=False)
class Contributions:
    """All that one plugin brings.

    Args:
        plugin: the plugin.
        scope: its scope.
    """

    plugin: LoadedPlugin
    scope: PluginScope
    models: tuple[type[Document], ...] = ()
    services: Mapping[str, Any] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()
    uses: tuple[Uses, ...] = ()
    payloads: tuple[PayloadHandler, ...] = ()
    channels: tuple[Channel, ...] = ()
    middleware: tuple[Any, ...] = ()
    handlers: tuple[Any, ...] = ()
    frontend: Frontend = field(default_factory=Frontend)
    operations: tuple[NamedOperation, ...] = ()

    @property
    def key(self) -> str:
        """The plugin key."""
        return self.plugin.key


class _Collector:
    """Calls hooks of one plugin and checks what they return."""

    def __init__(self, contributions: Contributions) -> None:
        self._to: Final = contributions
        self._plugin: Final = contributions.plugin

    def many(self, hook: str, fits: Callable[[Any], bool], wanted: str) -> list[Any]:
        """The results of a hook that returns one value or an iterable of them."""
        result = self._plugin.call(hook, scope=self._to.scope)
        with self._plugin.blaming(hook):  # it may be a generator, which runs only now
            found = list(_several(result, fits))
        for value in found:
            if not fits(value):
                raise self.refuse(hook, value, wanted)
        return found

    def refuse(self, hook: str, value: object, wanted: str) -> PluginError:
        message = f"{hook} returned {shown(value)}; it must return {wanted}"
        return self._plugin.blame(HookResultError, message, hook=hook, fix=f"return {wanted}, several of them, or None")

    def owned(self, values: Iterable[OwnedValue]) -> tuple[OwnedValue, ...]:
        """The values with this plugin as their owner."""
        return tuple(replace(value, owner=self._plugin.key) for value in values)


def collect(plugin: LoadedPlugin, scope: PluginScope) -> Contributions:
    """Call the ``register_*`` hooks of one plugin.

    Raises:
        HookCallError: one raised.
        HookResultError: one returned what it may not.
    """
    found = Contributions(plugin, scope)
    collector = _Collector(found)
    found.models = tuple(collector.many("register_models", _is(Document), "Beanie Document classes"))
    found.services = _services(collector, plugin, scope)
    contracts = collector.many("register_contract", lambda value: isinstance(value, Contract | Uses), "Contract and Uses values")
    found.contracts = collector.owned(value for value in contracts if isinstance(value, Contract))
    found.uses = collector.owned(value for value in contracts if isinstance(value, Uses))
    payloads = collector.many("register_payload", lambda value: isinstance(value, PayloadHandler), "PayloadHandler values")
    found.payloads = collector.owned(payloads)
    found.channels = collector.owned(
        collector.many("register_channels", lambda value: isinstance(value, Channel), "Channel values")
    )
    found.middleware = tuple(collector.many("register_middleware", callable, "ASGI middleware"))
    found.handlers = tuple(collector.many("register_routes", is_handler, "Litestar handlers, controllers or routers"))
    return found


def collect_frontend(contributions: Contributions) -> None:
    """Call ``generate_frontend``; without it, or where it returns ``None``, the default holds (row R18). Name the operations.

    Raises:
        HookCallError: it raised.
        HookResultError: it returned something else than a ``Frontend``.
        ConflictError: two routes would have one name.
        FrontendError: an entity or a channel that is not there.
    """
    plugin = contributions.plugin
    result = plugin.call("generate_frontend", scope=contributions.scope)
    if result is not None:
        if not isinstance(result, Frontend):
            raise _Collector(contributions).refuse("generate_frontend", result, "a Frontend")
        contributions.frontend = replace(result, owner=contributions.key)
    routes = [(route.method, route.path, route.opt) for route in flatten(contributions.handlers)]
    channels = [channel.key for channel in contributions.channels]
    try:
        found = check_operations(contributions.key, routes, channels=channels, frontend=contributions.frontend)
    except PluginError as error:
        error.distribution, error.version = plugin.installed.distribution, plugin.installed.version
        error.hook = error.hook or "register_routes"
        raise
    contributions.operations = found


def _services(collector: _Collector, plugin: LoadedPlugin, scope: PluginScope) -> Mapping[str, Any]:
    result = plugin.call("register_services", scope=scope)
    if result is None:
        return {}
    if not isinstance(result, Mapping):
        raise collector.refuse("register_services", result, "a mapping of names to services")
    for name in result:
        try:
            check_name(name, "service")
        except ValueError as error:
            raise plugin.blame(HookResultError, str(error), hook="register_services", fix="choose another name") from None
    stamped = (replace(value, owner=plugin.key) if isinstance(value, Service) else value for value in result.values())
    return dict(zip(result, stamped, strict=True))


def _several(result: object, fits: Callable[[Any], bool]) -> Iterable[Any]:
    if result is None:
        return ()
    if fits(result) or isinstance(result, str | bytes | Mapping) or not isinstance(result, Iterable):
        return (result,)
    return result


def _is(base: type[Any]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, type) and issubclass(value, base)


def is_handler(value: object) -> bool:
    """Whether Litestar can route to it."""
    if isinstance(value, type):
        return issubclass(value, Controller | WebsocketListener)
    return isinstance(value, BaseRouteHandler | Router) and not isinstance(value, Litestar)

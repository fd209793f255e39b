"""What one plugin registers: its hooks called in turn, each result checked and stamped with its owner (rows R4, R24)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from beanie import Document
from litestar import Controller, Litestar, Router
from litestar.handlers import BaseRouteHandler, WebsocketListener

from hookspecs import Channel, Contract, Extension, ExtensionPoint, Frontend, Layer, PayloadHandler, Rules, Static, Uses
from hookspecs.values import CHANNELS, Owned, check_name
from host.errors import HookResultError, PluginError, shown
from host.frontend.calls.operations import NamedOperation, check_operations
from host.plugin import LoadedPlugin
from host.routes import flatten
from host.scope import PluginScope

OwnedValue = TypeVar("OwnedValue", bound=Owned)


@dataclass(eq=False)
class Contributions:
    """All that one plugin brings.

    Args:
        plugin: the plugin.
        scope: its scope.
        parent: what the plugin brings in which it lies.
    """

    plugin: LoadedPlugin
    scope: PluginScope
    parent: Contributions | None = None
    models: tuple[type[Document], ...] = ()
    services: Mapping[str, Any] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()
    uses: tuple[Uses, ...] = ()
    points: tuple[ExtensionPoint, ...] = ()
    extensions: tuple[Extension, ...] = ()
    payloads: tuple[PayloadHandler, ...] = ()
    rules: tuple[Rules, ...] = ()
    channels: tuple[Channel, ...] = ()
    layer: Layer = field(default_factory=Layer)
    middleware: tuple[Any, ...] = ()
    handlers: tuple[Any, ...] = ()
    static: tuple[Static, ...] = ()
    frontend: Frontend = field(default_factory=Frontend)
    operations: tuple[NamedOperation, ...] = ()

    @property
    def key(self) -> str:
        """The plugin key."""
        return self.plugin.key

    @property
    def home(self) -> str:
        """The key of the plugin in whose scope its services, its middleware and its layer are: its own, or its parent's."""
        return self.parent.key if self.parent is not None and self.plugin.shared else self.key


def shared_children(contributions: Iterable[Contributions]) -> dict[str, list[Contributions]]:
    """The shared children by the key of the plugin in whose scope they put what they have.

    Args:
        contributions: in load order.
    """
    found: dict[str, list[Contributions]] = {}
    for one in contributions:
        if one.home != one.key:
            found.setdefault(one.home, []).append(one)
    return found


def guards_around(one: Contributions, sharing: Mapping[str, Iterable[Contributions]]) -> list[Any]:
    """The guards of all layers that a plugin lies in, its own among them; the outermost first.

    Args:
        one: what the plugin brings.
        sharing: see :func:`shared_children`.
    """
    outer = [] if one.parent is None else guards_around(one.parent, sharing)
    beside = [*([] if one.plugin.shared else [one]), *sharing.get(one.key, ())]
    return [*outer, *(guard for other in beside for guard in other.layer.guards)]


def several(plugin: LoadedPlugin, hook: str, result: object, fits: Callable[[Any], bool], wanted: str) -> list[Any]:
    """What a hook returned that may return one value, an iterable of them or ``None``.

    Args:
        plugin: whose hook.
        hook: its name.
        result: what it returned.
        fits: whether a value is of the right kind.
        wanted: the right kind, for the error.

    Raises:
        HookResultError: a value does not fit.
        HookCallError: the iterable raised.
    """
    if result is None:
        return []
    single = fits(result) or isinstance(result, str | bytes | Mapping) or not isinstance(result, Iterable)
    with plugin.blaming(hook):  # it may be a generator, which runs only now
        found = [result] if single else list(result)  # type: ignore[call-overload]  # it is iterable, then
    for value in found:
        if not fits(value):
            raise _refusal(plugin, hook, value, wanted)
    return found


def _refusal(plugin: LoadedPlugin, hook: str, value: object, wanted: str, fix: str = "") -> PluginError:
    message = f"{hook} returned {shown(value)}; it must return {wanted}"
    return plugin.blame(HookResultError, message, hook=hook, fix=fix or f"return {wanted}, several of them, or None")


class _Collector:
    """Calls hooks of one plugin and checks what they return."""

    def __init__(self, contributions: Contributions) -> None:
        self._to: Final = contributions
        self._plugin: Final = contributions.plugin

    def many(self, hook: str, fits: Callable[[Any], bool], wanted: str) -> list[Any]:
        """The results of a hook that returns one value or an iterable of them."""
        return several(self._plugin, hook, self._plugin.call(hook, scope=self._to.scope), fits, wanted)

    def owned(self, values: Iterable[OwnedValue]) -> tuple[OwnedValue, ...]:
        """The values with this plugin as their owner."""
        return tuple(replace(value, owner=self._plugin.key) for value in values)


def collect(found: Contributions) -> None:
    """Call the ``register_*`` hooks of one plugin.

    Args:
        found: gets what they return.

    Raises:
        HookCallError: one raised.
        HookResultError: one returned what it may not.
    """
    plugin, collector = found.plugin, _Collector(found)
    found.models = tuple(collector.many("register_models", _is(Document), "Beanie Document classes"))
    found.services = _services(plugin, found.scope)
    kinds = Contract | Uses | ExtensionPoint | Extension
    wanted = "Contract, Uses, ExtensionPoint and Extension values"
    contracts = collector.many("register_contract", lambda value: isinstance(value, kinds), wanted)
    found.contracts = collector.owned(value for value in contracts if isinstance(value, Contract))
    found.uses = collector.owned(value for value in contracts if isinstance(value, Uses))
    found.points = collector.owned(value for value in contracts if isinstance(value, ExtensionPoint))
    found.extensions = collector.owned(value for value in contracts if isinstance(value, Extension))
    payloads = collector.many("register_payload", lambda value: isinstance(value, PayloadHandler), "PayloadHandler values")
    found.payloads = collector.owned(payloads)
    rules = collector.many("register_rules", lambda value: isinstance(value, Rules), "Rules values")
    found.rules = collector.owned(rules)
    channels = collector.many("register_channels", lambda value: isinstance(value, Channel), "Channel values")
    found.layer = _layer(plugin, found.scope)
    found.middleware = tuple(collector.many("register_middleware", callable, "ASGI middleware"))
    found.handlers = tuple(collector.many("register_routes", is_handler, "Litestar handlers, controllers or routers"))
    found.channels = collector.owned([*channels, *_brought(found.handlers, channels)])
    statics = collector.many("register_static", lambda value: isinstance(value, Static), "Static values")
    found.static = tuple(_found(plugin, static) for static in collector.owned(statics))


def _brought(handlers: Iterable[Any], declared: Iterable[Channel]) -> list[Channel]:
    """The channels that routes bring along and the plugin does not declare itself (row E18)."""
    found = {channel.key: channel for route in flatten(handlers) for channel in route.opt.get(CHANNELS, ())}
    own = {channel.key for channel in declared}
    return [channel for key, channel in found.items() if key not in own]


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
            raise _refusal(plugin, "generate_frontend", result, "a Frontend", "return a Frontend, or None")
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


def _services(plugin: LoadedPlugin, scope: PluginScope) -> Mapping[str, Any]:
    hook = "register_services"
    result = plugin.call(hook, scope=scope)
    if result is None:
        return {}
    if not isinstance(result, Mapping):
        wanted = "a mapping of names to services"
        raise _refusal(plugin, hook, result, wanted, f"return {wanted}, or None")
    for name in result:
        _check_name(plugin, hook, name, "service")
    return {name: replace(value, owner=plugin.key) if isinstance(value, Owned) else value for name, value in result.items()}


def _layer(plugin: LoadedPlugin, scope: PluginScope) -> Layer:
    hook = "register_layer"
    result = plugin.call(hook, scope=scope)
    if result is None:
        return Layer(owner=plugin.key)
    if not isinstance(result, Layer):
        raise _refusal(plugin, hook, result, "a Layer", "return a Layer, or None")
    for name in result.dependencies:
        _check_name(plugin, hook, name, "dependency")
    return replace(result, owner=plugin.key)


def _check_name(plugin: LoadedPlugin, hook: str, name: object, what: str) -> None:
    try:
        check_name(name, what)
    except ValueError as error:
        raise plugin.blame(HookResultError, str(error), hook=hook, fix="choose another name") from None


def _found(plugin: LoadedPlugin, static: Static) -> Static:
    """The same with an absolute path; a relative one starts in the directory of the plugin's module."""
    file = getattr(sys.modules.get(plugin.module), "__file__", None)
    directory = Path(file).parent / static.directory if file else Path(static.directory)
    if not directory.is_dir():
        message = f"register_static names the directory {static.directory!r}, and {directory} is none"
        fix = "name one in the package, and see that the distribution brings it"
        raise plugin.blame(HookResultError, message, hook="register_static", fix=fix)
    return replace(static, directory=str(directory.resolve()))


def _is(base: type[Any]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, type) and issubclass(value, base)


def is_handler(value: object) -> bool:
    """Whether Litestar can route to it."""
    if isinstance(value, type):
        return issubclass(value, Controller | WebsocketListener)
    return isinstance(value, BaseRouteHandler | Router) and not isinstance(value, Litestar)

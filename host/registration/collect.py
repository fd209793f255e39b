"""Call the ``register_*`` hooks of a plugin, check what they return and stamp it with its owner."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from beanie import Document
from litestar import Controller, Litestar, Router
from litestar.handlers import BaseRouteHandler, WebsocketListener

from hookspecs import Channel, Contract, Extension, ExtensionPoint, Frontend, Layer, PayloadHandler, Rules, Static, Uses
from hookspecs.values import CHANNELS, Owned, check_name
from host.common.errors import HookResultError, PluginError
from host.frontend.calls.operations import check_operations
from host.loading.hook_results import several, unexpected_result
from host.loading.plugin import LoadedPlugin
from host.registration.contributions import Contributions
from host.registration.routes import flatten
from host.registration.scope import PluginScope

OwnedValue = TypeVar("OwnedValue", bound=Owned)


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
            raise unexpected_result(plugin, "generate_frontend", result, "a Frontend", "return a Frontend, or None")
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
        raise unexpected_result(plugin, hook, result, wanted, f"return {wanted}, or None")
    for name in result:
        _check_name(plugin, hook, name, "service")
    return {name: replace(value, owner=plugin.key) if isinstance(value, Owned) else value for name, value in result.items()}


def _layer(plugin: LoadedPlugin, scope: PluginScope) -> Layer:
    hook = "register_layer"
    result = plugin.call(hook, scope=scope)
    if result is None:
        return Layer(owner=plugin.key)
    if not isinstance(result, Layer):
        raise unexpected_result(plugin, hook, result, "a Layer", "return a Layer, or None")
    for name in result.dependencies:
        _check_name(plugin, hook, name, "dependency")
    return replace(result, owner=plugin.key)


def _check_name(plugin: LoadedPlugin, hook: str, name: object, what: str) -> None:
    try:
        check_name(name, what)
    except ValueError as error:
        raise plugin.make_error(HookResultError, str(error), hook=hook, fix="choose another name") from None


def _found(plugin: LoadedPlugin, static: Static) -> Static:
    """The same with an absolute path; a relative one starts in the directory of the plugin's module."""
    file = getattr(sys.modules.get(plugin.module), "__file__", None)
    directory = Path(file).parent / static.directory if file else Path(static.directory)
    if not directory.is_dir():
        message = f"register_static names the directory {static.directory!r}, and {directory} is none"
        fix = "name one in the package, and see that the distribution brings it"
        raise plugin.make_error(HookResultError, message, hook="register_static", fix=fix)
    return replace(static, directory=str(directory.resolve()))


def _is(base: type[Any]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, type) and issubclass(value, base)


def is_handler(value: object) -> bool:
    """Whether Litestar can route to it."""
    if isinstance(value, type):
        return issubclass(value, Controller | WebsocketListener)
    return isinstance(value, BaseRouteHandler | Router) and not isinstance(value, Litestar)

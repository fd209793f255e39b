"""Call the ``register_*`` hooks of a plugin, check what they return and record the owner of each value."""

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
    """Calls the hooks of one plugin and checks what they return."""

    def __init__(self, contributions: Contributions) -> None:
        self._to: Final = contributions
        self._plugin: Final = contributions.plugin

    def many(self, hook: str, fits: Callable[[Any], bool], wanted: str) -> list[Any]:
        """Return the values of a hook that returns one value or an iterable of values."""
        return several(self._plugin, hook, self._plugin.call(hook, scope=self._to.scope), fits, wanted)

    def owned(self, values: Iterable[OwnedValue]) -> tuple[OwnedValue, ...]:
        """Return copies of the values that have this plugin as their owner."""
        return tuple(replace(value, owner=self._plugin.key) for value in values)


def collect(contributions: Contributions) -> None:
    """Call the ``register_*`` hooks of one plugin.

    Args:
        contributions: of the plugin; receive what the hooks return.

    Raises:
        HookCallError: a hook raised.
        HookResultError: a hook returned a value of the wrong kind.
    """
    plugin, collector = contributions.plugin, _Collector(contributions)
    contributions.models = tuple(collector.many("register_models", _is(Document), "Beanie Document classes"))
    contributions.services = _services(plugin, contributions.scope)
    kinds = Contract | Uses | ExtensionPoint | Extension
    wanted = "Contract, Uses, ExtensionPoint and Extension values"
    contracts = collector.many("register_contract", lambda value: isinstance(value, kinds), wanted)
    contributions.contracts = collector.owned(value for value in contracts if isinstance(value, Contract))
    contributions.uses = collector.owned(value for value in contracts if isinstance(value, Uses))
    contributions.points = collector.owned(value for value in contracts if isinstance(value, ExtensionPoint))
    contributions.extensions = collector.owned(value for value in contracts if isinstance(value, Extension))
    payloads = collector.many("register_payload", lambda value: isinstance(value, PayloadHandler), "PayloadHandler values")
    contributions.payloads = collector.owned(payloads)
    rules = collector.many("register_rules", lambda value: isinstance(value, Rules), "Rules values")
    contributions.rules = collector.owned(rules)
    channels = collector.many("register_channels", lambda value: isinstance(value, Channel), "Channel values")
    contributions.layer = _layer(plugin, contributions.scope)
    contributions.middleware = tuple(collector.many("register_middleware", callable, "ASGI middleware"))
    contributions.handlers = tuple(collector.many("register_routes", is_handler, "Litestar handlers, controllers or routers"))
    contributions.channels = collector.owned([*channels, *_channels_of_routes(contributions.handlers, channels)])
    statics = collector.many("register_static", lambda value: isinstance(value, Static), "Static values")
    contributions.static = tuple(_with_directory(plugin, static) for static in collector.owned(statics))


def _channels_of_routes(handlers: Iterable[Any], declared: Iterable[Channel]) -> list[Channel]:
    """Return the channels of routes, such as those of ``crud``, that the plugin does not declare itself."""
    channels = {channel.key: channel for route in flatten(handlers) for channel in route.opt.get(CHANNELS, ())}
    own = {channel.key for channel in declared}
    return [channel for key, channel in channels.items() if key not in own]


def collect_frontend(contributions: Contributions) -> None:
    """Call ``generate_frontend``, and name the operations. Without the hook, or if it returns ``None``, the default applies.

    Raises:
        HookCallError: it raised.
        HookResultError: it returned something other than a ``Frontend``.
        ConflictError: two routes would have the same name.
        FrontendError: it names an entity or a channel that does not exist.
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
        contributions.operations = check_operations(contributions.key, routes, channels=channels, frontend=contributions.frontend)
    except PluginError as error:
        error.distribution, error.version = plugin.installed.distribution, plugin.installed.version
        error.hook = error.hook or "register_routes"
        raise


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


def _with_directory(plugin: LoadedPlugin, static: Static) -> Static:
    """Return a copy with an absolute path; a relative path is resolved in the directory of the plugin's module."""
    file = getattr(sys.modules.get(plugin.module), "__file__", None)
    directory = Path(file).parent / static.directory if file else Path(static.directory)
    if not directory.is_dir():
        message = f"register_static names the directory {static.directory!r}, and {directory} is not a directory"
        fix = "name a directory of the package, and include it in the distribution"
        raise plugin.make_error(HookResultError, message, hook="register_static", fix=fix)
    return replace(static, directory=str(directory.resolve()))


def _is(base: type[Any]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, type) and issubclass(value, base)


def is_handler(value: object) -> bool:
    """Whether Litestar can route requests to a value."""
    if isinstance(value, type):
        return issubclass(value, Controller | WebsocketListener)
    return isinstance(value, BaseRouteHandler | Router) and not isinstance(value, Litestar)

"""What handlers get by name: the plugin's scope, services, contracts and the dependencies of its layer."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hookspecs import RequestService, Service
from host.web.litestar.dependencies import Constant, HostProvide

if TYPE_CHECKING:
    from litestar.di import Provide

    from host.registration.contracts.contracts import Contracts
    from host.registration.contributions import Contributions
    from host.registration.scope import PluginScope


def provided_names(own: Contributions, members: Iterable[Contributions], contracts: Contracts) -> dict[str, Provide]:
    """Return the dependencies of one scope by name.

    Args:
        own: the contributions of the scope's plugin.
        members: the contributions whose services and layers belong to the scope.
        contracts: the provided contracts.
    """
    dependencies: dict[str, Any] = {"plugin_scope": Constant(own.scope)}
    for member in members:
        for name, service in member.services.items():
            dependencies[name] = _service(member.scope, name, service)
        dependencies |= member.layer.dependencies
    implementations = contracts.implementations(own.uses)
    for uses in own.uses:
        # An optional provider may still fail at start-up while this plugin is served, so its contract is looked up per request.
        dependencies[uses.name] = _contract(own.scope, uses.protocol) if uses.optional else Constant(implementations[uses.protocol])
    return dependencies


def _service(scope: PluginScope, name: str, service: Any) -> HostProvide:
    if isinstance(service, RequestService):
        factory = service.factory
        is_plain = not (
            inspect.iscoroutinefunction(factory) or inspect.isgeneratorfunction(factory) or inspect.isasyncgenfunction(factory)
        )
        return HostProvide(factory, sync_to_thread=False if is_plain else None)
    if not isinstance(service, Service):
        return Constant(service)

    def provide() -> Any:
        return scope.services[name]  # which exists only after start-up

    return HostProvide(provide, sync_to_thread=False)


def _contract(scope: PluginScope, protocol: type[Any]) -> HostProvide:
    def provide() -> Any:
        return scope.use(protocol)

    return HostProvide(provide, sync_to_thread=False)

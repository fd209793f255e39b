"""One router a scope, the scopes of children inside their parents' (rule 2 of the design; rows F2, F8, F10, F28, F31)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar import Router
from litestar.static_files import create_static_files_router

from hookspecs import Layer, RequestService, Service
from host.registration.contributions import Contributions
from host.web.isolation import gate
from host.web.litestar.application import Constant, HostProvide, PluginRouter
from host.web.litestar.events import event_of
from host.web.litestar.routing import OWNER, STATIC

if TYPE_CHECKING:
    from litestar.di import Provide

    from host.registration.contracts.contracts import Contracts
    from host.registration.scope import PluginScope


def outermost_routers(
    contributions: Sequence[Contributions],
    contracts: Contracts,
    *,
    is_failed: Callable[[str], bool],
    isolating: Callable[[str], bool],
) -> list[Router]:
    """The routers of the installed plugins, with those of their children inside; scopes without a route have none.

    Args:
        contributions: of the plugins, in load order, so parents before children.
        contracts: the provided ones.
        is_failed: whether a plugin failed after the application was built.
        isolating: whether a plugin may fail at start while the others are served.
    """
    inside: dict[str | None, list[Contributions]] = {}
    for one in contributions:
        inside.setdefault(one.parent.key if one.parent is not None else None, []).append(one)
    routers: dict[str, Router] = {}
    for one in reversed(contributions):
        below = [routers[child.key] for child in inside.get(one.key, ()) if child.key in routers]
        if not (one.handlers or one.static or below):
            continue
        sharing = _sharing(one, inside)
        routers[one.key] = PluginRouter(
            path=one.plugin.prefix or "/",
            route_handlers=[*one.handlers, *_static(one), *below],
            dependencies=_dependencies(one, sharing, contracts),
            guards=[guard for other in sharing for guard in other.layer.guards],
            middleware=[
                *([gate(one.key, is_failed)] if isolating(one.key) else []),
                *(middleware for other in sharing for middleware in other.middleware),
            ],
            exception_handlers={key: value for other in sharing for key, value in other.layer.exception_handlers.items()},
            opt={**{key: value for other in sharing for key, value in other.layer.opt.items()}, OWNER: one.key},
            before_request=event_of(sharing, "before_request"),
            after_request=event_of(sharing, "after_request"),
            after_response=event_of(sharing, "after_response"),
        )
    return [routers[one.key] for one in inside.get(None, ()) if one.key in routers]


def layers_at(contributions: Iterable[Contributions]) -> list[tuple[str, Layer]]:
    """The layers with the paths that they hold for, the longest path first."""
    found = [(one.parent if one.parent is not None and one.plugin.shared else one, one.layer) for one in contributions]
    return sorted(((one.scope.prefix, layer) for one, layer in found), key=lambda pair: -len(pair[0]))


def _sharing(one: Contributions, inside: dict[str | None, list[Contributions]]) -> list[Contributions]:
    """Whose services and layers are in a scope: the plugin's own, and its shared children's."""
    own = [] if one.plugin.shared else [one]
    return [*own, *(child for child in inside.get(one.key, ()) if child.plugin.shared)]


def _dependencies(one: Contributions, sharing: Iterable[Contributions], contracts: Contracts) -> dict[str, Provide | Any]:
    found: dict[str, Any] = {"plugin_scope": Constant(one.scope)}
    for other in sharing:
        for name, service in other.services.items():
            found[name] = _provider(other, name, service)
        found |= other.layer.dependencies
    implementations = contracts.implementations(one.uses)
    for uses in one.uses:  # an optional provider may fail while it starts, and the plugin is served without it
        given = _used(one.scope, uses.protocol) if uses.optional else Constant(implementations[uses.protocol])
        found[uses.name] = given
    return found


def _provider(one: Contributions, name: str, service: Any) -> Any:
    if isinstance(service, RequestService):
        made = service.factory
        blocks = not (inspect.iscoroutinefunction(made) or inspect.isgeneratorfunction(made) or inspect.isasyncgenfunction(made))
        return HostProvide(made, sync_to_thread=False if blocks else None)
    return _late(one.scope.services, name) if isinstance(service, Service) else Constant(service)


def _used(scope: PluginScope, protocol: type[Any]) -> HostProvide:
    def provide() -> Any:
        return scope.use(protocol)

    return HostProvide(provide, sync_to_thread=False)


def _late(services: Any, name: str) -> HostProvide:
    def provide() -> Any:
        return services[name]

    return HostProvide(provide, sync_to_thread=False)


def _static(one: Contributions) -> list[Router]:
    return [
        create_static_files_router(
            path=static.path,
            directories=[static.directory],
            html_mode=Path(static.directory, "index.html").is_file(),
            opt={STATIC: True},
            include_in_schema=False,
        )
        for static in one.static
    ]

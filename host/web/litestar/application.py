"""A Litestar application that is put together in one go.

Litestar rebuilds its routing trie and its map of paths to handlers each time something is registered, which is quadratic in
the number of routes. Plugins bring thousands, so here both are kept up to date route by route.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from litestar import Litestar, Router
from litestar.di import NamedDependency, Provide
from litestar.routes import HTTPRoute, WebSocketRoute
from litestar.typing import FieldDefinition
from litestar.utils.signature import ParsedSignature

from host.common.errors import FrozenError
from host.web.litestar.events import join_events
from host.web.litestar.forms import read_lists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar.handlers import BaseRouteHandler
    from litestar.routes import BaseRoute
    from litestar.types import ControllerRouterHandler


#: Marked as a dependency, and not validated.
_ANY: Final[Any] = NamedDependency[Any]  # type: ignore[misc]  # an alias of Annotated, which mypy takes for no generic


class HostProvide(Provide):
    """A dependency that the host gives: the scope, a service, also one that is made for each request, a contract.

    Its value is no client's data, so Litestar need not validate it; and where it is annotated by a ``typing.Protocol``, it
    could not.
    """


class Constant(HostProvide):
    """One value for all requests."""

    def __init__(self, value: Any) -> None:
        super().__init__(lambda: value, sync_to_thread=False)


class FromRequest(HostProvide):
    """What an ``async def`` makes of the request and of nothing else."""


class _Routes(list[Any]):
    """Routes, with the map of paths and methods to handlers that Litestar asks for at each registration."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        super().__init__()
        self.by_path: dict[str, dict[str, Any]] = defaultdict(dict)
        for route in routes:
            self.append(route)

    def append(self, route: BaseRoute) -> None:
        super().append(route)
        self._index(route)

    def __setitem__(self, index: Any, route: Any) -> None:
        super().__setitem__(index, route)
        self._index(route)

    def _index(self, route: BaseRoute) -> None:
        methods = self.by_path[route.path]
        for handler in handlers_of(route):
            if isinstance(route, HTTPRoute):
                methods.update(dict.fromkeys(handler.http_methods, handler))
            else:
                methods["websocket" if isinstance(route, WebSocketRoute) else "asgi"] = handler


class _Indexed(Router):
    """A router that keeps its map up to date instead of making it anew for each path."""

    _indexed: _Routes

    @property
    def routes(self) -> Any:
        """All routes, in the order of their registration."""
        return self._indexed

    @routes.setter
    def routes(self, routes: Iterable[BaseRoute]) -> None:
        self._indexed = _Routes(routes)

    @property
    def route_handler_method_map(self) -> dict[str, Any]:
        """Path → method → handler."""
        return self._indexed.by_path


class PluginRouter(_Indexed):
    """The router of one plugin, made by the host for one application, so Litestar need not copy it to register it."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> PluginRouter:
        return self


class Application(_Indexed, Litestar):
    """Litestar, assembled in linear time."""

    _complete = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asgi_router.construct_routing_trie()
        self._complete = True

    def register(self, value: ControllerRouterHandler) -> None:  # type: ignore[override]  # as Litestar itself does
        """Register handlers while the application is being made; the routing trie is left for the end.

        Args:
            value: a handler, controller or router.

        Raises:
            FrozenError: the application is complete; Litestar itself would take more (row F23).
        """
        if self._complete:
            fix = "return it from register_routes, which runs before the application is assembled"
            raise FrozenError("nothing can be registered any more, the application is assembled", fix=fix)
        for route in Router.register(self, value):
            for handler in handlers_of(route):
                _trust_host(handler)
                join_events(handler)
                handler.on_registration(self)
            if isinstance(route, HTTPRoute):
                route.create_handler_map()
                for _, model in route.route_handler_map.values():
                    _inject_early(model, (Constant, FromRequest))
                    read_lists(model)
            elif isinstance(route, WebSocketRoute):
                route.handler_parameter_model = route.route_handler.create_kwargs_model(path_parameters=route.path_parameters)
                _inject_early(route.handler_parameter_model, (Constant,))
            for plugin in self.plugins.receive_route:
                plugin.receive_route(route)


def handlers_of(route: BaseRoute) -> list[Any]:
    """The handlers of a route of any kind."""
    found: list[Any] = getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[attr-defined]
    return found


def _trust_host(handler: BaseRouteHandler) -> None:
    """Take the host's own values out of validation, in the handler and in the dependencies of its layers."""
    provided: dict[str, Provide] = {}
    for layer in handler.ownership_layers:
        provided |= {name: value for name, value in (layer.dependencies or {}).items() if isinstance(value, Provide)}
    trusted = {name for name, value in provided.items() if isinstance(value, HostProvide)}
    if not trusted:
        return
    namespace: dict[str, Any] | None = None
    for provider in provided.values():
        if getattr(provider, "parsed_fn_signature", None) or not _takes(provider, trusted):
            continue
        namespace = handler.resolve_signature_namespace() if namespace is None else namespace
        provider.parsed_fn_signature = ParsedSignature.from_fn(provider.dependency, namespace)
        _untype(provider.parsed_fn_signature, trusted)
    if taken := _names(handler.fn) & trusted:
        _untype(handler.parsed_fn_signature, taken)


def _inject_early(model: Any, kinds: tuple[type[HostProvide], ...]) -> None:
    """Put what depends on nothing in its place without Litestar's graph of dependencies, which takes longer than most handlers.

    Args:
        model: by which Litestar finds the arguments of a handler.
        kinds: what is injected so.
    """
    early = {one.key: one.provide for batch in model.dependency_batches for one in batch if isinstance(one.provide, kinds)}
    constants = {name: given.dependency() for name, given in early.items() if isinstance(given, Constant)}
    asked = [(name, given.dependency) for name, given in early.items() if isinstance(given, FromRequest)]

    async def inject(values: dict[str, Any], connection: Any) -> None:
        values.update(constants)
        for name, ask in asked:
            values[name] = await ask(connection)

    if early:
        model.extractors.append(inject)
        rest = ({one for one in batch if one.key not in early} for batch in model.dependency_batches)
        model.dependency_batches = [batch for batch in rest if batch]


def _takes(provider: Provide, names: set[str]) -> bool:
    return inspect.isroutine(provider.dependency) and bool(_names(provider.dependency) & names)


def _names(function: Any) -> set[str]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return set() if code is None else set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _untype(signature: ParsedSignature, names: set[str]) -> None:
    for name in names & signature.parameters.keys():
        old = signature.parameters[name]
        signature.parameters[name] = FieldDefinition.from_annotation(_ANY, name=name, default=old.default)

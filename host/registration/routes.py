"""Handlers, controllers and routers flattened to single routes, before any application exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Controller, Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler, WebsocketListener, WebsocketRouteHandler

from host.common.compat.litestar import handlers_by_path, layers_of
from host.common.naming import join_paths


@dataclass(frozen=True, slots=True)
class DeclaredRoute:
    """One method on one path, as a plugin declares it.

    Args:
        method: ``GET``, …, ``WEBSOCKET`` or ``ASGI``.
        path: inside the plugin's prefix, as Litestar writes it: ``/task/{id:str}``.
        opt: of the handler and of the controllers and routers around it.
        label: the handler's qualified name.
        function: the function of the handler.
        dependencies: the names that the handler, or a controller or router around it, provides itself.
        guards: of the handler and of the controllers and routers around it, without those of the plugin's layer.
    """

    method: str
    path: str
    opt: Mapping[str, Any]
    label: str
    function: Any = None
    dependencies: frozenset[str] = frozenset()
    guards: tuple[Any, ...] = ()


def flatten(values: Iterable[Any]) -> list[DeclaredRoute]:
    """Return the routes of the values that ``register_routes`` returned, in their order.

    Args:
        values: Litestar handlers, controller classes and routers.
    """
    return [route for value in values for route in _routes(value, _Around())]


@dataclass(frozen=True, slots=True)
class _Around:
    """What a handler inherits from the routers and controllers around it."""

    path: str = ""
    opt: Mapping[str, Any] = field(default_factory=dict)
    dependencies: frozenset[str] = frozenset()
    guards: tuple[Any, ...] = ()

    def within(self, path: str, opt: object, dependencies: object, guards: object) -> _Around:
        """Return what a nested handler inherits. An attribute that a class does not set is a slot descriptor."""
        return _Around(
            join_paths(self.path, path),
            {**self.opt, **(opt if isinstance(opt, Mapping) else {})},
            self.dependencies | frozenset(dependencies if isinstance(dependencies, Mapping) else ()),
            (*self.guards, *(guards if isinstance(guards, Sequence) else ())),
        )


def _routes(value: Any, around: _Around) -> Iterator[DeclaredRoute]:
    if isinstance(value, Router):
        # A router has already joined the paths of its handlers, and knows the layers around each of them.
        for path, handler in handlers_by_path(value):
            layers = layers_of(handler)
            provided = {name: layer for layer in layers for name in layer.dependencies or ()}
            guards = [guard for layer in layers for guard in layer.guards or ()]
            yield from _single(handler, [path], around.within("", value.opt, provided, guards))
    elif isinstance(value, type) and issubclass(value, Controller):
        path, opt, dependencies, guards = (getattr(value, name) for name in ("path", "opt", "dependencies", "guards"))
        below = around.within(path if isinstance(path, str) else "", opt, dependencies, guards)
        for member in _handlers_of(value):
            yield from _routes(member, below)
    elif isinstance(value, type) and issubclass(value, WebsocketListener):
        own = around.within("", value.opt, getattr(value, "dependencies", None), getattr(value, "guards", None))
        paths = value.path if isinstance(value.path, list | tuple | set) else [value.path or ""]
        for relative in paths:
            path = join_paths(own.path, relative)
            yield DeclaredRoute("WEBSOCKET", path, own.opt, value.__qualname__, value.on_receive, own.dependencies, own.guards)
    else:
        yield from _single(value, sorted(value.paths), around)


def _handlers_of(controller: type[Controller]) -> list[BaseRouteHandler]:
    """Return the handlers of a controller class as Python resolves them: subclasses override, or remove, those of base classes."""
    handlers: dict[str, BaseRouteHandler] = {}
    for base in reversed(controller.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, BaseRouteHandler):
                handlers[name] = value
            else:
                handlers.pop(name, None)
    return list(handlers.values())


def label_of(handler: BaseRouteHandler) -> str:
    """Return the qualified name of a handler's function, or of the class of a callable object."""
    return str(getattr(handler.fn, "__qualname__", None) or type(handler.fn).__qualname__)


def _single(handler: BaseRouteHandler, paths: Iterable[str], around: _Around) -> Iterator[DeclaredRoute]:
    own = around.within("", handler.opt, handler.dependencies, handler.guards)
    if isinstance(handler, HTTPRouteHandler):
        methods = sorted(
            str(method) for method in handler.http_methods if method != "OPTIONS" or handler.http_methods == {"OPTIONS"}
        )
    else:
        methods = ["WEBSOCKET" if isinstance(handler, WebsocketRouteHandler) else "ASGI"]
    label = label_of(handler)
    if label.startswith("HTTPRoute."):
        return  # Litestar's own handler of OPTIONS
    for path in paths:
        for method in methods:
            yield DeclaredRoute(method, join_paths(own.path, path), own.opt, label, handler.fn, own.dependencies, own.guards)

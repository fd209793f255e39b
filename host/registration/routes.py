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
        opt: of the handler and of what it lies in.
        label: the handler's qualified name.
        function: what the handler calls.
        dependencies: the names of those that it, or what it lies in, provides itself.
        guards: of the handler and of what it lies in; those of the plugin's layer are not among them.
    """

    method: str
    path: str
    opt: Mapping[str, Any]
    label: str
    function: Any = None
    dependencies: frozenset[str] = frozenset()
    guards: tuple[Any, ...] = ()


def flatten(values: Iterable[Any]) -> list[DeclaredRoute]:
    """The routes of what ``register_routes`` returned, in their order.

    Args:
        values: Litestar handlers, controller classes and routers.
    """
    return [route for value in values for route in _routes(value, _Around())]


@dataclass(frozen=True, slots=True)
class _Around:
    """What a handler gets from the routers and controllers around it."""

    path: str = ""
    opt: Mapping[str, Any] = field(default_factory=dict)
    dependencies: frozenset[str] = frozenset()
    guards: tuple[Any, ...] = ()

    def within(self, path: str, opt: object, dependencies: object, guards: object) -> _Around:
        """The same for what lies further in; a class that sets something not has Litestar's slot in its place."""
        return _Around(
            join_paths(self.path, path),
            {**self.opt, **(opt if isinstance(opt, Mapping) else {})},
            self.dependencies | frozenset(dependencies if isinstance(dependencies, Mapping) else ()),
            (*self.guards, *(guards if isinstance(guards, Sequence) else ())),
        )


def _routes(value: Any, around: _Around) -> Iterator[DeclaredRoute]:
    if isinstance(value, Router):
        # A router has already joined the paths of what lies in it, and knows the layers around each handler.
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
        for one in paths:
            path = join_paths(own.path, one)
            yield DeclaredRoute("WEBSOCKET", path, own.opt, value.__qualname__, value.on_receive, own.dependencies, own.guards)
    else:
        yield from _single(value, sorted(value.paths), around)


def _handlers_of(controller: type[Controller]) -> list[BaseRouteHandler]:
    found: dict[str, BaseRouteHandler] = {}
    for base in reversed(controller.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, BaseRouteHandler):
                found[name] = value
            else:
                found.pop(name, None)
    return list(found.values())


def label_of(handler: BaseRouteHandler) -> str:
    """The qualified name of a handler's function, or of the class of the object that is called."""
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
        return  # Litestar's own answer to OPTIONS
    for path in paths:
        for method in methods:
            yield DeclaredRoute(method, join_paths(own.path, path), own.opt, label, handler.fn, own.dependencies, own.guards)

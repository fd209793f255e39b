"""Handlers, controllers and routers flattened to single routes, before any application exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler, WebsocketListener, WebsocketRouteHandler
from litestar.routes import HTTPRoute

from host.naming import join_paths


@dataclass(frozen=True, slots=True)
class DeclaredRoute:
    """One method on one path, as a plugin declares it.

    Args:
        method: ``GET``, …, ``WEBSOCKET`` or ``ASGI``.
        path: inside the plugin's prefix, as Litestar writes it: ``/task/{id:str}``.
        opt: of the handler and of what it lies in.
        label: the handler's qualified name.
        function: what the handler calls.
    """

    method: str
    path: str
    opt: Mapping[str, Any]
    label: str
    function: Any = None


def flatten(values: Iterable[Any]) -> list[DeclaredRoute]:
    """The routes of what ``register_routes`` returned, in their order.

    Args:
        values: Litestar handlers, controller classes and routers.
    """
    return [route for value in values for route in _routes(value, "", {})]


def _routes(value: Any, path: str, opt: Mapping[str, Any]) -> Iterator[DeclaredRoute]:
    if isinstance(value, Router):
        # A router has already joined the paths of what lies in it.
        for route in value.routes:
            for handler in route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]:
                yield from _single(handler, [join_paths(path, route.path)], {**opt, **value.opt, **handler.opt})
    elif isinstance(value, type) and issubclass(value, Controller):
        # A class that sets neither has Litestar's slots in their place.
        own, inside = (getattr(value, name) for name in ("opt", "path"))
        below = join_paths(path, inside if isinstance(inside, str) else "")
        for member in _handlers_of(value):
            yield from _routes(member, below, {**opt, **(own if isinstance(own, Mapping) else {})})
    elif isinstance(value, type) and issubclass(value, WebsocketListener):
        paths = value.path if isinstance(value.path, list | tuple | set) else [value.path or ""]
        for one in paths:
            yield DeclaredRoute("WEBSOCKET", join_paths(path, one), opt, value.__qualname__, value.on_receive)
    else:
        yield from _single(value, [join_paths(path, one) for one in sorted(value.paths)], {**opt, **value.opt})


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


def _single(handler: BaseRouteHandler, paths: Iterable[str], opt: Mapping[str, Any]) -> Iterator[DeclaredRoute]:
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
            yield DeclaredRoute(method, path, opt, label, handler.fn)

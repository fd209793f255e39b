"""Answers for paths that no route serves: 503 under the prefix of a plugin that failed, otherwise 404."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from litestar.exceptions import HTTPException, NotFoundException

from host.common.naming import join_paths
from host.registration.routes import flatten
from host.web.exception_handlers import http_problem
from host.web.guarded_handlers import GuardedHandler
from host.web.isolation import isolated_response, isolated_websocket

if TYPE_CHECKING:
    from litestar import Request, Router

    from host.web.isolation import Isolation
    from host.web.scope_layers import ScopeLayer

_NOT_FOUND: Final = 404
#: What Litestar raises for a request without a route: no such path, or only for other methods or for WebSockets.
_UNROUTED: Final = (_NOT_FOUND, 405)


class UnservedPaths:
    """The answers for paths without a route.

    Args:
        layers: of the scopes that are served.
        isolation: which plugins failed.

    Attributes:
        websockets: handlers that refuse WebSockets under the prefixes of failed plugins, except prefixes that other routes share.
    """

    def __init__(self, layers: Sequence[ScopeLayer], isolation: Isolation) -> None:
        self.websockets = _isolated_websockets(layers, isolation)
        self._isolation = isolation
        served = [(layer.prefix, layer.key) for layer in layers if layer.path]
        failed = [(prefix, key) for key, prefix in isolation.failed]
        self._owners = sorted([*served, *failed], key=lambda owner: (-len(owner[0]), owner))
        handlers = [
            (layer.prefix, GuardedHandler(handler))
            for layer in layers
            if (handler := layer.exception_handlers.get(_NOT_FOUND) or layer.exception_handlers.get(NotFoundException))
        ]
        self._not_found = sorted(handlers, key=lambda pair: -len(pair[0]))

    def handle(self, request: Request[Any, Any, Any], error: HTTPException) -> Any:
        """Answer an HTTP error that no layer handles.

        Registered for ``HTTPException``, although only paths without a route are handled specially: registered for
        ``NotFoundException``, it would take precedence over a layer's own handler for ``HTTPException``.
        """
        if request.scope.get("route_handler") is not None or error.status_code not in _UNROUTED:
            return http_problem(request, error)
        path = request.scope["path"]
        if failed := self._failed_owners(path):
            return isolated_response(request, failed)
        if error.status_code != _NOT_FOUND:
            return http_problem(request, error)
        handler = next((handler for prefix, handler in self._not_found if _is_under(path, prefix)), http_problem)
        return handler(request, error)

    def _failed_owners(self, path: str) -> list[str]:
        """Return the failed plugins among those with the longest prefix that a path is under."""
        nearest = next((prefix for prefix, _ in self._owners if _is_under(path, prefix)), None)
        return [key for prefix, key in self._owners if prefix == nearest and self._isolation.is_failed(key)]


def _isolated_websockets(layers: Sequence[ScopeLayer], isolation: Isolation) -> list[Router]:
    keys: dict[str, list[str]] = {}
    for key, prefix in isolation.failed:
        keys.setdefault(prefix, []).append(key)
    served = [path.split("/")[1:] for path in _served_paths(layers)] if keys else []
    free = [prefix for prefix in keys if not any(_overlaps(prefix.split("/")[1:], path) for path in served)]
    outermost = [prefix for prefix in free if not any(_is_under(prefix, other) for other in free if other != prefix)]
    return [isolated_websocket(prefix, keys[prefix]) for prefix in outermost]


def _is_under(path: str, prefix: str) -> bool:
    """Return whether a path is a prefix or below it; ``/todos`` is not under ``/todo``."""
    return path == prefix or path.startswith(f"{prefix}/")


def _served_paths(layers: Sequence[ScopeLayer]) -> Iterator[str]:
    for layer in layers:
        yield from (join_paths(layer.prefix, route.path) for route in flatten(layer.handlers))
        yield from (join_paths(layer.prefix, static.path, "{file:path}") for static in layer.static)


def _overlaps(prefix: Sequence[str], path: Sequence[str]) -> bool:
    """Return whether a route may match requests under a prefix. Both are given as segments."""
    for segment, template in zip(prefix, path, strict=False):
        if template.startswith("{"):
            if template.endswith(":path}"):
                return True
        elif segment != template:
            return False
    return len(path) >= len(prefix)

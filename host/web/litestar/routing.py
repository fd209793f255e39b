"""The routes of the assembled application, each with its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from host.common.compat.litestar import handlers_by_path

#: The key in the ``opt`` of a router that names the plugin whose routes it holds.
OWNER: Final = "host.plugin"
#: The key in the ``opt`` of routers that serve files.
STATIC: Final = "host.static"


@dataclass(frozen=True, slots=True)
class AssembledRoute:
    """One method on one path.

    Args:
        owner: the key of its plugin, "" for the host's own.
        method: ``GET``, …, ``WEBSOCKET`` or ``ASGI``.
        path: the whole path as Litestar writes it: ``/acme__todo/task/{id:str}``.
        handler: the registered handler.
    """

    owner: str
    method: str
    path: str
    handler: Any


def assembled_routes(app: Litestar) -> list[AssembledRoute]:
    """Return the routes of an application by owner, path and method, the host's own last; answers to OPTIONS are left out.

    Sorted, because Litestar keeps the paths of a handler in a set.
    """
    routes = []
    for path, handler in handlers_by_path(app):
        methods = handler.http_methods if isinstance(handler, HTTPRouteHandler) else {_kind_of(handler)}
        if methods != {"OPTIONS"}:
            owner = handler.opt.get(OWNER, "")
            routes += [AssembledRoute(owner, str(method), path, handler) for method in sorted(methods)]
    return sorted(routes, key=lambda route: (not route.owner, route.owner, route.path, route.method))


def _kind_of(handler: Any) -> str:
    return "WEBSOCKET" if isinstance(handler, WebsocketRouteHandler) else "ASGI"

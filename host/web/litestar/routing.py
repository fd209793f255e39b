"""The routes of the assembled application, each with its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Litestar

from host.web.litestar.application import handlers_of

#: Where a router's ``opt`` says whose routes it holds.
OWNER: Final = "host.plugin"
#: The ``opt`` of what serves files.
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
    """The routes of an application by owner, path and method, the host's own last; answers to OPTIONS are left out.

    Sorted, because Litestar keeps the paths of a handler in a set.
    """
    found = []
    for route in app.routes:
        for handler in handlers_of(route):
            methods = getattr(handler, "http_methods", None)
            if methods == {"OPTIONS"}:
                continue
            kind = type(route).__name__.removesuffix("Route").upper()
            owner = handler.opt.get(OWNER, "")
            found += [AssembledRoute(owner, str(method), route.path, handler) for method in sorted(methods or [kind])]
    return sorted(found, key=lambda route: (not route.owner, route.owner, route.path, route.method))

"""One router per scope, the routers of children nested in their parents'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from litestar import Router
from litestar.static_files import create_static_files_router

from host.common.compat.litestar import PluginRouter
from host.web.litestar.routing import STATIC

if TYPE_CHECKING:
    from hookspecs import Static
    from host.web.scope_layers import ScopeLayer


def plugin_routers(layers: Sequence[ScopeLayer]) -> list[Router]:
    """Return the routers of the installed plugins; those of their children are nested in them. A scope without routes has none.

    Args:
        layers: of the scopes, parents before children.
    """
    nested: defaultdict[str | None, list[Router]] = defaultdict(list)
    for layer in reversed(layers):  # children first: a router takes its handlers when it is created
        below = nested.pop(layer.key, [])
        if layer.handlers or layer.static or below:
            nested[layer.parent].insert(0, _router(layer, below))
    return nested[None]


def _router(layer: ScopeLayer, below: Sequence[Router]) -> Router:
    return PluginRouter(
        path=layer.path or "/",
        route_handlers=[*layer.handlers, *map(_static_files, layer.static), *below],
        dependencies=layer.dependencies,
        guards=layer.guards,
        middleware=layer.middleware,
        exception_handlers=dict(layer.exception_handlers),
        opt=layer.opt,
        before_request=layer.before_request,
        after_request=layer.after_request,
        after_response=layer.after_response,
    )


def _static_files(static: Static) -> Router:
    return create_static_files_router(
        path=static.path,
        directories=[static.directory],
        html_mode=Path(static.directory, "index.html").is_file(),
        opt={STATIC: True},
        include_in_schema=False,
    )

"""Specifications of the hooks about HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar import Litestar
    from litestar.types import ControllerRouterHandler, Middleware

    from hookspecs.scope import Scope


@hookspec
def register_middleware(scope: Scope) -> Middleware | Iterable[Middleware] | None:
    """ASGI middleware around this plugin's routes, and no others (row K15c). The first is the outermost."""


@hookspec
def register_routes(scope: Scope) -> ControllerRouterHandler | Iterable[ControllerRouterHandler] | None:
    """Litestar handlers, controllers and routers; they all end up under the plugin's prefix (rows R3, R8, K15d)."""


@hookspec
def app_built(scope: Scope, app: Litestar) -> None:
    """The application of all plugins is complete and not yet started (row E9). Nothing can be registered any more."""

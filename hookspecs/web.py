"""Specifications of the hooks about HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from litestar import Litestar
    from litestar.connection import ASGIConnection
    from litestar.types import ControllerRouterHandler, Middleware

    from hookspecs.nesting import Layer, Static
    from hookspecs.scope import Scope


@hookspec
def register_middleware(scope: Scope) -> Middleware | Iterable[Middleware] | None:
    """ASGI middleware around the routes of this plugin and of those inside it, and no others (row K15c).

    The first is the outermost.
    """


@hookspec
def register_layer(scope: Scope) -> Layer | None:
    """What holds for all routes of this plugin and of those inside it: guards, dependencies, exception handlers (rows F28, F31)."""


@hookspec
def register_routes(scope: Scope) -> ControllerRouterHandler | Iterable[ControllerRouterHandler] | None:
    """Litestar handlers, controllers and routers; they all end up under the plugin's prefix (rows R3, R8, K15d)."""


@hookspec
def register_static(scope: Scope) -> Static | Iterable[Static] | None:
    """Directories whose files are served under the plugin's prefix; a route always comes before a file (row K15h)."""


@hookspec
async def authorize_socket(scope: Scope, connection: ASGIConnection[Any, Any, Any, Any], channel: str) -> None:
    """Somebody wants to listen to a channel of this plugin, over a WebSocket or server-sent events (rows K15f, K15g).

    Raising an :class:`~litestar.exceptions.HTTPException` refuses it with that status and text; anything else refuses it too, and
    stands in the log. ``channel`` is the key that the plugin gave it; :func:`hookspecs.user_of` tells who it is.
    """


@hookspec
def app_built(scope: Scope, app: Litestar) -> None:
    """The application of all plugins is complete and not yet started (row E9). Nothing can be registered any more."""

"""Exception handlers of plugins: if one raises, the host answers and logs it, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.plugins import ReceiveRoutePlugin

from host.common.compat.litestar import handlers_of
from host.common.describe import describe_value
from host.web.exception_handlers import http_problem, unexpected_problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litestar.routes import BaseRoute


@dataclass(frozen=True, slots=True)
class GuardedHandler:
    """An exception handler of a plugin. Litestar leaves what it raises to the server, which knows neither plugin nor request id.

    Args:
        handler: the exception handler.
    """

    handler: Callable[[Request[Any, Any, Any], Any], Any]

    def __call__(self, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        """Return the response of the handler, or that to the exception that it raises."""
        try:
            return _response(self.handler(request, error))
        except HTTPException as raised:
            return http_problem(request, raised)
        except Exception as raised:  # noqa: BLE001 - logged and answered like any other exception of a plugin
            return unexpected_problem(request, raised)


class GuardedHandlers(ReceiveRoutePlugin):
    """Guards the exception handlers of plugins on all layers: those of scopes, routers, controllers and route handlers.

    Args:
        trusted: the host's own exception handlers.
    """

    def __init__(self, trusted: Iterable[Any]) -> None:
        self._trusted = list(trusted)

    def receive_route(self, route: BaseRoute) -> None:
        """Guard the exception handlers of a route when it is registered."""
        for route_handler in handlers_of(route):
            guarded = {
                key: GuardedHandler(handler)
                for key, handler in route_handler.resolve_exception_handlers().items()
                if not isinstance(handler, GuardedHandler) and handler not in self._trusted
            }
            if guarded:  # the route handler is the innermost layer, so these replace what it inherits
                route_handler.exception_handlers = {**(route_handler.exception_handlers or {}), **guarded}


def _response(value: Any) -> Response[Any]:
    if not isinstance(value, Response):
        raise TypeError(f"an exception handler returned {describe_value(value)}; it must return a Response")
    return value

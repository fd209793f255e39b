"""Isolation: a plugin that failed answers 503 while the others are served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from litestar import Router, WebSocket, websocket
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as Connection

from host.web.litestar.routing import OWNER
from host.web.response_503 import TRY_AGAIN_LATER, refuse, unavailable

if TYPE_CHECKING:
    from litestar import Request, Response

    from host.web.problems import Problem

#: Seconds after which a client may retry: long, because the plugin stays unavailable until it is fixed and the host restarted.
_RETRY_AFTER: Final = 30


def _never(_key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Isolation:
    """Which plugins fail while the others are served, and what is answered in their place.

    Args:
        failed: key and prefix of the plugins that failed before the application is built.
        is_failed: return whether the plugin with a key has failed by now.
        may_fail: return whether the plugin with a key may fail after the application was built, while the others are served.
    """

    failed: Sequence[tuple[str, str]] = ()
    is_failed: Callable[[str], bool] = _never
    may_fail: Callable[[str], bool] = _never

    def middleware(self, key: str) -> list[Callable[[ASGIApp], ASGIApp]]:
        """Return the middleware that answers 503 once a plugin has failed; none for a plugin that cannot fail alone.

        Args:
            key: the plugin key.
        """
        if not self.may_fail(key):
            return []
        is_failed = self.is_failed

        def wrap(app: ASGIApp) -> ASGIApp:
            async def isolated(scope: Connection, receive: Receive, send: Send) -> None:
                if is_failed(key):
                    await refuse(scope, receive, send, _detail([key]), _RETRY_AFTER)
                else:
                    await app(scope, receive, send)

            return isolated

        return [wrap]


def isolated_response(request: Request[Any, Any, Any], keys: Sequence[str]) -> Response[Problem]:
    """Return the 503 response under the prefix of plugins that failed.

    Args:
        request: the request.
        keys: the keys of the plugins that failed.
    """
    return unavailable(request, _detail(keys), _RETRY_AFTER)


def isolated_websocket(prefix: str, keys: Sequence[str]) -> Router:
    """Return a router that refuses every WebSocket under a prefix.

    Args:
        prefix: the prefix of the plugins; no other plugin may have a route under it.
        keys: the keys of the plugins that failed.
    """

    # A catch-all rather than a mount: Litestar would route /todos to the mount at /todo, and so hide another plugin's routes.
    async def isolated(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.close(TRY_AGAIN_LATER, _detail(keys))

    # Two handlers, because the paths of one handler are a set: the order of the routes would change with every start.
    handlers = [websocket(path, opt={OWNER: keys[0]})(isolated) for path in ("/", "/{path:path}")]
    return Router(prefix, route_handlers=handlers)


def _detail(keys: Sequence[str]) -> str:
    if len(keys) == 1:
        return f"the plugin {keys[0]} failed at start-up and is not available"
    return f"the plugins {' and '.join(keys)} failed at start-up and are not available"

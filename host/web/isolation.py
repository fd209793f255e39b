"""503 with ``Retry-After``: in the place of a plugin that failed, naming it (design, 7), or of a host that is not ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException
from litestar.handlers import asgi
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as Connection

from host.web.litestar.routing import OWNER
from host.web.problems import unavailable

#: Seconds after which a client that asked a plugin that was isolated may ask again: somebody has to mend it first.
_LATER: Final = 30
#: What a WebSocket is told: try again later (the registry of RFC 6455, 11.7).
_TRY_AGAIN_LATER: Final = 1013


def gate(key: str, is_failed: Callable[[str], bool]) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware that answers 503 when the plugin failed at start-up; only where ``isolate`` makes that possible.

    Args:
        key: the plugin's.
        is_failed: whether a plugin failed.
    """

    def wrap(app: ASGIApp) -> ASGIApp:
        async def gated(scope: Connection, receive: Receive, send: Send) -> None:
            await (refuse(scope, receive, send, _isolated(key), _LATER) if is_failed(key) else app(scope, receive, send))

        return gated

    return wrap


def refusal(prefix: str, keys: Sequence[str]) -> Any:
    """A handler that answers 503 under the prefix of plugins that failed before the application was built.

    Args:
        prefix: under which nobody else has a route.
        keys: the plugins that would have been there.
    """

    @asgi(prefix, is_mount=True, opt={OWNER: keys[0]}, copy_scope=True)
    async def refuse_all(scope: Connection, receive: Receive, send: Send) -> None:
        await refuse(scope, receive, send, _isolated(*keys), _LATER)

    return refuse_all


def unrouted(
    owners: Sequence[tuple[str, str]], is_failed: Callable[[str], bool], otherwise: Callable[..., Any]
) -> Callable[..., Any]:
    """The handler of paths without a route: 503 where they lie under the prefix of a plugin that failed.

    Args:
        owners: prefix and key of each plugin that has a prefix of its own, the longest prefix first.
        is_failed: whether a plugin failed.
        otherwise: handles the others.
    """

    def handle(request: Request[Any, Any, Any], error: NotFoundException) -> Any:
        path = request.scope["path"]
        nearest = next((prefix for prefix, _ in owners if path == prefix or path.startswith(f"{prefix}/")), None)
        failed = [key for prefix, key in owners if prefix == nearest and is_failed(key)]
        return unavailable(request, _isolated(*failed), _LATER) if failed else otherwise(request, error)

    return handle


async def refuse(scope: Connection, receive: Receive, send: Send, detail: str, retry_after: int) -> None:
    """Answer 503; a WebSocket is closed before it is open.

    Args:
        scope: of the request.
        receive: of the request.
        send: of the request.
        detail: why.
        retry_after: seconds.
    """
    if scope["type"] == ScopeType.WEBSOCKET:
        await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER, "reason": detail})
        return
    request: Request[Any, Any, Any] = Request(scope, receive, send)
    response = unavailable(request, detail, retry_after)
    answer = response.to_asgi_response(app=None, request=request, is_head_response=request.method == "HEAD")
    await answer(scope, receive, send)


def _isolated(*keys: str) -> str:
    if len(keys) == 1:
        return f"the plugin {keys[0]} failed at start and was isolated"
    return f"the plugins {' and '.join(keys)} failed at start and were isolated"

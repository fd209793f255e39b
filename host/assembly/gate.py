"""503 in the place of a plugin that failed, naming it (design, 7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Request
from litestar.handlers import asgi
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as Connection

from host.assembly.problems import unavailable
from host.assembly.routing import OWNER


def gate(key: str, is_failed: Callable[[str], bool]) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware that answers 503 when the plugin failed at start-up; only where ``isolate`` makes that possible.

    Args:
        key: the plugin's.
        is_failed: whether a plugin failed.
    """

    def wrap(app: ASGIApp) -> ASGIApp:
        async def gated(scope: Connection, receive: Receive, send: Send) -> None:
            await (_refuse(key, scope, receive, send) if is_failed(key) else app(scope, receive, send))

        return gated

    return wrap


def refusal(key: str, prefix: str) -> Any:
    """A handler that answers 503 under the prefix of a plugin that failed before the application was built."""

    @asgi(prefix, is_mount=True, opt={OWNER: key}, copy_scope=True)
    async def refuse(scope: Connection, receive: Receive, send: Send) -> None:
        await _refuse(key, scope, receive, send)

    return refuse


async def _refuse(key: str, scope: Connection, receive: Receive, send: Send) -> None:
    request: Request[Any, Any, Any] = Request(scope, receive, send)
    answer = unavailable(request, key).to_asgi_response(app=None, request=request)
    await answer(scope, receive, send)

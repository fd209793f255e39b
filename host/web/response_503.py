"""503 with ``Retry-After``: the answer in place of a plugin, a database or a host that is not available now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from litestar import Request
from litestar.enums import ScopeType

from host.web.problems import problem_response

if TYPE_CHECKING:
    from litestar import Response
    from litestar.types import Receive, Send
    from litestar.types import Scope as Connection

    from host.web.problems import Problem

_UNAVAILABLE: Final = 503
#: The close code of a WebSocket for "Try Again Later", as registered with IANA.
TRY_AGAIN_LATER: Final = 1013


def unavailable(request: Request[Any, Any, Any], detail: str, retry_after: int) -> Response[Problem]:
    """Return the 503 response to a request.

    Args:
        request: the request.
        detail: what is not available.
        retry_after: seconds after which the client may try again.
    """
    return problem_response(request, _UNAVAILABLE, detail, headers={"Retry-After": str(retry_after)})


async def refuse(scope: Connection, receive: Receive, send: Send, detail: str, retry_after: int) -> None:
    """Answer a connection with 503; close a WebSocket before it is accepted.

    Args:
        scope: of the connection.
        receive: of the connection.
        send: of the connection.
        detail: what is not available.
        retry_after: seconds after which the client may try again.
    """
    if scope["type"] == ScopeType.WEBSOCKET:
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": detail})
        return
    request: Request[Any, Any, Any] = Request(scope, receive, send)
    response = unavailable(request, detail, retry_after)
    answer = response.to_asgi_response(app=None, request=request, is_head_response=request.method == "HEAD")
    await answer(scope, receive, send)

"""A plugin whose routes require users; it does not import acme-auth."""

from __future__ import annotations

from typing import Any

from litestar import WebSocket, get, post, websocket
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

from hookspecs import RequestData, authenticated, hookimpl, requires, user_of


@get("/who", guards=[authenticated])
async def who(request_data: RequestData) -> list[str]:
    """Return the id, the name and the roles of the current user."""
    user = request_data.user
    return [] if user is None else [user.id, user.name, *sorted(user.roles)]


@get("/perhaps")
async def perhaps(request_data: RequestData) -> str:
    """Return the id of the current user, if there is one."""
    return request_data.user.id if request_data.user is not None else "nobody"


@post("/change", guards=[authenticated])
async def change() -> None:
    """Accept a change."""


@get("/secret", guards=[requires("admin")])
async def secret() -> str:
    """Return something for admins."""
    return "secret"


@websocket("/socket")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    """Send the user that opened the WebSocket."""
    try:
        user = await user_of(socket)
    except NotAuthorizedException as error:
        await socket.close(4401, error.detail)
        return
    except PermissionDeniedException as error:
        await socket.close(4403, error.detail)
        return
    await socket.accept()
    await socket.send_json(user and [user.id, user.expires_at.timestamp()])
    await socket.close()


@hookimpl
def register_routes() -> list[Any]:
    """Return the routes below ``/acme__gate``."""
    return [who, perhaps, change, secret, socket]

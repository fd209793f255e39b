"""A plugin whose routes ask who somebody is; it knows nothing of acme-auth."""

from __future__ import annotations

from typing import Any

from litestar import WebSocket, get, post, websocket
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

from hookspecs import RequestData, authenticated, hookimpl, requires, user_of


@get("/who", guards=[authenticated])
async def who(request_data: RequestData) -> list[str]:
    """The name and the roles of who asks."""
    user = request_data.user
    return [] if user is None else [user.id, user.name, *sorted(user.roles)]


@get("/perhaps")
async def perhaps(request_data: RequestData) -> str:
    """The same, for everybody."""
    return request_data.user.id if request_data.user is not None else "nobody"


@post("/change", guards=[authenticated])
async def change() -> None:
    """Changes something."""


@get("/secret", guards=[requires("admin")])
async def secret() -> str:
    """For admins."""
    return "secret"


@websocket("/socket")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    """Says who has opened it."""
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
    """All of them under ``/acme__gate``."""
    return [who, perhaps, change, secret, socket]

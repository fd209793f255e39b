"""Access to channels: authenticate the client, then ask the guards of a channel and the plugin that declares it."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from litestar.exceptions import HTTPException, PermissionDeniedException

from hookspecs import user_of
from hookspecs.auth import AUTHENTICATOR
from host.common.errors import PluginError
from host.common.rendering import error_block
from host.loading.timeouts import Limit, awaited
from host.web.request_log import request_id

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection

    from hookspecs import User
    from host.web.channels.channel_state import ChannelState

    ClientRequest = ASGIConnection[Any, Any, Any, Any]

_LOG: Final = logging.getLogger("host")
_HOOK: Final = "authorize_socket"
_SERVER_ERROR: Final = 500


async def authenticate(request: ClientRequest, limit: Limit) -> User | None:
    """Return the user who opens a connection.

    Args:
        request: the request or the WebSocket handshake.
        limit: how long the authenticator may take.

    Returns:
        The user, or ``None`` for an anonymous client or if no plugin provides an authenticator.

    Raises:
        litestar.exceptions.HTTPException: the credentials are invalid.
        TimeoutError: the authenticator took too long.
    """
    if request.app.state.get(AUTHENTICATOR) is None:
        return None
    async with asyncio.timeout(limit.seconds or None):
        return await user_of(request)


async def authorize(channel: ChannelState, request: ClientRequest, limit: Limit) -> None:
    """Check that a client may subscribe to a channel: ask its guards, then the plugin that declares it.

    Args:
        channel: the channel.
        request: the request or the WebSocket handshake of the client.
        limit: how long each guard and the hook may take.

    Raises:
        litestar.exceptions.HTTPException: the subscription is refused. Any other error in a guard or the hook is logged and
            refuses the subscription with status 403.
    """
    plugin = channel.owner.plugin
    for guard in channel.guards:
        what = f"a guard of the channel {channel.channel.key!r}"
        await _ask(channel, request, "register_channels", what, limit, partial(guard, request, request.route_handler))
    if _HOOK in plugin.hooks:
        call = partial(plugin.hooks[_HOOK], scope=channel.owner.scope, connection=request, channel=channel.channel.key)
        await _ask(channel, request, _HOOK, "", limit, call)


async def _ask(channel: ChannelState, request: ClientRequest, hook: str, what: str, limit: Limit, call: Callable[[], Any]) -> None:
    plugin = channel.owner.plugin
    try:
        with plugin.error_context(hook, what):
            result = call()
        if inspect.isawaitable(result):
            await awaited(plugin, hook, limit, result, what=what)
    except PluginError as error:
        cause = error.__cause__
        if isinstance(cause, HTTPException) and cause.status_code < _SERVER_ERROR:
            raise cause from None
        # An error in the check must neither let the client in nor reveal its text: that may contain anything.
        message = "the subscription to %s could not be authorized, request %s\n%s"
        _LOG.error(message, channel.name, request_id(request), error_block(error))
        raise PermissionDeniedException(f"the subscription to {channel.name} could not be authorized") from None

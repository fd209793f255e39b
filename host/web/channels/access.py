"""Who may listen to what: the user of a connection, the guards of a channel, and what its plugin says (rows K15f, K15g)."""

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

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection

    from hookspecs import User
    from host.web.channels.channel_state import ChannelState

    Connection = ASGIConnection[Any, Any, Any, Any]

_LOG: Final = logging.getLogger("host")
_HOOK: Final = "authorize_socket"
_SERVER_ERROR: Final = 500


async def user_at(connection: Connection, limit: Limit) -> User | None:
    """Who opens a connection; ``None`` also where no plugin knows users.

    Args:
        connection: the socket or the request.
        limit: how long the authenticator may take.

    Raises:
        litestar.exceptions.HTTPException: the claim is wrong.
        TimeoutError: the authenticator took too long.
    """
    if connection.app.state.get(AUTHENTICATOR) is None:
        return None
    async with asyncio.timeout(limit.seconds or None):
        return await user_of(connection)


async def authorize(topic: ChannelState, connection: Connection, limit: Limit) -> None:
    """Ask the guards of a channel, then the plugin that declares it.

    Args:
        topic: the channel.
        connection: who wants to listen.
        limit: how long each of them may take.

    Raises:
        litestar.exceptions.HTTPException: one of them refuses. What raises anything else refuses too, and stands in the log.
    """
    plugin = topic.owner.plugin
    for guard in topic.guards:
        what = f"a guard of the channel {topic.channel.key!r}"
        await _ask(topic, "register_channels", what, limit, partial(guard, connection, connection.route_handler))
    if _HOOK in plugin.hooks:
        call = partial(plugin.hooks[_HOOK], scope=topic.owner.scope, connection=connection, channel=topic.channel.key)
        await _ask(topic, _HOOK, "", limit, call)


async def _ask(topic: ChannelState, hook: str, what: str, limit: Limit, call: Callable[[], Any]) -> None:
    plugin = topic.owner.plugin
    try:
        with plugin.error_context(hook, what):
            result = call()
        if inspect.isawaitable(result):
            await awaited(plugin, hook, limit, result, what=what)
    except PluginError as error:
        cause = error.__cause__
        if isinstance(cause, HTTPException) and cause.status_code < _SERVER_ERROR:
            raise cause from None
        _LOG.error("%s cannot be listened to\n%s", topic.name, error_block(error))
        raise PermissionDeniedException(f"{topic.name} cannot be listened to now") from None

"""The routes that the host adds if a plugin declares a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from host.web.channels.sse import events_handler
from host.web.channels.websocket import socket_handler

if TYPE_CHECKING:
    from host.web.channels.broker import ChannelBroker


def channel_handlers(broker: ChannelBroker) -> list[Any]:
    """Return the route handlers for ``/channels`` and ``/channels/events``.

    Args:
        broker: delivers the messages.
    """
    return [socket_handler(broker), events_handler(broker)]

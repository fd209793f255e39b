"""The routes that are there where a plugin declares a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from host.web.channels.sse import events_handler
from host.web.channels.websocket import socket_handler

if TYPE_CHECKING:
    from host.web.channels.broker import ChannelBroker


def channel_handlers(hub: ChannelBroker) -> list[Any]:
    """The host's own routes for channels.

    Args:
        hub: gives the messages.
    """
    return [socket_handler(hub), events_handler(hub)]

"""The routes that are there where a plugin declares a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from host.channels.events import events_handler
from host.channels.sockets import socket_handler

if TYPE_CHECKING:
    from host.channels.hub import Hub


def channel_handlers(hub: Hub) -> list[Any]:
    """The host's own routes for channels.

    Args:
        hub: gives the messages.
    """
    return [socket_handler(hub), events_handler(hub)]

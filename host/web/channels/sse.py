"""Server-sent events at ``/channels/events``: the same channels for clients that only receive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import Request, get
from litestar.exceptions import ClientException, HTTPException, TooManyRequestsException
from litestar.types import ASGIApp

from host.web.channels.access import authenticate
from host.web.channels.connection import GRACE, CloseReason, Connection
from host.web.channels.replay import after

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

    from hookspecs import User
    from host.web.channels.broker import ChannelBroker
    from host.web.channels.channel_state import ChannelState
    from host.web.channels.message import Message

_MESSAGE_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_NUMBER: Final = re.compile(r"[0-9]{1,9}\Z")
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold events back until its buffer is full
]
#: A comment. Some servers send the headers with the first part of the body, and an ``EventSource`` opens only with the headers.
_OPENING: Final = b": listening\n\n"
_NO_HISTORY: Final = CloseReason(1013, "the message history is not available at present")


def events_handler(broker: ChannelBroker) -> Any:
    """Return the route handler for server-sent events.

    Args:
        broker: delivers the messages.
    """

    @get("/channels/events", include_in_schema=False)
    async def events(request: Request[Any, Any, Any]) -> ASGIApp:
        try:
            user = await authenticate(request, broker.limit)
        except TimeoutError:
            raise HTTPException("the authentication took too long", status_code=503) from None
        names = list(dict.fromkeys(request.query_params.getall("channel", [])))
        if not names:
            raise ClientException("name a channel: /channels/events?channel=…")
        if len(names) > broker.settings.subscriptions:
            raise TooManyRequestsException(f"one connection may subscribe to at most {broker.settings.subscriptions} channels")
        select = _replay_selection(request)
        channels = [await broker.find_authorized(name, request) for name in names]
        return _EventStream(broker, user, channels, select)

    return events


def _replay_selection(request: Request[Any, Any, Any]) -> Callable[[list[Message]], list[Message]] | None:
    """Return the function that selects the messages to replay, or ``None`` if the client wants none.

    A browser that reconnects sends the id of the last message that it received; that goes before the parameter ``last``, which is
    still in the URL then.
    """
    last_id = request.headers.get("last-event-id", "")
    if _MESSAGE_ID.match(last_id):
        return lambda kept: after(kept, last_id)
    last = request.query_params.get("last", "0")
    if not _NUMBER.match(last):
        raise ClientException("last must be an integer from 0")
    count = int(last)
    return (lambda kept: kept[-count:]) if count else None


class _EventStream:
    """The response, which ends when the client disconnects or the connection is closed.

    Args:
        broker: delivers the messages.
        user: the user, or ``None`` for an anonymous client.
        channels: the channels to subscribe to.
        select: selects the messages to replay; ``None`` for no replay.
    """

    def __init__(
        self,
        broker: ChannelBroker,
        user: User | None,
        channels: Sequence[ChannelState],
        select: Callable[[list[Message]], list[Message]] | None,
    ) -> None:
        self._broker = broker
        self._user = user
        self._channels = channels
        self._select = select

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        connection = self._broker.connect(self._user)
        subscribing = asyncio.create_task(self._subscribe(connection, receive))

        async def write(message: Message) -> None:
            await send({"type": "http.response.body", "body": message.event, "more_body": True})

        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": _OPENING, "more_body": True})
            in_time = await connection.send_loop(write)
        except (RuntimeError, OSError):  # the client has disconnected; servers raise different errors
            in_time = False
        finally:
            connection.close(None)
            subscribing.cancel()
            await asyncio.wait({subscribing}, timeout=GRACE)
            self._broker.disconnect(connection)
        with suppress(TimeoutError, RuntimeError, OSError):  # the client has disconnected, or does not read
            async with asyncio.timeout(GRACE):
                if connection.close_reason is not None and in_time:
                    await send({"type": "http.response.body", "body": _close_event(connection.close_reason), "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _subscribe(self, connection: Connection, receive: Receive) -> None:
        """Subscribe the connection, and close it when the client disconnects."""
        if self._select is None:
            self._broker.subscribe(connection, self._channels)
        else:
            try:
                await self._broker.subscribe_with_replay(connection, self._channels, self._select)
            except HTTPException:  # the response has begun, so its status can no longer say so
                connection.close(_NO_HISTORY)
        with suppress(RuntimeError, OSError):
            while (await receive())["type"] != "http.disconnect":
                continue
        connection.close(None)


def _close_event(reason: CloseReason) -> bytes:
    """Return the last event of a stream. Its type is ``close``, so that browsers do not take it for a message."""
    return b"event: close\ndata: %b\n\n" % msgspec.json.encode({"code": reason.code, "reason": reason.reason})

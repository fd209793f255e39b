"""Server-sent events at ``/channels/events``: the same channels for clients that only listen (row R29)."""

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

from host.web.channels.access import user_at
from host.web.channels.connection import GRACE, End, Listener
from host.web.channels.replay import after

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

    from hookspecs import User
    from host.web.channels.broker import ChannelBroker
    from host.web.channels.channel_state import ChannelState
    from host.web.channels.message import Message

_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_NUMBER: Final = re.compile(r"[0-9]{1,9}\Z")
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
#: A comment: the headers reach the client at once.
_OPENING: Final = b": listening\n\n"
_LOST: Final = End(1013, "what was sent before cannot be had now")


def events_handler(hub: ChannelBroker) -> Any:
    """The handler of server-sent events.

    Args:
        hub: gives the messages.
    """

    @get("/channels/events", include_in_schema=False)
    async def events(request: Request[Any, Any, Any]) -> ASGIApp:
        try:
            user = await user_at(request, hub.limit)
        except TimeoutError:
            raise HTTPException("who you are cannot be told now", status_code=503) from None
        names = list(dict.fromkeys(request.query_params.getall("channel", [])))
        if not names:
            raise ClientException("name a channel: /channels/events?channel=…")
        if len(names) > hub.settings.subscriptions:
            raise TooManyRequestsException(f"one connection listens to at most {hub.settings.subscriptions} channels")
        pick = _pick(request)
        topics = [await hub.admit(name, request) for name in names]
        return _Stream(hub, user, topics, pick)

    return events


def _pick(request: Request[Any, Any, Any]) -> Callable[[list[Message]], list[Message]] | None:
    """Which of the messages sent before are wanted: those after the one that a client saw last, or so many; ``None`` for none."""
    seen = request.headers.get("last-event-id", "")
    if _ID.match(seen):
        return lambda kept: after(kept, seen)
    last = request.query_params.get("last", "0")
    if not _NUMBER.match(last):
        raise ClientException("last is a number from 0")
    number = int(last)
    return (lambda kept: kept[-number:]) if number else None


class _Stream:
    """The answer, which ends when the client goes or the server stops.

    Args:
        hub: gives the messages.
        user: who listens.
        topics: to what.
        pick: see :func:`_pick`.
    """

    def __init__(
        self,
        hub: ChannelBroker,
        user: User | None,
        topics: Sequence[ChannelState],
        pick: Callable[[list[Message]], list[Message]] | None,
    ) -> None:
        self._hub = hub
        self._user = user
        self._topics = topics
        self._pick = pick

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send."""
        listener = self._hub.join(self._user)
        feeding = asyncio.create_task(self._feed(listener, receive))

        async def write(message: Message) -> None:
            await send({"type": "http.response.body", "body": message.event, "more_body": True})

        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": _OPENING, "more_body": True})
            in_time = await listener.drain(write)
        except (RuntimeError, OSError):  # the client is gone; which one it is depends on the server
            in_time = False
        finally:
            listener.finish(None)
            feeding.cancel()
            await asyncio.wait({feeding}, timeout=GRACE)
            self._hub.leave(listener)
        with suppress(TimeoutError, RuntimeError, OSError):  # it is gone, or takes nothing
            async with asyncio.timeout(GRACE):
                if listener.end is not None and in_time:
                    await send({"type": "http.response.body", "body": _goodbye(listener.end), "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _feed(self, listener: Listener, receive: Receive) -> None:
        """Have messages put until the client goes."""
        if self._pick is None:
            self._hub.attach(listener, self._topics)
        else:
            try:
                await self._hub.replay(listener, self._topics, self._pick)
            except HTTPException:
                listener.finish(_LOST)
        with suppress(RuntimeError, OSError):
            while (await receive())["type"] != "http.disconnect":
                continue
        listener.finish(None)


def _goodbye(end: End) -> bytes:
    """Why the stream ends, as an event that is no message of a channel."""
    return b"event: close\ndata: %b\n\n" % msgspec.json.encode({"code": end.code, "reason": end.reason})

"""The WebSocket at ``/channels``: what clients ask over it, and what they are told (design, 6; rows R28, R29)."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import HTTPException, TooManyRequestsException, WebSocketDisconnect
from msgspec import UNSET, UnsetType

from host.web.channels.access import user_at
from host.web.channels.connection import GRACE, End, Listener
from host.web.channels.message import Message, own_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from host.web.channels.broker import ChannelBroker

    Socket = WebSocket[Any, Any, Any]

_LOG: Final = logging.getLogger("host")
#: Messages in a row that make no sense, after which a client is given up.
_GARBAGE: Final = 20
#: Bytes that the reason of a close may have (RFC 6455, 5.5).
_REASON: Final = 123
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
#: What an HTTP status is as the code of a close; from 4000 on they are an application's own.
_STATUS: Final = 4000
_MISTAKE: Final = End(1011, "the server made an error; it is in its log")


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """What a client sends.

    Args:
        subscribe: the name of a channel on the wire.
        unsubscribe: likewise.
        ping: comes back as ``pong``.
        last: with ``subscribe``: how many of the messages sent before are wanted.
        ack: whether ``subscribe`` and ``unsubscribe`` are answered when they are done.
    """

    subscribe: str | UnsetType = UNSET
    unsubscribe: str | UnsetType = UNSET
    ping: str | int | float | UnsetType = UNSET
    last: int = 0
    ack: bool = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ValueError: not one of the three was asked, or a number below 0.
        """
        if sum(one is not UNSET for one in (self.subscribe, self.unsubscribe, self.ping)) != 1:
            raise ValueError("a message has one of subscribe, unsubscribe and ping")
        if self.last < 0:
            raise ValueError("last is a number from 0")


_DECODER: Final = msgspec.json.Decoder(Asked)


def socket_handler(hub: ChannelBroker) -> Any:
    """The handler of the WebSocket.

    Args:
        hub: gives the messages.
    """

    @websocket("/channels")
    async def channels(socket: WebSocket[Any, Any, Any]) -> None:
        await _serve(hub, socket)

    return channels


async def _serve(hub: ChannelBroker, socket: Socket) -> None:
    """From the first byte to the last. One task sends, another reads: granian closes only while nobody reads."""
    user, refused = await _user(hub, socket)
    try:
        await socket.accept()
    except (WebSocketDisconnect, RuntimeError, OSError):  # it is gone already
        return
    if refused is not None:
        await _close(socket, refused)
        return
    listener = hub.join(user)
    reading = asyncio.create_task(_Session(hub, socket, listener).read())
    try:
        await listener.drain(partial(_write, socket))
    except (WebSocketDisconnect, RuntimeError, OSError):  # the client is gone; which one it is depends on the server
        listener.end = None
    finally:
        listener.finish(None)
        reading.cancel()
        await asyncio.wait({reading}, timeout=GRACE)
        hub.leave(listener)
    if listener.end is not None:
        await _close(socket, listener.end)


async def _user(hub: ChannelBroker, socket: Socket) -> tuple[Any, End | None]:
    """Who it is, or why that is not accepted. A browser is told the code of a close, and of a refusal nothing."""
    try:
        return await user_at(socket, hub.limit), None
    except Exception as error:  # noqa: BLE001 - whatever an authenticator raises, nobody is let in
        if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
            return None, End(_STATUS + error.status_code, error.detail)
        _LOG.error("who opens a socket cannot be told", exc_info=error)
        return None, _MISTAKE


async def _write(socket: Socket, message: Message) -> None:
    await socket.send({"type": "websocket.send", "bytes": None, "text": message.text})


async def _close(socket: Socket, end: End) -> None:
    """Say goodbye, if the client takes it in time."""
    reason = end.reason.encode()[:_REASON].decode(errors="ignore")
    try:
        async with asyncio.timeout(GRACE):
            await socket.close(end.code, reason)
    except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError) as error:
        _LOG.debug("a socket did not take its close: %s", error)


class _Session:
    """What one client asks.

    Args:
        hub: gives the messages.
        socket: the connection.
        listener: gets the answers.
    """

    def __init__(self, hub: ChannelBroker, socket: Socket, listener: Listener) -> None:
        self._hub = hub
        self._socket = socket
        self._listener = listener
        self._garbage = 0

    async def read(self) -> None:
        """Do what the client asks until it goes."""
        try:
            while (event := await self._socket.receive())["type"] == "websocket.receive":
                await self._take(event)
        except (WebSocketDisconnect, RuntimeError, OSError):  # it is gone
            self._listener.finish(None)
        except Exception:  # noqa: BLE001 - see the log
            _LOG.exception("a socket is closed, as nobody would read from it any more")
            self._listener.finish(_MISTAKE)
        else:
            self._listener.finish(None)

    async def _take(self, event: Mapping[str, Any]) -> None:
        text = event.get("text")
        data = text.encode(errors="replace") if text is not None else event.get("bytes") or b""
        if len(data) > self._hub.settings.message:
            self._listener.finish(End(1009, f"a message may have {self._hub.settings.message} bytes"))
            return
        if text is None:
            self._misunderstood("a message is text, and this one is binary")
            return
        try:
            asked = _DECODER.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            self._misunderstood(str(error))
            return
        self._garbage = 0
        if asked.subscribe is not UNSET:
            await self._subscribe(asked.subscribe, asked)
        elif asked.unsubscribe is not UNSET:
            self._hub.detach(self._listener, asked.unsubscribe)
            self._acknowledge("unsubscribed", asked.unsubscribe, asked)
        else:
            self._say({"pong": asked.ping})

    async def _subscribe(self, name: str, asked: Asked) -> None:
        listener, hub = self._listener, self._hub
        if name in listener.channels:
            self._acknowledge("subscribed", name, asked)
            return
        try:
            if len(listener.channels) >= hub.settings.subscriptions:
                raise TooManyRequestsException(f"one connection listens to at most {hub.settings.subscriptions} channels")
            topic = await hub.admit(name, self._socket)
            if asked.last:
                done = own_message(_json({"subscribed": name})) if asked.ack else None
                await hub.replay(listener, [topic], lambda kept: kept[-asked.last :], done)
                return
        except HTTPException as error:
            self._say({"error": error.detail, "channel": name, "status": error.status_code})
            return
        self._acknowledge("subscribed", name, asked)
        hub.attach(listener, [topic])

    def _misunderstood(self, why: str) -> None:
        self._garbage += 1
        self._say({"error": why, "status": _BAD_REQUEST})
        if self._garbage >= _GARBAGE:
            self._listener.finish(End(1008, f"{_GARBAGE} messages in a row made no sense"))

    def _acknowledge(self, done: str, name: str, asked: Asked) -> None:
        if asked.ack:
            self._say({done: name})

    def _say(self, what: Mapping[str, Any]) -> None:
        self._listener.put(own_message(_json(what)))


def _json(what: Mapping[str, Any]) -> str:
    return msgspec.json.encode(what).decode()

"""The WebSocket at ``/channels``: what clients send, and how the host responds."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import HTTPException, TooManyRequestsException, WebSocketDisconnect
from msgspec import UNSET, UnsetType

from host.web.channels.access import authenticate
from host.web.channels.connection import GRACE, CloseReason, Connection
from host.web.channels.message import Message, host_message
from host.web.request_log import request_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from host.web.channels.broker import ChannelBroker

    Socket = WebSocket[Any, Any, Any]

_LOG: Final = logging.getLogger("host")
#: Invalid messages in a row after which a client is disconnected.
_MAX_INVALID: Final = 20
#: Maximum length of the reason of a close, in bytes (RFC 6455, 5.5).
_MAX_REASON_BYTES: Final = 123
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
#: Added to an HTTP status to get a close code; codes from 4000 on are for applications.
_STATUS_OFFSET: Final = 4000


class ClientMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message from a client.

    Args:
        subscribe: the wire name of a channel to subscribe to.
        unsubscribe: the wire name of a channel to unsubscribe from.
        ping: a value that is sent back as ``pong``.
        last: with ``subscribe``: how many past messages to replay.
        ack: whether ``subscribe`` and ``unsubscribe`` are acknowledged.
    """

    subscribe: str | UnsetType = UNSET
    unsubscribe: str | UnsetType = UNSET
    ping: str | int | float | UnsetType = UNSET
    last: int = 0
    ack: bool = False

    def __post_init__(self) -> None:
        """Check what the types of the fields cannot express.

        Raises:
            ValueError: the message does not have exactly one command, or ``last`` is negative.
        """
        if sum(command is not UNSET for command in (self.subscribe, self.unsubscribe, self.ping)) != 1:
            raise ValueError("a message must have exactly one of subscribe, unsubscribe and ping")
        if self.last < 0:
            raise ValueError("last must be an integer from 0")


_DECODER: Final = msgspec.json.Decoder(ClientMessage)


def socket_handler(broker: ChannelBroker) -> Any:
    """Return the route handler for the WebSocket.

    Args:
        broker: delivers the messages.
    """

    @websocket("/channels")
    async def channels(socket: WebSocket[Any, Any, Any]) -> None:
        await _serve(broker, socket)

    return channels


async def _serve(broker: ChannelBroker, socket: Socket) -> None:
    """Serve one WebSocket until it ends.

    One task sends and another receives, so that a client can unsubscribe while it is sent messages. The receiving task has ended
    before the socket is closed, because granian does not close a WebSocket while the application waits for its next message.
    """
    user, refusal = await _authenticate(broker, socket)
    try:
        await socket.accept()
    except (WebSocketDisconnect, RuntimeError, OSError):  # the client has disconnected already
        return
    if refusal is not None:
        await _close(socket, refusal)
        return
    connection = broker.connect(user)
    receiving = asyncio.create_task(_Receiver(broker, socket, connection).run())
    try:
        await connection.send_loop(partial(_write, socket))
    except (WebSocketDisconnect, RuntimeError, OSError):  # the client has disconnected; servers raise different errors
        connection.close_reason = None
    finally:
        connection.close(None)
        receiving.cancel()
        await asyncio.wait({receiving}, timeout=GRACE)
        broker.disconnect(connection)
    if connection.close_reason is not None:
        await _close(socket, connection.close_reason)


async def _authenticate(broker: ChannelBroker, socket: Socket) -> tuple[Any, CloseReason | None]:
    """Return the user, or the reason to close the WebSocket at once.

    It is accepted first, because a browser shows a page the code of a close, but nothing of a refused handshake.
    """
    try:
        return await authenticate(socket, broker.limit), None
    except Exception as error:  # noqa: BLE001 - whatever an authenticator raises, the client is not let in
        if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
            return None, CloseReason(_STATUS_OFFSET + error.status_code, error.detail)
        _LOG.error("the authentication of a WebSocket failed, request %s", request_id(socket), exc_info=error)
        return None, _internal_error(socket)


def _internal_error(socket: Socket) -> CloseReason:
    return CloseReason(1011, f"internal error; see the log of the server under request {request_id(socket)}")


async def _write(socket: Socket, message: Message) -> None:
    await socket.send({"type": "websocket.send", "bytes": None, "text": message.text})


async def _close(socket: Socket, reason: CloseReason) -> None:
    """Close a WebSocket; a client that does not receive the close in time is left alone."""
    # A cut through a character would make the reason invalid UTF-8, for which clients fail the connection.
    text = reason.reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
    try:
        async with asyncio.timeout(GRACE):
            await socket.close(reason.code, text)
    except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError) as error:
        _LOG.debug("a client did not receive the close of its WebSocket: %s", error)


class _Receiver:
    """Receives the messages of one client and carries them out.

    Args:
        broker: delivers the messages of channels.
        socket: the WebSocket.
        connection: sends the responses.
    """

    def __init__(self, broker: ChannelBroker, socket: Socket, connection: Connection) -> None:
        self._broker = broker
        self._socket = socket
        self._connection = connection
        self._invalid_in_a_row = 0

    async def run(self) -> None:
        """Carry out messages until the client disconnects."""
        try:
            while (event := await self._socket.receive())["type"] == "websocket.receive":
                await self._handle(event)
        except (WebSocketDisconnect, RuntimeError, OSError):  # the client has disconnected
            self._connection.close(None)
        except Exception:  # noqa: BLE001 - logged; the client must not wait for responses that never come
            _LOG.exception("receiving from a WebSocket failed and it is closed, request %s", request_id(self._socket))
            self._connection.close(_internal_error(self._socket))
        else:
            self._connection.close(None)

    async def _handle(self, event: Mapping[str, Any]) -> None:
        text = event.get("text")
        data = text.encode(errors="replace") if text is not None else event.get("bytes") or b""
        if len(data) > self._broker.settings.message:
            self._connection.close(CloseReason(1009, f"a message may have at most {self._broker.settings.message} bytes"))
            return
        if text is None:
            self._refuse("a message must be text, not binary")
            return
        try:
            message = _DECODER.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            self._refuse(str(error))
            return
        self._invalid_in_a_row = 0
        if message.subscribe is not UNSET:
            await self._subscribe(message.subscribe, message)
        elif message.unsubscribe is not UNSET:
            self._broker.unsubscribe(self._connection, message.unsubscribe)
            self._acknowledge("unsubscribed", message.unsubscribe, message)
        else:
            self._respond({"pong": message.ping})

    async def _subscribe(self, name: str, message: ClientMessage) -> None:
        connection, broker = self._connection, self._broker
        if name in connection.channels:
            self._acknowledge("subscribed", name, message)
            return
        try:
            if len(connection.channels) >= broker.settings.subscriptions:
                raise TooManyRequestsException(f"one connection may subscribe to at most {broker.settings.subscriptions} channels")
            channel = await broker.find_authorized(name, self._socket)
            if message.last:
                acknowledgement = host_message(_json({"subscribed": name})) if message.ack else None
                await broker.subscribe_with_replay(connection, [channel], lambda kept: kept[-message.last :], acknowledgement)
                return
        except HTTPException as error:
            self._respond({"error": error.detail, "channel": name, "status": error.status_code})
            return
        self._acknowledge("subscribed", name, message)
        broker.subscribe(connection, [channel])

    def _refuse(self, problem: str) -> None:
        self._invalid_in_a_row += 1
        self._respond({"error": problem, "status": _BAD_REQUEST})
        if self._invalid_in_a_row >= _MAX_INVALID:
            self._connection.close(CloseReason(1008, f"{_MAX_INVALID} invalid messages in a row"))

    def _acknowledge(self, done: str, name: str, message: ClientMessage) -> None:
        if message.ack:
            self._respond({done: name})

    def _respond(self, content: Mapping[str, Any]) -> None:
        self._connection.put(host_message(_json(content)))


def _json(content: Mapping[str, Any]) -> str:
    return msgspec.json.encode(content).decode()

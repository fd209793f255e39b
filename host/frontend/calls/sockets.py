"""A WebSocket that a plugin serves itself: what is sent, what comes, and in which frames.

By Litestar 2.25, as tried on its handlers:

* A ``websocket_listener`` reads text frames as JSON, but for ``data: str`` and ``data: bytes``, which it takes as they are; it
  sends ``str`` and ``bytes`` as they are, the rest as JSON, and nothing where it returns ``None``. A DTO makes all of it JSON.
* A ``websocket_stream`` takes nothing, and sends what it yields by the same rule, value by value.
* A bare ``websocket`` may do anything; both ways are ``unknown``, in raw frames.
* In the binary mode it is the same in binary frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from litestar.handlers.websocket_handlers import WebsocketListenerRouteHandler
from litestar.handlers.websocket_handlers.stream import WebSocketStreamHandler

from host.frontend.calls.annotations import bare, choices, is_kind, is_none, is_text, without_none
from host.frontend.calls.arguments import address_of, kinds_of, target_of, tuple_of
from host.frontend.calls.comments import comment_of
from host.frontend.calls.dto import dto_expression
from host.frontend.calls.operations import NamedOperation
from host.frontend.calls.parameters import parameters_of
from host.frontend.names import pascal
from host.frontend.types.wire import shared

if TYPE_CHECKING:
    from litestar.handlers import WebsocketRouteHandler
    from litestar.typing import FieldDefinition

    from host.frontend.model import Route
    from host.frontend.types.collector import Collector


@dataclass(frozen=True, slots=True)
class Frames:
    """What travels one way.

    Args:
        type: a type expression.
        raw: it is what the frames hold, not JSON in them.
    """

    type: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Socket:
    """One WebSocket, typed. Type expressions hold references into the plugin's collection.

    Args:
        operation: its name.
        target: as that of a call.
        kinds: which arguments there are: ``p``, ``q``.
        arguments: a labelled tuple type.
        send: what the page sends.
        receive: what comes.
        docs: lines of the comment.
    """

    operation: NamedOperation
    target: str
    kinds: str
    arguments: str
    send: Frames
    receive: Frames
    docs: tuple[str, ...]


_NOTHING: Final = Frames("never")
_BINARY: Final = Frames(shared("Blob"), raw=True)
_SENT_BINARY: Final = Frames(f"{shared('Blob')} | {shared('ArrayBuffer')}", raw=True)
_TEXT: Final = Frames("string", raw=True)
#: Of a bare ``websocket``, which says nothing of what travels; there is nothing to warn of.
_UNTYPED: Final = Frames("unknown", raw=True)


def socket_of(route: Route, operation: NamedOperation, types: Collector) -> Socket:
    """Type one WebSocket.

    Args:
        route: with its registered handler.
        operation: the name that it has.
        types: collects the types.
    """
    place = f"{operation.method} {route.path}"
    taken = parameters_of(route.handler, route.path)
    arguments = address_of(taken, types, place)
    name = pascal(operation.entity) + pascal(operation.name)
    return Socket(
        operation=operation,
        target=target_of(route.path, arguments),
        kinds=kinds_of(arguments),
        arguments=tuple_of(arguments),
        send=_sent(route.handler, types, place, f"{name}Send"),
        receive=_received(route.handler, types, place, f"{name}Receive"),
        docs=comment_of(route, operation, taken),
    )


def _sent(handler: WebsocketRouteHandler, types: Collector, place: str, name: str) -> Frames:
    if isinstance(handler, WebsocketListenerRouteHandler) and handler.parsed_data_field is not None:
        return _taken(handler, handler.parsed_data_field, types, place, name)
    return _NOTHING if isinstance(handler, WebSocketStreamHandler) else _UNTYPED


def _taken(handler: WebsocketListenerRouteHandler, data: FieldDefinition, types: Collector, place: str, name: str) -> Frames:
    if handler._receive_mode == "binary":  # noqa: SLF001  # it says so nowhere else
        return _SENT_BINARY
    dto = handler.resolve_data_dto()
    if dto is not None:
        return Frames(dto_expression(dto, data, handler, "in", types, place, name))
    return _TEXT if bare(data.raw) in (str, bytes) else Frames(types.type_of(data.raw, "in", place))


def _received(handler: WebsocketRouteHandler, types: Collector, place: str, name: str) -> Frames:
    if isinstance(handler, WebSocketStreamHandler):
        mode = handler._ws_stream_options.send_mode  # noqa: SLF001  # it says so nowhere else
    elif isinstance(handler, WebsocketListenerRouteHandler):
        mode = handler._send_mode  # noqa: SLF001  # it says so nowhere else
    else:
        return _UNTYPED
    field = handler.parsed_return_field
    if is_none(field.raw) or mode == "binary":
        return _NOTHING if is_none(field.raw) else _BINARY
    dto = handler.resolve_return_dto()
    if dto is not None:
        return Frames(dto_expression(dto, field, handler, "out", types, place, name))
    return _shown(field.raw, types, place, by_value=isinstance(handler, WebSocketStreamHandler))


def _shown(annotation: Any, types: Collector, place: str, *, by_value: bool) -> Frames:
    """What comes in text frames.

    Args:
        annotation: of what is returned or yielded.
        types: collects the types.
        place: where it stands, for warnings.
        by_value: whether each value decides for itself, so that a literal is sent as it is.
    """
    parts = [one for one in choices(annotation) if not is_none(one)]
    raw = [is_kind(one, (str, bytes)) or (by_value and is_text(one)) for one in parts]
    if not any(raw):
        return Frames(types.type_of(annotation, "out", place))
    if all(is_text(one) for one in parts):
        return Frames(types.type_of(without_none(annotation), "out", place), raw=True)
    return _TEXT

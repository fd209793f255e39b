"""A WebSocket that a plugin serves itself: what either side sends, and in which frames.

As Litestar 2.25 does it, verified with its handlers:

* A ``websocket_listener`` parses text frames as JSON, except for ``data: str`` and ``data: bytes``, which it receives as they are.
  It sends ``str`` and ``bytes`` as they are, the rest as JSON, and nothing for ``None``. With a DTO everything is JSON.
* A ``websocket_stream`` receives nothing and sends what it yields by the same rule, value by value.
* A bare ``websocket`` may do anything: both directions are ``unknown``, in raw frames.
* Binary mode does the same in binary frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from litestar.handlers import WebsocketListenerRouteHandler

from host.common.compat.litestar import SOCKET_MODES, is_stream, receive_mode, send_mode
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
    """The frames of one direction.

    Args:
        type: A type expression.
        raw: Whether the type is that of the frames themselves, not of JSON in them.
    """

    type: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Socket:
    """A typed WebSocket. Its type expressions contain references to the types that the plugin's collector has.

    Args:
        operation: Its name.
        target: The expression for its path, as for a call.
        kinds: The kinds of its arguments: ``p``, ``q``.
        arguments: A labelled tuple type.
        send: What the page sends.
        receive: What the page receives.
        docs: The lines of its comment.
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
#: For a bare ``websocket``, which does not declare what travels. That is no reason for a warning.
_UNTYPED: Final = Frames("unknown", raw=True)


def socket_of(route: Route, operation: NamedOperation, types: Collector) -> Socket:
    """Return the typed socket of a WebSocket route.

    Args:
        route: The route with its registered handler.
        operation: Its name.
        types: Collects the types.
    """
    place = f"{operation.method} {route.path}"
    parameters = parameters_of(route.handler, route.path)
    arguments = address_of(parameters, types, place)
    name = pascal(operation.entity) + pascal(operation.name)
    return Socket(
        operation=operation,
        target=target_of(route.path, arguments),
        kinds=kinds_of(arguments),
        arguments=tuple_of(arguments),
        send=_sent(route.handler, types, place, f"{name}Send"),
        receive=_received(route.handler, types, place, f"{name}Receive"),
        docs=comment_of(route, operation, parameters),
    )


def _sent(handler: WebsocketRouteHandler, types: Collector, place: str, name: str) -> Frames:
    if not SOCKET_MODES.works:
        return _UNTYPED
    if isinstance(handler, WebsocketListenerRouteHandler) and handler.parsed_data_field is not None:
        return _accepted(handler, handler.parsed_data_field, types, place, name)
    return _NOTHING if is_stream(handler) else _UNTYPED


def _accepted(handler: WebsocketListenerRouteHandler, data: FieldDefinition, types: Collector, place: str, name: str) -> Frames:
    if receive_mode(handler) == "binary":
        return _SENT_BINARY
    dto = handler.resolve_data_dto()
    if dto is not None:
        return Frames(dto_expression(dto, data, handler, "in", types, place, name))
    return _TEXT if bare(data.raw) in (str, bytes) else Frames(types.type_of(data.raw, "in", place))


def _received(handler: WebsocketRouteHandler, types: Collector, place: str, name: str) -> Frames:
    mode = send_mode(handler)
    if mode is None:
        return _UNTYPED
    field = handler.parsed_return_field
    if is_none(field.raw) or mode == "binary":
        return _NOTHING if is_none(field.raw) else _BINARY
    dto = handler.resolve_return_dto()
    if dto is not None:
        return Frames(dto_expression(dto, field, handler, "out", types, place, name))
    return _text_frames(field.raw, types, place, by_value=is_stream(handler))


def _text_frames(annotation: Any, types: Collector, place: str, *, by_value: bool) -> Frames:
    """Return what the server sends in text frames.

    Args:
        annotation: The annotation of what the handler returns or yields.
        types: Collects the types.
        place: The route, for warnings.
        by_value: Whether the encoding depends on each value, so that a string literal is sent as it is.
    """
    parts = [part for part in choices(annotation) if not is_none(part)]
    raw = [is_kind(part, (str, bytes)) or (by_value and is_text(part)) for part in parts]
    if not any(raw):
        return Frames(types.type_of(annotation, "out", place))
    if all(is_text(part) for part in parts):
        return Frames(types.type_of(without_none(annotation), "out", place), raw=True)
    return _TEXT

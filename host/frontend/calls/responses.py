"""The successful response of a call: its type, and how the runtime reads it.

Litestar 2.25 sends a ``str`` as it is, even as ``application/json``, so it is read as text whatever its media type is. ``fetch``
follows a redirect; the type of its target is not known, so the response is a ``Blob``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from litestar.response import File, Redirect, Response, Stream, Template
from litestar.response.base import ASGIResponse

from host.frontend.calls.annotations import bare, choices, class_of, is_kind, is_none, is_text, without_none
from host.frontend.calls.dto import dto_expression
from host.frontend.text import union
from host.frontend.types.wire import shared

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from host.frontend.types.collector import Collector

How = Literal["", "text", "blob", "stream"]

_OK: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful response.

    Args:
        type: A type expression.
        how: How the runtime reads it; "" for JSON.
    """

    type: str
    how: How = ""


_BLOB: Final = Answer(shared("Blob"), "blob")
_TEXT: Final = Answer("string", "text")
#: A subclass stands before its bases.
_RESPONSES: Final = (
    (Template, _TEXT),
    (Redirect, _BLOB),
    (File, _BLOB),
    (Stream, Answer(f"{shared('ReadableStream')}<{shared('Uint8Array')}>", "stream")),
    (ASGIResponse, _BLOB),
)


def response_of(handler: HTTPRouteHandler, types: Collector, place: str, name: str) -> Answer:
    """Return the successful response of a route, those that it declares in ``responses`` included.

    Args:
        handler: A registered handler.
        types: Collects the types.
        place: The route, for warnings.
        name: The name of the class that Litestar creates for a DTO.
    """
    further = [
        _content(response.data_container, _value(response.media_type), types, place)
        for status, response in sorted((handler.responses or {}).items())
        if status in _OK and status != handler.status_code
    ]
    return _merged([_returned(handler, types, place, name), *further])


def _returned(handler: HTTPRouteHandler, types: Collector, place: str, name: str) -> Answer:
    field = handler.parsed_return_field
    dto = handler.resolve_return_dto()
    if dto is not None:
        return Answer(dto_expression(dto, field, handler, "out", types, place, name))
    media = _value(handler.media_type)
    parts = choices(field.raw)
    if not any(is_kind(part, (Response, ASGIResponse)) for part in parts):
        return _content(field.raw, media, types, place)
    return _merged([_part(part, media, types, place) for part in parts])


def _part(annotation: Any, media: str, types: Collector, place: str) -> Answer:
    """Return the response for one member of what a handler returns; the member may be a response class."""
    if not is_kind(annotation, (Response, ASGIResponse)):
        return _content(annotation, media, types, place)
    fixed = next((answer for base, answer in _RESPONSES if is_kind(annotation, base)), None)
    if fixed is not None:
        return fixed
    arguments = get_args(bare(annotation))
    if arguments:
        return _content(arguments[0], media, types, place)
    if media and "json" not in media:
        return _TEXT if media.startswith("text/") else _BLOB
    return Answer(types.type_of(class_of(annotation), "out", place))


def _content(annotation: Any, media: str, types: Collector, place: str) -> Answer:
    """Return the response for a value that Litestar renders by its type and media type."""
    if is_none(annotation):
        return Answer("void")
    parts = [part for part in choices(annotation) if not is_none(part)]
    if all(is_kind(part, (bytes, bytearray, memoryview)) for part in parts):
        return _BLOB
    if all(is_text(part) for part in parts):
        return Answer(types.type_of(without_none(annotation), "out", place), "text")
    if media.startswith("text/") or any(is_text(part) for part in parts):
        return _TEXT
    if media and "json" not in media:
        return _BLOB
    return Answer(types.type_of(annotation, "out", place))


def _merged(answers: Iterable[Answer]) -> Answer:
    """Return one response for several; if the runtime would read them differently, only their bytes can be used."""
    distinct = list(dict.fromkeys(answers))
    ways = {answer.how for answer in distinct}
    return Answer(union([answer.type for answer in distinct]), ways.pop()) if len(ways) == 1 else _BLOB


def _value(media_type: Any) -> str:
    return str(getattr(media_type, "value", media_type) or "")

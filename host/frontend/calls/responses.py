"""What a success of a call is: its type, and how the runtime reads it.

Litestar 2.25 writes a ``str`` as it is, also under ``application/json``, so such an answer is read as text whatever its media type.
A redirect is followed by ``fetch``; what is there, is a ``Blob``, for nothing is known of it.
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
    """A success.

    Args:
        type: a type expression.
        how: the runtime reads it, "" as JSON.
    """

    type: str
    how: How = ""


_BLOB: Final = Answer(shared("Blob"), "blob")
_TEXT: Final = Answer("string", "text")
#: The nearest class first.
_RESPONSES: Final = (
    (Template, _TEXT),
    (Redirect, _BLOB),
    (File, _BLOB),
    (Stream, Answer(f"{shared('ReadableStream')}<{shared('Uint8Array')}>", "stream")),
    (ASGIResponse, _BLOB),
)


def response_of(handler: HTTPRouteHandler, types: Collector, place: str, name: str) -> Answer:
    """What a route answers, also by what it declares as further ``responses``.

    Args:
        handler: registered.
        types: collects the types.
        place: where it stands, for warnings.
        name: for a class that Litestar makes for a DTO.
    """
    further = [
        _content(one.data_container, _value(one.media_type), types, place)
        for status, one in sorted((handler.responses or {}).items())
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
    if not any(is_kind(one, (Response, ASGIResponse)) for one in parts):
        return _content(field.raw, media, types, place)
    return _merged([_part(one, media, types, place) for one in parts])


def _part(annotation: Any, media: str, types: Collector, place: str) -> Answer:
    """One of the things that a handler returns, which may be a response."""
    if not is_kind(annotation, (Response, ASGIResponse)):
        return _content(annotation, media, types, place)
    made = next((answer for base, answer in _RESPONSES if is_kind(annotation, base)), None)
    if made is not None:
        return made
    arguments = get_args(bare(annotation))
    if arguments:
        return _content(arguments[0], media, types, place)
    if media and "json" not in media:
        return _TEXT if media.startswith("text/") else _BLOB
    return Answer(types.type_of(class_of(annotation), "out", place))


def _content(annotation: Any, media: str, types: Collector, place: str) -> Answer:
    """What is rendered by its type and its media type."""
    if is_none(annotation):
        return Answer("void")
    parts = [one for one in choices(annotation) if not is_none(one)]
    if all(is_kind(one, (bytes, bytearray, memoryview)) for one in parts):
        return _BLOB
    if all(is_text(one) for one in parts):
        return Answer(types.type_of(without_none(annotation), "out", place), "text")
    if media.startswith("text/") or any(is_text(one) for one in parts):
        return _TEXT
    if media and "json" not in media:
        return _BLOB
    return Answer(types.type_of(annotation, "out", place))


def _merged(answers: Iterable[Answer]) -> Answer:
    """One of several answers; where they are not read alike, nothing but their bytes is known."""
    found = list(dict.fromkeys(answers))
    ways = {one.how for one in found}
    return Answer(union([one.type for one in found]), ways.pop()) if len(ways) == 1 else _BLOB


def _value(media_type: Any) -> str:
    return str(getattr(media_type, "value", media_type) or "")

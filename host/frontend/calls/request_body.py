"""The request body of a call: its type, and how it travels.

The marker of ``data`` says how Litestar reads a body: as JSON, MessagePack or a form; ``body`` is the raw bytes. A form contains
strings and files under names, neither ``null`` nor objects: Litestar 2.25 does not parse JSON in a form field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import BodyKwarg

from host.frontend.calls.annotations import bare, choices, is_kind, without_none
from host.frontend.calls.arguments import Argument
from host.frontend.calls.dto import dto_expression
from host.frontend.types.wire import shared

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.typing import FieldDefinition

    from host.frontend.calls.parameters import Parameters
    from host.frontend.types.collector import Collector

How = Literal["", "form", "multipart", "raw"]

_BYTES: Final = f"{shared('Blob')} | {shared('ArrayBuffer')}"
_FORMS: Final[dict[str, How]] = {RequestEncodingType.URL_ENCODED.value: "form", RequestEncodingType.MULTI_PART.value: "multipart"}


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body of a call.

    Args:
        arguments: The argument for the body, if there is one.
        how: How it travels; "" for JSON.
        media_type: Its media type, if that is not JSON and the route declares it.
    """

    arguments: tuple[Argument, ...] = ()
    how: How = ""
    media_type: str = ""


def request_body_of(handler: HTTPRouteHandler, parameters: Parameters, types: Collector, place: str, name: str) -> RequestBody:
    """Return the request body of a route.

    Args:
        handler: A registered handler.
        parameters: The parameters of the route.
        types: Collects the types.
        place: The route, for warnings.
        name: The name of the class that Litestar creates for a DTO.
    """
    data = parameters.data
    if data is None:
        return RequestBody((Argument("b", "body", f"{_BYTES} | string", needed=True),), "raw") if parameters.raw else RequestBody()
    media_type = _media_type(data)
    needed = not (data.is_optional or data.has_default)
    if media_type == RequestEncodingType.MESSAGEPACK.value:
        return RequestBody((Argument("b", "body", _BYTES, needed),), "raw", media_type)
    how = _FORMS.get(media_type, "")
    expression = _type(data, handler, types, place, name, how)
    return RequestBody((Argument("b", "body", expression, needed),), how, media_type if how else "")


def _media_type(data: FieldDefinition) -> str:
    marker = data.kwarg_definition
    media_type = marker.media_type if isinstance(marker, BodyKwarg) else ""
    return str(getattr(media_type, "value", media_type))


def _type(data: FieldDefinition, handler: HTTPRouteHandler, types: Collector, place: str, name: str, how: How) -> str:
    annotation = without_none(data.raw) if how else data.raw
    dto = handler.resolve_data_dto()
    by_dto = None if dto is None else dto_expression(dto, data, handler, "in", types, place, name)
    body = by_dto or types.type_of(annotation, "in", place)
    return f"{shared('Form')}<{body}>" if how and not _is_files(annotation) else body


def _is_files(annotation: Any) -> bool:
    """Return whether the body is a file, or files, without field names."""
    return all(
        is_kind(choice, UploadFile) or any(is_kind(inner, UploadFile) for inner in _items(choice)) for choice in choices(annotation)
    )


def _items(annotation: Any) -> tuple[Any, ...]:
    return get_args(bare(annotation)) if is_kind(annotation, (list, tuple, set, frozenset)) else ()

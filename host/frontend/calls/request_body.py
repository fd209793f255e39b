"""The body of a call: its type, and how it travels.

Litestar reads a body by the marker of ``data``: JSON, MessagePack, or a form; ``body`` is the bytes as they come. A form holds
texts and files under names, so ``null`` and objects cannot be in it: Litestar 2.25 does not read JSON text in a field.
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
    """What a call sends.

    Args:
        arguments: the one with the body, if there is one.
        how: the body travels, "" as JSON.
        media_type: of the body where it is not JSON and the route names it.
    """

    arguments: tuple[Argument, ...] = ()
    how: How = ""
    media_type: str = ""


def request_body_of(handler: HTTPRouteHandler, taken: Parameters, types: Collector, place: str, name: str) -> RequestBody:
    """What the body of a route is.

    Args:
        handler: registered.
        taken: what the route takes.
        types: collects the types.
        place: where it stands, for warnings.
        name: for a class that Litestar makes for a DTO.
    """
    data = taken.data
    if data is None:
        return RequestBody((Argument("b", "body", f"{_BYTES} | string", needed=True),), "raw") if taken.raw else RequestBody()
    media_type = _media_type(data)
    needed = not (data.is_optional or data.has_default)
    if media_type == RequestEncodingType.MESSAGEPACK.value:
        return RequestBody((Argument("b", "body", _BYTES, needed),), "raw", media_type)
    how = _FORMS.get(media_type, "")
    shown = _type(data, handler, types, place, name, how)
    return RequestBody((Argument("b", "body", shown, needed),), how, media_type if how else "")


def _media_type(data: FieldDefinition) -> str:
    marker = data.kwarg_definition
    media_type = marker.media_type if isinstance(marker, BodyKwarg) else ""
    return str(getattr(media_type, "value", media_type))


def _type(data: FieldDefinition, handler: HTTPRouteHandler, types: Collector, place: str, name: str, how: How) -> str:
    annotation = without_none(data.raw) if how else data.raw
    dto = handler.resolve_data_dto()
    made = None if dto is None else dto_expression(dto, data, handler, "in", types, place, name)
    shown = made or types.type_of(annotation, "in", place)
    return f"{shared('Form')}<{shown}>" if how and not _is_files(annotation) else shown


def _is_files(annotation: Any) -> bool:
    """Whether it is a file, or files, without names for them."""
    return all(is_kind(one, UploadFile) or any(is_kind(inner, UploadFile) for inner in _items(one)) for one in choices(annotation))


def _items(annotation: Any) -> tuple[Any, ...]:
    return get_args(bare(annotation)) if is_kind(annotation, (list, tuple, set, frozenset)) else ()

"""A route as a call: what goes in, what comes out, which errors are declared."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

from litestar.dto import DTOData
from litestar.enums import ParamType, RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import BodyKwarg
from litestar.response import File, Redirect, Response, Stream, Template
from litestar.response.base import ASGIResponse

from host.frontend.names import pascal
from host.frontend.operations import NamedOperation
from host.frontend.parameters import Parameter, Parameters, parameters_of
from host.frontend.text import literal, member, one_line, template, type_key, union
from host.frontend.wire import shared

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.typing import FieldDefinition

    from host.frontend.collect import Collector
    from host.frontend.model import Route
    from host.frontend.wire import Mode

_PARAMETER: Final = re.compile(r"\{([^:{}]+):([^{}]+)\}")
_BINARY: Final = shared("Blob")
_FORMS: Final = (RequestEncodingType.MULTI_PART, RequestEncodingType.URL_ENCODED)


@dataclass(frozen=True, slots=True)
class Call:
    """One operation, typed. Type expressions hold references into the plugin's collection.

    Args:
        operation: its name and what the route says of it.
        target: an expression: a string, or an arrow function that encodes the path parameters.
        kinds: which arguments there are: ``p``, ``q``, ``b``.
        arguments: a labelled tuple type.
        answer: the type of a success.
        errors: status → the type of what the problem says beyond its text, ``None`` for nothing in particular.
        docs: lines of the comment.
    """

    operation: NamedOperation
    target: str
    kinds: str
    arguments: str
    answer: str
    errors: tuple[tuple[int, str | None], ...]
    docs: tuple[str, ...]


def call_of(route: Route, operation: NamedOperation, types: Collector) -> Call:
    """Type one route.

    Args:
        route: with its registered handler.
        operation: the name that it has.
        types: collects the types.
    """
    place = f"{route.method} {route.path}"
    taken = parameters_of(route.handler, route.path)
    path = _object(taken.path, "in", types, place)
    query = _object([_asked(one) for one in taken.of(ParamType.QUERY)], "in", types, place)
    name = pascal(operation.entity) + pascal(operation.name)
    body, may_lack = _body(route.handler, taken, types, place, f"{name}Body")
    return Call(
        operation=operation,
        target=_target(route.path, path),
        kinds=("p" if path else "") + ("q" if query else "") + ("b" if body else ""),
        arguments=_arguments(path, query, any(one.required for one in taken.of(ParamType.QUERY)), body, may_lack),
        answer=_answer(route.handler, types, place, f"{name}Answer"),
        errors=_errors(route.handler, types, place),
        docs=_docs(route, operation, taken.of(ParamType.HEADER), taken.data),
    )


def _object(parameters: Sequence[Parameter], mode: Mode, types: Collector, place: str) -> str:
    shown = [
        f"{type_key(one.name)}{'' if one.required else '?'}: {types.type_of(one.annotation, mode, place)}" for one in parameters
    ]
    return "{ " + "; ".join(shown) + " }" if shown else ""


def _asked(one: Parameter) -> Parameter:
    """A query parameter without ``null``, which a query cannot say: it is left out instead."""
    annotation = get_args(one.annotation)[0] if hasattr(one.annotation, "__metadata__") else one.annotation
    choices = get_args(annotation)
    if type(None) not in choices:
        return one
    without: Any = None
    for choice in choices:
        if choice is not type(None):
            without = choice if without is None else without | choice
    return replace(one, annotation=without)


def _arguments(path: str, query: str, query_needed: bool, body: str, may_lack: bool) -> str:
    shown = [f"path: {path}"] if path else []
    if query and query_needed:
        shown.append(f"query: {query}")
    elif query:
        # In a tuple nothing that is needed may follow what may be missing.
        shown.append(f"query: {query} | undefined" if body and not may_lack else f"query?: {query}")
    if body:
        shown.append(f"body?: {body}" if may_lack else f"body: {body}")
    return "[" + ", ".join(shown) + "]"


def _target(path: str, parameters: str) -> str:
    pieces = _PARAMETER.split(path)
    if len(pieces) == 1:
        return literal(path)
    text = template(pieces[0])
    for name, kind, rest in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        value = f"payload{member(name)}"
        encoded = f"encodeURIComponent({value})"
        if kind == "path":
            # Of a path the slashes stay, and Litestar's own first one is in the route already.
            encoded = f'String({value}).replace(/^\\/+/, "").split("/").map(encodeURIComponent).join("/")'
        text += f"${{{encoded}}}{template(rest)}"
    return f"(payload: {parameters}) => `{text}`"


class _Annotations:
    """Stands in for Litestar's schema creator to learn the annotation behind a DTO."""

    def for_field_definition(self, field: FieldDefinition) -> Any:
        return field


def _transferred(dto: Any, field: FieldDefinition, handler: HTTPRouteHandler, types: Collector, name: str) -> Any:
    """What travels in place of a type for which there is a DTO."""
    creator = _Annotations()
    annotation = dto.create_openapi_schema(field_definition=field, handler_id=handler.handler_id, schema_creator=creator).raw
    if get_origin(annotation) is DTOData:
        annotation = get_args(annotation)[0]
    types.give_name(annotation, name)
    return annotation


def _body(handler: HTTPRouteHandler, taken: Parameters, types: Collector, place: str, name: str) -> tuple[str, bool]:
    """The type of the body, and whether it may be missing."""
    data = taken.data
    if data is None:
        return (f"{_BINARY} | string", False) if taken.raw else ("", False)
    dto = handler.resolve_data_dto()
    may_lack = bool(data.is_optional or data.has_default)
    if dto is None:
        return types.type_of(data.raw, "in", place), may_lack
    return types.type_from(lambda: _transferred(dto, data, handler, types, name), "in", place, data.raw), may_lack


def _answer(handler: HTTPRouteHandler, types: Collector, place: str, name: str) -> str:
    field = handler.parsed_return_field
    dto = handler.resolve_return_dto()
    if dto is not None and not field.is_subclass_of((Response, ASGIResponse)):
        return types.type_from(lambda: _transferred(dto, field, handler, types, name), "out", place, field.raw)
    annotation = field.raw
    cls = get_origin(annotation) or annotation
    media = str(getattr(handler.media_type, "value", handler.media_type) or "")
    if isinstance(cls, type) and issubclass(cls, Response):
        for base, made in ((Template, "string"), (Redirect, "void"), (File, _BINARY), (Stream, _BINARY)):
            if issubclass(cls, base):
                return made
        arguments = get_args(annotation)
        if not arguments and not media.startswith("text/"):
            return types.type_of(cls, "out", place)
        annotation = arguments[0] if arguments else str
    return _of_media(annotation, media, types, place)


def _of_media(annotation: Any, media: str, types: Collector, place: str) -> str:
    if annotation is None or annotation is type(None):
        return "void"
    if media.startswith("text/"):
        return "string"
    if media and "json" not in media:
        return _BINARY
    return types.type_of(annotation, "out", place)


def _errors(handler: HTTPRouteHandler, types: Collector, place: str) -> tuple[tuple[int, str | None], ...]:
    found: dict[int, list[str | None]] = {}
    for error in handler.raises or ():
        found.setdefault(int(error.status_code), []).append(_extra(error, types, place))
    merged = {
        status: None if None in extras else union([extra for extra in extras if extra is not None])
        for status, extras in found.items()
    }
    return tuple(sorted(merged.items()))


def _extra(error: type[HTTPException], types: Collector, place: str) -> str | None:
    """The type of ``extra``, where the class of the error annotates it itself."""
    owner = next((cls for cls in error.__mro__ if "extra" in inspect.get_annotations(cls)), HTTPException)
    if owner is HTTPException:
        return None
    return types.type_from(lambda: get_type_hints(owner, include_extras=True)["extra"], "out", place, owner)


def _docs(route: Route, operation: NamedOperation, headers: Sequence[Parameter], data: FieldDefinition | None) -> tuple[str, ...]:
    handler = route.handler
    said = handler.summary or handler.description or inspect.cleandoc(getattr(handler.fn, "__doc__", None) or "")
    first = one_line(said.split("\n\n")[0])
    shown = _PARAMETER.sub(r"{\1}", f"`{route.method} {route.path}`")
    announced = ", ".join(f"`{key}`" for key in operation.broadcast)
    lines = [
        f"{first} {shown}".strip() + (f", announces {announced}." if announced else "."),
        *(f"Header `{one.name}`{'' if one.required else ', optional'}." for one in headers),
    ]
    encoding = data.kwarg_definition.media_type if data is not None and isinstance(data.kwarg_definition, BodyKwarg) else None
    if encoding in _FORMS:
        lines.append(f"The body is sent as `{getattr(encoding, 'value', encoding)}`.")
    return (*lines, "@deprecated") if handler.deprecated else tuple(lines)

"""Which values a route takes from where, by the rules by which Litestar injects them.

Litestar 2.25 decides in ``litestar._kwargs``: a name of a dependency is a dependency, and then what the dependency takes
counts too; a name in the path is a path parameter; a marker (``FromHeader``, ``CookieParameter`` …) says what it is; everything
else is a query parameter. ``data`` is the body. Parameters of layers (``Router(parameters=…)``) count, whether taken or not.
A test holds this against Litestar's own model of each handler.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin
from uuid import UUID

from litestar.constants import RESERVED_KWARGS
from litestar.enums import ParamType
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition

from host.frontend.calls.annotations import bare, without_none
from host.frontend.types.wire import SCALARS

if TYPE_CHECKING:
    from litestar.di import Provide
    from litestar.handlers import BaseRouteHandler

PATH_PARAMETER: Final = re.compile(r"\{([^:{}]+):([^{}]+)\}")
_PATH_TYPES: Final = {
    "str": str,
    "int": int,
    "float": float,
    "uuid": UUID,
    "decimal": Decimal,
    "date": dt.date,
    "datetime": dt.datetime,
    "time": dt.time,
    "timedelta": dt.timedelta,
    "path": Path,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Args:
        name: on the wire.
        annotation: with everything said of it.
        required: whether a request without it is refused.
        kind: where it is taken from.
        checked: a part of the path which the route holds to more than the path itself says.
    """

    name: str
    annotation: Any
    required: bool
    kind: ParamType
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Parameters:
    """All that a route takes.

    Args:
        path: in the order of the path.
        others: query, header and cookie, in the order of the signature.
        data: the body, if it takes one.
        raw: it takes the body as bytes.
    """

    path: tuple[Parameter, ...]
    others: tuple[Parameter, ...]
    data: FieldDefinition | None
    raw: bool

    def of(self, kind: ParamType) -> list[Parameter]:
        """Those of one kind."""
        return [one for one in self.others if one.kind == kind]


def parameters_of(handler: BaseRouteHandler, path: str) -> Parameters:
    """Sort the arguments of a handler and of its dependencies.

    Args:
        handler: registered.
        path: the whole path as Litestar writes it.
    """
    in_path = {name: _PATH_TYPES.get(kind, str) for name, kind in PATH_PARAMETER.findall(path)}
    fields = _fields(handler)
    found: dict[tuple[str, ParamType], Parameter] = {}
    for name, field in fields.items():
        if name not in RESERVED_KWARGS:
            one = _parameter(name, field, in_path)
            if one is not None and not _is_path_elsewhere(one, handler):
                found.setdefault((one.name, one.kind), one)
    ordered = (found.get((name, ParamType.PATH)) for name in in_path)
    given = {one.name: one for one in ordered if one is not None}
    paths = tuple(_path_parameter(name, kind, given.get(name)) for name, kind in in_path.items())
    others = tuple(one for one in found.values() if one.kind != ParamType.PATH)
    return Parameters(paths, others, fields.get("data"), "body" in fields)


def _fields(handler: BaseRouteHandler) -> dict[str, FieldDefinition]:
    """What the handler and the dependencies that it uses take, without the dependencies themselves, and what its layers take."""
    layered = handler.resolve_layered_parameters()
    providers = handler.resolve_dependencies()
    found: dict[str, FieldDefinition] = {}
    for name, field in _taken(handler.parsed_fn_signature.parameters, providers, set()):
        found.setdefault(name, _layered(field, layered[name]) if name in layered else field)
    return {**{name: field for name, field in layered.items() if name not in providers}, **found}


def _taken(
    parameters: dict[str, FieldDefinition], providers: dict[str, Provide], seen: set[str]
) -> Iterator[tuple[str, FieldDefinition]]:
    for name, field in parameters.items():
        if name not in providers:
            if not field.is_di_field:
                yield name, field
        elif name not in seen:
            seen.add(name)
            yield from _taken(providers[name].parsed_fn_signature.parameters, providers, seen)


def _layered(field: FieldDefinition, layer: FieldDefinition) -> FieldDefinition:
    chosen = field if field.is_non_marker_parameter_field else layer
    return FieldDefinition.from_kwarg(
        name=chosen.name,
        default=field.default if field.has_default else layer.default,
        inner_types=chosen.inner_types,
        annotation=chosen.annotation,
        kwarg_definition=chosen.kwarg_definition,
        extra=chosen.extra,
    )


def _parameter(name: str, field: FieldDefinition, in_path: dict[str, Any]) -> Parameter | None:
    marker = field.kwarg_definition if isinstance(field.kwarg_definition, ParameterKwarg) else None
    if marker is not None and not marker.include_in_schema:
        return None
    wire_name = (marker.name if marker is not None else None) or name
    kind = marker.param_type if marker is not None else ParamType.QUERY
    if name in in_path:
        wire_name, kind = name, ParamType.PATH
    elif kind == ParamType.PATH and wire_name not in in_path:
        return None
    nothing_else = not (field.has_default and field.default is not None) and not field.is_optional and not field.is_any
    narrowed = kind == ParamType.PATH and bare(without_none(field.raw)) is not in_path[wire_name]
    checked = narrowed or (kind == ParamType.PATH and marker is not None and marker.is_constrained)
    return Parameter(wire_name, field.raw, field.is_required and nothing_else, kind, checked)


def _is_path_elsewhere(one: Parameter, handler: BaseRouteHandler) -> bool:
    """Whether it is a path parameter in another path of the same handler, as in ``get(["/", "/{id:int}"])``."""
    return one.kind == ParamType.QUERY and any(f"{{{one.name}:" in path for path in handler.paths)


def _path_parameter(name: str, kind: Any, taken: Parameter | None) -> Parameter:
    # The handler may take a nearer type, e.g. an enumeration, but it must be one that goes into a path.
    annotation = taken.annotation if taken is not None and goes_into_path(taken.annotation) else kind
    return Parameter(name, annotation, required=True, kind=ParamType.PATH, checked=taken is not None and taken.checked)


def goes_into_path(annotation: Any) -> bool:
    """Whether values of a type can be written into a path."""
    if get_origin(annotation) is Literal:
        return all(isinstance(value, str | int) for value in get_args(annotation))
    if hasattr(annotation, "__metadata__"):
        return goes_into_path(get_args(annotation)[0])
    if not isinstance(annotation, type) or annotation is type(None):
        return False
    if issubclass(annotation, enum.Enum):
        return all(isinstance(one.value, str | int | float) for one in annotation)
    return any(base in SCALARS for base in annotation.__mro__)

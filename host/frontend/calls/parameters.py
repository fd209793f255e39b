"""The parameters of a route and their sources, by the rules that Litestar applies when it injects them.

Litestar decides by these rules: the name of a dependency is a dependency, whose own parameters count too; a name in
the path is a path parameter; a marker (``FromHeader``, ``CookieParameter`` …) declares its kind; the rest are query parameters.
``data`` is the body. Parameters of layers (``Router(parameters=…)``) count even if the handler does not have them. A test compares
this with Litestar's own model of each handler.
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

from litestar.di import Dependency
from litestar.enums import ParamType
from litestar.params import DependencyKwarg, ParameterKwarg
from litestar.typing import FieldDefinition

from host.common.compat.litestar import provider_parameters
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
#: Names of arguments that Litestar fills itself, see https://docs.litestar.dev/latest/usage/routing/handlers.html
_RESERVED: Final = frozenset({"body", "cookies", "data", "headers", "query", "request", "scope", "socket", "state"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Args:
        name: Its name on the wire.
        annotation: Its annotation with all metadata.
        required: Whether a request without it is refused.
        kind: Its source.
        checked: For a path parameter: whether the handler validates more than the path does.
    """

    name: str
    annotation: Any
    required: bool
    kind: ParamType
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of a route.

    Args:
        path: The path parameters, in the order of the path.
        others: Query, header and cookie parameters, in the order of the signature.
        data: The body, if there is one.
        raw: Whether it reads the body as bytes.
    """

    path: tuple[Parameter, ...]
    others: tuple[Parameter, ...]
    data: FieldDefinition | None
    raw: bool

    def of(self, kind: ParamType) -> list[Parameter]:
        """Return the parameters of one kind."""
        return [parameter for parameter in self.others if parameter.kind == kind]


def parameters_of(handler: BaseRouteHandler, path: str) -> Parameters:
    """Return the parameters of a handler and of its dependencies.

    Args:
        handler: A registered handler.
        path: The complete path in Litestar's notation.
    """
    in_path = {name: _PATH_TYPES.get(kind, str) for name, kind in PATH_PARAMETER.findall(path)}
    fields = _fields(handler)
    parameters: dict[tuple[str, ParamType], Parameter] = {}
    for name, field in fields.items():
        if name not in _RESERVED:
            parameter = _parameter(name, field, in_path)
            if parameter is not None and not _is_path_elsewhere(parameter, handler):
                parameters.setdefault((parameter.name, parameter.kind), parameter)
    ordered = (parameters.get((name, ParamType.PATH)) for name in in_path)
    in_signature = {parameter.name: parameter for parameter in ordered if parameter is not None}
    paths = tuple(_path_parameter(name, kind, in_signature.get(name)) for name, kind in in_path.items())
    others = tuple(parameter for parameter in parameters.values() if parameter.kind != ParamType.PATH)
    return Parameters(paths, others, fields.get("data"), "body" in fields)


def _fields(handler: BaseRouteHandler) -> dict[str, FieldDefinition]:
    """Return the fields of the handler, of the dependencies that it uses, and of its layers; dependencies themselves excluded."""
    layered = handler.resolve_layered_parameters()
    providers = handler.resolve_dependencies()
    own: dict[str, FieldDefinition] = {}
    namespace = handler.resolve_signature_namespace()
    for name, field in _request_fields(handler.parsed_fn_signature.parameters, providers, namespace, set()):
        own.setdefault(name, _layered(field, layered[name]) if name in layered else field)
    return {**{name: field for name, field in layered.items() if name not in providers}, **own}


def _request_fields(
    parameters: dict[str, FieldDefinition], providers: dict[str, Provide], namespace: dict[str, Any], seen: set[str]
) -> Iterator[tuple[str, FieldDefinition]]:
    for name, field in parameters.items():
        if name not in providers:
            if not _is_dependency(field):
                yield name, field
        elif name not in seen:
            seen.add(name)
            yield from _request_fields(provider_parameters(providers[name], namespace), providers, namespace, seen)


def _is_dependency(field: FieldDefinition) -> bool:
    return field.has_metadata(Dependency) or isinstance(field.kwarg_definition, DependencyKwarg)


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


def _is_path_elsewhere(parameter: Parameter, handler: BaseRouteHandler) -> bool:
    """Return whether it is a path parameter in another path of the same handler, as in ``get(["/", "/{id:int}"])``."""
    return parameter.kind == ParamType.QUERY and any(f"{{{parameter.name}:" in path for path in handler.paths)


def _path_parameter(name: str, kind: Any, parameter: Parameter | None) -> Parameter:
    # The handler may declare a narrower type, e.g. an enumeration, if its values can be part of a path.
    annotation = parameter.annotation if parameter is not None and goes_into_path(parameter.annotation) else kind
    return Parameter(name, annotation, required=True, kind=ParamType.PATH, checked=parameter is not None and parameter.checked)


def goes_into_path(annotation: Any) -> bool:
    """Return whether values of a type can be part of a path."""
    if get_origin(annotation) is Literal:
        return all(isinstance(value, str | int) for value in get_args(annotation))
    if hasattr(annotation, "__metadata__"):
        return goes_into_path(get_args(annotation)[0])
    if not isinstance(annotation, type) or annotation is type(None):
        return False
    if issubclass(annotation, enum.Enum):
        return all(isinstance(member.value, str | int | float) for member in annotation)
    return any(base in SCALARS for base in annotation.__mro__)

"""One order for the members of unions and literals, independent of the order in which plugins write them.

``typing`` caches what it creates: ``Optional[Literal["b", "a"]]`` is the ``Optional[Literal["a", "b"]]`` that another plugin wrote
before, because the two are equal. So the order depends on which plugin was imported first, and cannot be used.
"""

from __future__ import annotations

import enum
import json
import re
import types
import typing
from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

_UNIONS: Final = (typing.Union, types.UnionType)
_SCALARS: Final[Mapping[Any, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}
#: pydantic appends the identity of a class to its name.
_IDENTITY: Final = re.compile(r":\d+")
_ADDRESS: Final = re.compile(" at 0x[0-9a-fA-F]+")


def is_union(annotation: Any) -> bool:
    """Return whether an annotation is a union, in either spelling."""
    return get_origin(annotation) in _UNIONS


def origin_of(annotation: Any) -> Any:
    """Return ``get_origin`` of an annotation; for a pydantic model with type arguments, the generic model."""
    return _generic(annotation)[0] or get_origin(annotation)


def arguments(annotation: Any) -> tuple[Any, ...]:
    """Return ``get_args`` of an annotation, also of a pydantic model; members of unions and literals in canonical order."""
    members = _generic(annotation)[1] or get_args(annotation)
    return tuple(sorted(members, key=_order)) if is_union(annotation) or get_origin(annotation) is typing.Literal else members


def _generic(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)) or annotation is BaseModel:
        return None, ()
    generic = annotation.__pydantic_generic_metadata__
    named_otherwise = annotation.model_parametrized_name.__func__ is not BaseModel.model_parametrized_name.__func__  # type: ignore[attr-defined]  # a class method
    return (None, ()) if named_otherwise else (generic["origin"], generic["args"])


def ordered_values(values: list[Any]) -> list[Any]:
    """Return JSON values in canonical order."""
    return sorted(values, key=lambda value: (8, repr(value)) if isinstance(value, list | dict) else _order(value))


def ordered_schemas(schemas: list[Any]) -> list[Any]:
    """Return the choices of a JSON Schema in canonical order."""
    return sorted(schemas, key=_schema_order)


def _order(member: Any) -> tuple[Any, ...]:
    """Return a sort key: values, then scalars, then classes, then generic types, then ``None``."""
    value = member.value if isinstance(member, enum.Enum) else member
    if value is None or value is type(None):
        return (9,)
    if isinstance(value, bool | int | float):
        return 0, isinstance(value, bool), value
    if isinstance(value, str):
        return 1, value
    if isinstance(value, type) and value in _SCALARS:
        return 3, _SCALARS[value]
    origin = get_origin(value)
    return (2, _name(value)) if origin is typing.Literal else (4 if origin is None else 5, _name(value))


def _name(annotation: Any) -> str:
    """Return a name of an annotation that is the same in every process."""
    origin = get_origin(annotation)
    if origin is None:
        if isinstance(annotation, list | tuple):
            return f"[{','.join(map(_name, annotation))}]"
        name = getattr(annotation, "__qualname__", None) or getattr(annotation, "__name__", None)
        return f"{getattr(annotation, '__module__', '')}.{name}" if name else _ADDRESS.sub("", repr(annotation))
    head = "Union" if is_union(annotation) else _name(origin)
    return f"{head}[{','.join(map(_name, arguments(annotation)))}]"


def _schema_order(schema: Any) -> tuple[int, str]:
    """Return a sort key for the same order, as far as a schema allows."""
    if not isinstance(schema, Mapping):
        return 5, repr(schema)
    kind = schema.get("type")
    if kind == "null":
        return 9, ""
    if "const" in schema or "enum" in schema:
        return 2, str(schema.get("enum", [schema.get("const")]))
    if isinstance(ref := schema.get("$ref"), str):
        return 4, _IDENTITY.sub("", ref.rpartition("/")[2])
    if kind in _SCALARS.values() and "format" not in schema:
        return 3, str(kind)
    return 5, _IDENTITY.sub("", json.dumps(schema, sort_keys=True, default=lambda part: _name(getattr(part, "type", type(part)))))

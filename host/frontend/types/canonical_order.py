"""The members of unions and literals in one order, whoever wrote them first.

``typing`` keeps what it has made, and takes ``Optional[Literal["b", "a"]]`` for the ``Optional[Literal["a", "b"]]`` that another
plugin wrote before, because the two are equal. So the order in which a plugin writes them does not always reach us.
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
#: pydantic puts the identity of a class behind its name.
_IDENTITY: Final = re.compile(r":\d+")
_ADDRESS: Final = re.compile(" at 0x[0-9a-fA-F]+")


def is_union(annotation: Any) -> bool:
    """Whether it is a union, in either spelling."""
    return get_origin(annotation) in _UNIONS


def origin_of(annotation: Any) -> Any:
    """What ``get_origin`` gives; of a pydantic model with type arguments, the generic model."""
    return _generic(annotation)[0] or get_origin(annotation)


def arguments(annotation: Any) -> tuple[Any, ...]:
    """What ``get_args`` gives, in an order of ours where that of the author counts for nothing; also of a pydantic model."""
    found = _generic(annotation)[1] or get_args(annotation)
    return tuple(sorted(found, key=_order)) if is_union(annotation) or get_origin(annotation) is typing.Literal else found


def _generic(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)) or annotation is BaseModel:
        return None, ()
    made = annotation.__pydantic_generic_metadata__
    named_otherwise = annotation.model_parametrized_name.__func__ is not BaseModel.model_parametrized_name.__func__  # type: ignore[attr-defined]  # a class method
    return (None, ()) if named_otherwise else (made["origin"], made["args"])


def ordered_values(values: list[Any]) -> list[Any]:
    """JSON values, likewise."""
    return sorted(values, key=lambda one: (8, repr(one)) if isinstance(one, list | dict) else _order(one))


def ordered_schemas(schemas: list[Any]) -> list[Any]:
    """The choices of a JSON Schema, likewise."""
    return sorted(schemas, key=_schema_order)


def _order(one: Any) -> tuple[Any, ...]:
    """Values, then scalars, then classes, then what is made of others, then ``None``."""
    value = one.value if isinstance(one, enum.Enum) else one
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
    """A name of an annotation that is the same in every process."""
    origin = get_origin(annotation)
    if origin is None:
        if isinstance(annotation, list | tuple):
            return f"[{','.join(map(_name, annotation))}]"
        name = getattr(annotation, "__qualname__", None) or getattr(annotation, "__name__", None)
        return f"{getattr(annotation, '__module__', '')}.{name}" if name else _ADDRESS.sub("", repr(annotation))
    head = "Union" if is_union(annotation) else _name(origin)
    return f"{head}[{','.join(map(_name, arguments(annotation)))}]"


def _schema_order(schema: Any) -> tuple[int, str]:
    """The same order, as far as a schema tells."""
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
    return 5, _IDENTITY.sub("", json.dumps(schema, sort_keys=True, default=lambda one: _name(getattr(one, "type", type(one)))))

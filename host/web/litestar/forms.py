"""Lists in forms: a name that comes several times is a list, so a list of one value looks like a single value.

Litestar reads that as a list in multipart forms, by the names of the attributes; in URL-encoded ones, and if a field has another
name on the wire, it refuses with 400. The host reads every form alike. A DTO reads its form itself, before this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar.typing import FieldDefinition
from pydantic import BaseModel

from host.common.compat.litestar import extract_also, form_of


def read_lists(model: Any) -> None:
    """Turn single values into lists for fields that are lists.

    Args:
        model: by which Litestar finds the arguments of a handler.
    """
    field = form_of(model)
    wanted = frozenset() if field is None else frozenset(_lists(field))
    if not wanted:
        return

    async def extract(values: dict[str, Any], _connection: Any) -> None:
        data = values.get("data")
        if isinstance(data, dict) and not wanted.isdisjoint(data):
            single = {name: [data[name]] for name in wanted & data.keys() if not isinstance(data[name], list)}
            values["data"] = {**data, **single}  # a copy: Litestar keeps what it has parsed for the next request with the same body

    extract_also(model, extract)


def _lists(field: FieldDefinition) -> Iterator[str]:
    """Return the names on the wire of the fields that are lists."""
    cls = _required(field)
    if not isinstance(cls.annotation, type) or cls.is_non_string_sequence or cls.annotation is dict:
        return
    names = _wire_names(cls.annotation)
    for name, annotation in cls.get_type_hints().items():
        if _required(FieldDefinition.from_annotation(annotation)).is_non_string_sequence:
            yield from names.get(name, (name,))


def _required(field: FieldDefinition) -> FieldDefinition:
    """Return the field without ``None``, if nothing but one type is left then."""
    rest = [inner for inner in field.inner_types if not inner.is_none_type] if field.is_optional else []
    return rest[0] if len(rest) == 1 else field


def _wire_names(cls: type[Any]) -> dict[str, tuple[str, ...]]:
    if issubclass(cls, msgspec.Struct):
        return {field.name: (field.encode_name,) for field in msgspec.structs.fields(cls)}
    if issubclass(cls, BaseModel):
        aliases = {name: (field.validation_alias, field.alias) for name, field in cls.model_fields.items()}
        return {name: (name, *(alias for alias in both if isinstance(alias, str))) for name, both in aliases.items()}
    return {}

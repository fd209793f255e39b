"""Lists in forms: a form says a list by a name that comes several times, so a list of one looks like a single value.

Litestar 2.25 reads that as a list in multipart forms, by the names of the attributes; in URL-encoded ones, and where a field has
another name on the wire, it refuses with 400. Here every form is read alike. A DTO reads its form itself, before this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar.utils.predicates import is_non_string_sequence, is_optional_union
from litestar.utils.typing import make_non_optional_union
from pydantic import BaseModel


def read_lists(model: Any) -> None:
    """Make lists of the single values for which a handler wants a list.

    Args:
        model: by which Litestar finds the arguments of a handler.
    """
    if model.expected_form_data is None or model.expected_data_dto is not None:
        return
    _media_type, field = model.expected_form_data
    wanted = frozenset(_lists(field))
    if not wanted:
        return

    async def extract(values: dict[str, Any], _connection: Any) -> None:
        data = values.get("data")
        if isinstance(data, dict) and not wanted.isdisjoint(data):
            single = {name: [data[name]] for name in wanted & data.keys() if not isinstance(data[name], list)}
            values["data"] = {**data, **single}  # Litestar keeps what it has parsed for the next request with the same body

    model.extractors.append(extract)


def _lists(field: Any) -> Iterator[str]:
    """The names on the wire of the fields that are lists."""
    cls = make_non_optional_union(field.annotation) if field.is_optional else field.annotation
    if not isinstance(cls, type) or is_non_string_sequence(cls) or cls is dict:
        return
    names = _wire_names(cls)
    for name, annotation in type(field).from_annotation(cls).get_type_hints().items():
        inner = make_non_optional_union(annotation) if is_optional_union(annotation) else annotation
        if is_non_string_sequence(inner):
            yield from names.get(name, (name,))


def _wire_names(cls: type[Any]) -> dict[str, tuple[str, ...]]:
    if issubclass(cls, msgspec.Struct):
        return {one.name: (one.encode_name,) for one in msgspec.structs.fields(cls)}
    if issubclass(cls, BaseModel):
        aliases = {name: (one.validation_alias, one.alias) for name, one in cls.model_fields.items()}
        return {name: (name, *(one for one in both if isinstance(one, str))) for name, both in aliases.items()}
    return {}

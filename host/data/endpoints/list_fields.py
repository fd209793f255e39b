"""The fields of a document by which a list can be filtered and sorted."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from host.data.documents.derive import sent_name
from host.data.documents.document import Document

Kind = Literal["string", "number", "datetime", "other"]

#: Query parameters of a list with a meaning of their own.
RESERVED_PARAMETERS: Final = frozenset({"tags", "deleted", "sort", "limit", "cursor"})
#: Of the fields that every document has, those to filter and those to sort by.
_FILTERABLE: Final = frozenset({"owner"})
_SORTABLE: Final = frozenset({"created_at", "updated_at"})

#: Exactly these types: Litestar does not convert a query parameter to a subclass of one.
_KINDS: Final[Mapping[Any, Kind]] = {
    bool: "other",
    str: "string",
    int: "number",
    float: "number",
    date: "datetime",
    datetime: "datetime",
    UUID: "other",
}
#: For the values of an enumeration or a ``Literal``.
_VALUE_KINDS: Final[Mapping[type[Any], Kind]] = {str: "string", int: "number"}


@dataclass(frozen=True, slots=True)
class ListField:
    """A field by which a list can be filtered or sorted.

    Args:
        name: on the wire.
        stored: the name in the database.
        annotation: the type of its values, without ``None`` and without constraints.
        kind: the kind of its values.
        filterable: whether a list can be filtered by a value of it.
        sortable: whether a list can be sorted by it.
    """

    name: str
    stored: str
    annotation: Any
    kind: Kind
    filterable: bool
    sortable: bool


def list_fields(model: type[Document]) -> tuple[ListField, ...]:
    """Return the fields whose values are simple, in the order of the class, without those that are never sent.

    Args:
        model: the document class.
    """
    if not model.__pydantic_complete__:
        model.model_rebuild()
    fields = []
    for name, info in model.model_fields.items():
        annotation = _unwrap(info.annotation)
        kind = _kind(annotation)
        if info.exclude or kind is None:
            continue
        own, wire = name not in Document.model_fields, sent_name(name, info)
        filterable = (own or name in _FILTERABLE) and wire not in RESERVED_PARAMETERS
        sortable = (own or name in _SORTABLE) and kind != "other"
        if filterable or sortable:
            fields.append(ListField(wire, info.alias or name, annotation, kind, filterable, sortable))
    return tuple(fields)


def sort_type(fields: Iterable[ListField]) -> Any:
    """Return the type of the query parameter ``sort``: the name of a sortable field, with ``-`` for descending.

    Args:
        fields: the fields of the list.
    """
    names = [field.name for field in fields if field.sortable]
    return Literal[*(f"{sign}{name}" for name in names for sign in ("", "-"))]


def _unwrap(annotation: Any) -> Any:
    """Return an annotation without ``Annotated`` and without ``None``."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        members = [_unwrap(member) for member in get_args(annotation) if member is not NoneType]
        return members[0] if len(members) == 1 else annotation
    return annotation


def _kind(annotation: Any) -> Kind | None:
    """Return the kind of the values, or ``None`` if they are not simple."""
    if get_origin(annotation) is Literal:
        return _common_kind(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        kind = _common_kind(member.value for member in annotation)
        return None if kind == "other" else kind  # msgspec, which decodes the query, has no enums of strings and numbers
    return _KINDS.get(annotation) if isinstance(annotation, type) else None


def _common_kind(values: Iterable[Any]) -> Kind | None:
    """Return the kind of strings, of integers or of a mix of both, or ``None`` for other values or no values."""
    kinds = {_VALUE_KINDS.get(type(value)) for value in values}
    if not kinds or None in kinds:
        return None
    return kinds.pop() if len(kinds) == 1 else "other"

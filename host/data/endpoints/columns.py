"""The fields of a document by which a list can be narrowed and sorted (row E14)."""

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

Kind = Literal["text", "number", "moment", "other"]

#: Names in the query of a list that mean something else.
TAKEN: Final = frozenset({"tags", "deleted", "sort", "limit", "cursor"})
#: Of the fields that all documents have: those to narrow by, and those to sort by.
_NARROWING: Final = frozenset({"owner"})
_SORTING: Final = frozenset({"created_at", "updated_at"})

#: Of the types themselves: what derives from them, Litestar does not make of a text of the query.
_KINDS: Final[Mapping[Any, Kind]] = {
    bool: "other",
    str: "text",
    int: "number",
    float: "number",
    date: "moment",
    datetime: "moment",
    UUID: "other",
}
#: Of the values of an enumeration or a ``Literal``.
_NAMED: Final[Mapping[type[Any], Kind]] = {str: "text", int: "number"}


@dataclass(frozen=True, slots=True)
class Column:
    """One field.

    Args:
        name: as it travels.
        stored: in the database.
        annotation: of its values, without ``None`` and without constraints.
        kind: of its values.
        narrows: a list may be narrowed to one value.
        sorts: a list may be sorted by it.
    """

    name: str
    stored: str
    annotation: Any
    kind: Kind
    narrows: bool
    sorts: bool


def columns_of(model: type[Document]) -> tuple[Column, ...]:
    """The fields with one simple value each, in the order of the class; what is never sent is left out.

    Args:
        model: the document class.
    """
    if not model.__pydantic_complete__:
        model.model_rebuild()
    found = []
    for name, info in model.model_fields.items():
        plain = _plain(info.annotation)
        kind = _kind(plain)
        if info.exclude or kind is None:
            continue
        own, wire = name not in Document.model_fields, sent_name(name, info)
        narrows = (own or name in _NARROWING) and wire not in TAKEN
        sorts = (own or name in _SORTING) and kind != "other"
        if narrows or sorts:
            found.append(Column(wire, info.alias or name, plain, kind, narrows, sorts))
    return tuple(found)


def sort_type(columns: Iterable[Column]) -> Any:
    """The orders of a list: the name of a field, with ``-`` for downwards.

    Args:
        columns: of the list.
    """
    names = [column.name for column in columns if column.sorts]
    return Literal[*(f"{sign}{name}" for name in names for sign in ("", "-"))]


def _plain(annotation: Any) -> Any:
    """The annotation without ``Annotated`` and without ``None``."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        rest = [_plain(one) for one in get_args(annotation) if one is not NoneType]
        return rest[0] if len(rest) == 1 else annotation
    return annotation


def _kind(annotation: Any) -> Kind | None:
    """The kind of the values, ``None`` where they are not simple."""
    if get_origin(annotation) is Literal:
        return _common(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        found = _common([one.value for one in annotation])
        return None if found == "other" else found  # msgspec, which reads the query, knows none that mixes texts and numbers
    return _KINDS.get(annotation) if isinstance(annotation, type) else None


def _common(values: Iterable[Any]) -> Kind | None:
    """The kind of texts, of integers, or of both; ``None`` where there are others, or none at all."""
    kinds = {_NAMED.get(type(value)) for value in values}
    if not kinds or None in kinds:
        return None
    return kinds.pop() if len(kinds) == 1 else "other"

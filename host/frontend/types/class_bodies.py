"""The bodies of enumerations and of the classes that msgspec serializes: Structs, dataclasses, attrs, TypedDicts, NamedTuples."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, Literal, NotRequired, Required, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import typing_extensions

from host.frontend.text import literal, optional_item, record, type_key, union
from host.frontend.types.constraints import default_tag, docs_of_annotated, lines_of_tags
from host.frontend.types.expressions import ALIASES, Types, alias_value, expression
from host.frontend.types.wire import Body, Member, Mode

_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of any kind of class.

    Args:
        name: Its name on the wire.
        annotation: Its resolved annotation.
        optional: Whether it may be absent in this direction.
        default: Its default, if that is known.
    """

    name: str
    annotation: Any
    optional: bool
    default: Any = _NOTHING


def record_body(annotation: Any, mode: Mode, types: Types) -> Body:
    """Return the body of a class whose fields msgspec knows.

    Args:
        annotation: The class, or a generic alias of it.
        mode: The direction.
        types: Collects the named types in it.
    """
    cls = get_origin(annotation) or annotation
    docs = class_docs(cls)
    if issubclass(cls, msgspec.Struct):
        fields = list(_struct_fields(annotation, cls, mode))
        if cls.__struct_config__.array_like:
            return Body(alias=_tuple(fields, mode, types), docs=docs)
    elif issubclass(cls, tuple):
        return Body(alias=_tuple(list(_namedtuple_fields(annotation, cls)), mode, types), docs=docs)
    elif typing_extensions.is_typeddict(cls):
        fields = list(_typeddict_fields(annotation, cls))
    else:
        fields = list(_dataclass_fields(annotation, cls, mode))
    if not fields:
        return Body(alias=record("never"), docs=docs)
    return Body(members=tuple(_member(field, mode, types) for field in fields), docs=docs)


def enum_body(cls: type[enum.Enum], types: Types) -> Body:
    """Return the body of an enumeration: the union of its values, in the order of their definition."""
    values = [member.value for member in cls]
    if issubclass(cls, enum.Flag):
        # Any combination of its bits may travel, not only the named ones.
        return Body(alias="number", docs=class_docs(cls), values=tuple(values))
    if not all(isinstance(value, str | int | float) for value in values):
        return Body(alias=types.unknown(cls), docs=class_docs(cls))
    listed = () if any(isinstance(value, bool) for value in values) else tuple(dict.fromkeys(values))
    return Body(alias=union([literal(value) for value in values]), docs=class_docs(cls), values=listed)


def class_docs(cls: type[Any]) -> tuple[str, ...]:
    """Return the lines of a class's docstring, empty for one that Python generated."""
    doc = vars(cls).get("__doc__")
    if not isinstance(doc, str) or doc.startswith(f"{cls.__name__}(") or doc == "An enumeration.":
        return ()
    return tuple(inspect.cleandoc(doc).splitlines())


def _member(field: _Field, mode: Mode, types: Types) -> Member:
    mark = "?" if field.optional else ""
    type_expression = types.guarded(field.annotation, partial(expression, field.annotation, mode, types))
    return Member(f"{type_key(field.name)}{mark}: {type_expression}", _docs(field))


def _tuple(fields: list[_Field], mode: Mode, types: Types) -> str:
    items = [types.guarded(field.annotation, partial(expression, field.annotation, mode, types)) for field in fields]
    # Only trailing elements of a tuple may be optional, and what the server sends is complete.
    optional = [mode == "in" and all(later.optional for later in fields[at:]) for at in range(len(fields))]
    return "[" + ", ".join(optional_item(item) if maybe else item for item, maybe in zip(items, optional, strict=True)) + "]"


def _struct_fields(annotation: Any, cls: type[msgspec.Struct], mode: Mode) -> Iterator[_Field]:
    config = cls.__struct_config__
    if config.tag_field is not None:
        yield _Field(config.tag_field, Literal[config.tag], optional=False)
    for field in msgspec.structs.fields(annotation):
        default = _NOTHING if field.default is msgspec.NODEFAULT or field.default is msgspec.UNSET else field.default
        if field.default_factory in (list, dict, set):
            default = field.default_factory()
        optional = _may_be_unset(field.type) or (not field.required and (mode == "in" or config.omit_defaults))
        yield _Field(field.encode_name, field.type, optional, default)


def _may_be_unset(annotation: Any) -> bool:
    if isinstance(annotation, ALIASES):
        return _may_be_unset(alias_value(annotation))
    arguments = get_args(annotation)
    return _may_be_unset(arguments[0]) if get_origin(annotation) is Annotated else msgspec.UnsetType in arguments


def _hints(annotation: Any, cls: Any) -> dict[str, Any]:
    """Return the annotations of a class and its bases, with type variables replaced by their arguments."""
    bound: dict[Any, Any] = {}
    for base in getattr(cls, "__orig_bases__", ()):
        bound |= _arguments(base)
    bound |= _arguments(annotation)
    return {name: _substituted(hint, bound) for name, hint in get_type_hints(cls, include_extras=True).items()}


def _arguments(alias: Any) -> dict[Any, Any]:
    parameters = getattr(get_origin(alias), "__parameters__", ())
    # A TypeVarTuple takes several arguments, so they cannot be assigned by position.
    return (
        dict(zip(parameters, get_args(alias), strict=False))
        if all(isinstance(parameter, TypeVar) for parameter in parameters)
        else {}
    )


def _substituted(hint: Any, bound: dict[Any, Any]) -> Any:
    if isinstance(hint, TypeVar):
        return bound.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    if not bound or not parameters or get_origin(hint) is None:
        return hint
    return hint[tuple(bound.get(parameter, parameter) for parameter in parameters)]


def _namedtuple_fields(annotation: Any, cls: Any) -> Iterator[_Field]:
    hints = _hints(annotation, cls)
    for name in cls._fields:
        yield _Field(name, hints.get(name, Any), optional=name in cls._field_defaults)


def _typeddict_fields(annotation: Any, cls: Any) -> Iterator[_Field]:
    hints = _hints(annotation, cls)
    for name, hint in hints.items():
        # If annotations are strings, Python 3.11 ignores the markers in them and decides by `total` alone.
        marked = get_origin(hint)
        yield _Field(name, hint, marked is NotRequired or (name in cls.__optional_keys__ and marked is not Required))


def _dataclass_fields(annotation: Any, cls: Any, mode: Mode) -> Iterator[_Field]:
    hints = _hints(annotation, cls)
    if hasattr(cls, "__attrs_attrs__"):
        yield from _attrs_fields(cls, hints, mode)
        return
    for field in dataclasses.fields(cls):
        default = _NOTHING if field.default is dataclasses.MISSING else field.default
        if field.default_factory in (list, dict, set):
            default = field.default_factory()
        has_default = default is not _NOTHING or field.default_factory is not dataclasses.MISSING
        # A default of a field that `__init__` does not set stays on the class, where msgspec does not look for it.
        unset = not field.init and field.default is not dataclasses.MISSING and not _is_slot(cls, field.name)
        yield _Field(field.name, hints.get(field.name, Any), unset or (mode == "in" and has_default), default)


def _is_slot(cls: type[Any], name: str) -> bool:
    return inspect.ismemberdescriptor(inspect.getattr_static(cls, name, None))


def _attrs_fields(cls: Any, hints: dict[str, Any], mode: Mode) -> Iterator[_Field]:
    nothing = sys.modules["attr"].NOTHING
    for attribute in cls.__attrs_attrs__:
        if mode == "out" and attribute.name.startswith("_"):  # msgspec accepts these, but does not send them
            continue
        factory = getattr(attribute.default, "factory", None)
        default = attribute.default if factory is None and attribute.default is not nothing else _NOTHING
        if factory in (list, dict, set):
            default = factory()
        yield _Field(attribute.name, hints.get(attribute.name, Any), mode == "in" and attribute.default is not nothing, default)


def _docs(field: _Field) -> tuple[str, ...]:
    lines, tags = docs_of_annotated(field.annotation)
    if field.optional and field.default is not _NOTHING:
        tags = [*tags, *default_tag(field.default)]
    return (*lines, *lines_of_tags(tags))

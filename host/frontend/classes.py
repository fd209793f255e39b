"""The bodies of enumerations and of the classes that msgspec serialises: Structs, dataclasses, attrs, TypedDicts, NamedTuples."""

from __future__ import annotations

import dataclasses
import enum
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NotRequired, Required, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import typing_extensions
from litestar.params import KwargDefinition

from host.frontend.expressions import Types, expression
from host.frontend.text import literal, optional_item, type_key, union
from host.frontend.wire import Body, Member, Mode

_NOTHING: Final = object()

_META: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
    "min_items": "minItems",
    "max_items": "maxItems",
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One field, of whatever kind of class.

    Args:
        name: on the wire.
        annotation: resolved.
        optional: may be absent, going that way.
        default: where one is known.
    """

    name: str
    annotation: Any
    optional: bool
    default: Any = _NOTHING


def record_body(annotation: Any, mode: Mode, types: Types) -> Body:
    """The body of a class whose fields msgspec knows.

    Args:
        annotation: the class, or a generic alias of one.
        mode: which way it travels.
        types: takes the named types on the way.
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
    return Body(members=tuple(_member(field, mode, types) for field in fields), docs=docs)


def enum_body(cls: type[enum.Enum], types: Types) -> Body:
    """The body of an enumeration: the union of its values, in the order of their definition."""
    values = [one.value for one in cls]
    if not all(isinstance(value, str | int | float) for value in values):
        return Body(alias=types.unknown(cls), docs=class_docs(cls))
    listed = () if any(isinstance(value, bool) for value in values) else tuple(dict.fromkeys(values))
    return Body(alias=union([literal(value) for value in values]), docs=class_docs(cls), values=listed)


def class_docs(cls: type[Any]) -> tuple[str, ...]:
    """The docstring of a class in lines, without what Python writes there itself."""
    doc = vars(cls).get("__doc__")
    if not isinstance(doc, str) or doc.startswith(f"{cls.__name__}(") or doc == "An enumeration.":
        return ()
    return tuple(inspect.cleandoc(doc).splitlines())


def _member(field: _Field, mode: Mode, types: Types) -> Member:
    mark = "?" if field.optional else ""
    return Member(f"{type_key(field.name)}{mark}: {expression(field.annotation, mode, types)}", _docs(field))


def _tuple(fields: list[_Field], mode: Mode, types: Types) -> str:
    items = [expression(field.annotation, mode, types) for field in fields]
    # Only a tail of a tuple may be optional, and what was sent has all of it.
    optional = [mode == "in" and all(later.optional for later in fields[at:]) for at in range(len(fields))]
    return "[" + ", ".join(optional_item(item) if maybe else item for item, maybe in zip(items, optional, strict=True)) + "]"


def _struct_fields(annotation: Any, cls: type[msgspec.Struct], mode: Mode) -> Iterator[_Field]:
    config = cls.__struct_config__
    if config.tag_field is not None:
        yield _Field(config.tag_field, Literal[config.tag], optional=False)
    for one in msgspec.structs.fields(annotation):
        default = _NOTHING if one.default is msgspec.NODEFAULT or one.default is msgspec.UNSET else one.default
        if one.default_factory in (list, dict, set):
            default = one.default_factory()
        optional = _may_be_unset(one.type) or (not one.required and (mode == "in" or config.omit_defaults))
        yield _Field(one.encode_name, one.type, optional, default)


def _may_be_unset(annotation: Any) -> bool:
    return msgspec.UnsetType in get_args(annotation)


def _hints(annotation: Any, cls: Any) -> dict[str, Any]:
    """The annotations of a class and its bases, with type variables replaced by what they stand for."""
    known: dict[Any, Any] = {}
    for base in getattr(cls, "__orig_bases__", ()):
        known |= _arguments(base)
    known |= _arguments(annotation)
    return {name: _substituted(hint, known) for name, hint in get_type_hints(cls, include_extras=True).items()}


def _arguments(alias: Any) -> dict[Any, Any]:
    return dict(zip(getattr(get_origin(alias), "__parameters__", ()), get_args(alias), strict=False))


def _substituted(hint: Any, known: dict[Any, Any]) -> Any:
    if isinstance(hint, TypeVar):
        return known.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    if not known or not parameters or get_origin(hint) is None:
        return hint
    return hint[tuple(known.get(one, one) for one in parameters)]


def _namedtuple_fields(annotation: Any, cls: Any) -> Iterator[_Field]:
    hints = _hints(annotation, cls)
    for name in cls._fields:
        yield _Field(name, hints.get(name, Any), optional=name in cls._field_defaults)


def _typeddict_fields(annotation: Any, cls: Any) -> Iterator[_Field]:
    hints = _hints(annotation, cls)
    for name, hint in hints.items():
        # Where annotations are text, Python 3.11 does not see what is marked and puts it by `total` alone.
        marked = get_origin(hint)
        yield _Field(name, hint, marked is NotRequired or (name in cls.__optional_keys__ and marked is not Required))


def _dataclass_fields(annotation: Any, cls: Any, mode: Mode) -> Iterator[_Field]:
    hints = _hints(annotation, cls)
    if hasattr(cls, "__attrs_attrs__"):
        parameters = inspect.signature(cls).parameters
        for one in cls.__attrs_attrs__:
            parameter = parameters.get(one.alias)
            default = _NOTHING if parameter is None or parameter.default is parameter.empty else parameter.default
            yield _Field(one.name, hints.get(one.name, Any), mode == "in" and default is not _NOTHING)
        return
    for field in dataclasses.fields(cls):
        default = _NOTHING if field.default is dataclasses.MISSING else field.default
        if field.default_factory in (list, dict, set):
            default = field.default_factory()
        has_default = default is not _NOTHING or field.default_factory is not dataclasses.MISSING
        yield _Field(field.name, hints.get(field.name, Any), mode == "in" and has_default, default)


def _docs(field: _Field) -> tuple[str, ...]:
    lines, tags = annotated_docs(field.annotation)
    if field.optional and field.default is not _NOTHING:
        tags = [*tags, *default_tag(field.default)]
    return (*lines, " ".join(tags)) if tags else tuple(lines)


def annotated_docs(annotation: Any) -> tuple[list[str], list[str]]:
    """What an ``Annotated`` says beside the type: lines of description, and tags for constraints."""
    if get_origin(annotation) is not Annotated:
        return [], []
    lines: list[str] = []
    tags: list[str] = []
    for extra in annotation.__metadata__:
        if isinstance(extra, msgspec.Meta | KwargDefinition):
            lines += (extra.description or "").splitlines()
            tags += constraint_tags((keyword, getattr(extra, name, None)) for name, keyword in _META.items())
    return lines, tags


def constraint_tags(constraints: Iterable[tuple[str, Any]]) -> list[str]:
    """Tags of a comment for what a type cannot say: ``@minLength 1``."""
    return [f"@{keyword} {value}" for keyword, value in constraints if isinstance(value, str | int | float)]


def default_tag(value: Any) -> list[str]:
    """``@default …``, or nothing where the default is no JSON."""
    try:
        return [f"@default {literal(msgspec.to_builtins(value, str_keys=True, order='deterministic'))}"]
    except (TypeError, ValueError, msgspec.MsgspecError):
        return []

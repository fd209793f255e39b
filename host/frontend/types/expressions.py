"""From annotations to type expressions, as msgspec and Litestar serialize them.

``msgspec.json.schema_components`` is not used: it describes a datetime without a zone as a string, refuses unions that a response
may contain, and raises at the first unknown class. ``msgspec.structs.fields`` and the annotations contain everything needed.
"""

from __future__ import annotations

import collections
import enum
import sys
import typing
from collections import abc
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Protocol, get_args, get_origin

import litestar.datastructures
import msgspec
import pydantic
import typing_extensions
from litestar.datastructures.secret_values import SecretBytes, SecretString

from hookspecs import Page, Payload, PayloadBody
from host.frontend.text import are_names, array, literal, record, union
from host.frontend.types.canonical_order import arguments, is_union
from host.frontend.types.wire import SCALARS, Mode, TypeKey, is_document, shared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Types(Protocol):
    """What building an expression needs of a collector."""

    def named(self, key: TypeKey) -> str:
        """Collect a type and return a reference to it."""

    def unknown(self, what: Any) -> str:
        """Return ``unknown`` and add a warning."""

    def guarded(self, what: Any, make: Callable[[], str]) -> str:
        """Return what a function returns; if code of a plugin fails in it, ``unknown`` with a warning."""


_ARRAYS: Final = frozenset(
    {
        *(list, set, frozenset, collections.deque),
        *(abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable, abc.Set, abc.MutableSet, abc.Iterator, abc.Generator),
    }
)
_RECORDS: Final = frozenset(
    {dict, collections.OrderedDict, collections.defaultdict, collections.Counter, abc.Mapping, abc.MutableMapping}
)
_TRANSPARENT: Final = frozenset(
    {typing.Final, typing.ClassVar, typing.Required, typing.NotRequired, typing_extensions.ReadOnly, typing.Annotated}
)
_UNIONS: Final = frozenset({typing.Union, type(int | str)})
_UNPACKED: Final = frozenset({typing.Unpack, typing_extensions.Unpack})
#: The classes of ``type X = …``.
ALIASES: Final = tuple({typing_extensions.TypeAliasType, getattr(typing, "TypeAliasType", typing_extensions.TypeAliasType)})
_SHARED: Final = {Page: shared("Page"), litestar.datastructures.UploadFile: shared("Blob")}
#: Base classes as annotations: which of their subclasses travels is not known.
BASES: Final = frozenset({msgspec.Struct, pydantic.BaseModel, pydantic.RootModel, enum.Enum, enum.IntEnum, enum.StrEnum})
_UNTYPED: Final = frozenset({Any, object, msgspec.Raw, typing_extensions.Any})
# Litestar's pydantic plugin and its secret values are sent as strings.
_STRINGS: Final = (
    SecretString,
    SecretBytes,
    pydantic.SecretStr,
    pydantic.SecretBytes,
    pydantic.AnyUrl,
    pydantic.EmailStr,
    pydantic.NameEmail,
)


def expression(annotation: Any, mode: Mode, types: Types) -> str:
    """Return the type expression of an annotation.

    Args:
        annotation: A resolved annotation, e.g. from ``get_type_hints``.
        mode: The direction.
        types: Collects the named types in it.
    """
    origin = get_origin(annotation)
    if origin is None:
        return _plain(annotation, mode, types)
    if annotation is typing.Tuple or (origin is not tuple and not get_args(annotation)):  # noqa: UP006  # plugins may write so
        return _plain(origin, mode, types)
    convert = _GENERIC.get(origin)
    if convert is not None:
        return convert(annotation, mode, types)
    if isinstance(origin, ALIASES):
        return expression(alias_value(origin)[get_args(annotation)], mode, types)
    return _class(annotation, origin, mode, types)


def _plain(annotation: Any, mode: Mode, types: Types) -> str:  # noqa: PLR0911  # one a kind
    if isinstance(annotation, ALIASES):
        return types.named(TypeKey(annotation, "msgspec", mode))
    if annotation is None or annotation in _UNTYPED:
        return "null" if annotation is None else "unknown"
    if isinstance(annotation, typing.TypeVar):
        return _variable(annotation, mode, types)
    if (supertype := getattr(annotation, "__supertype__", None)) is not None:
        return expression(supertype, mode, types)
    if annotation in _ARRAYS:
        return "unknown[]"
    if annotation in _RECORDS:
        return record("unknown")
    return _class(annotation, annotation, mode, types)


def _variable(variable: typing.TypeVar, mode: Mode, types: Types) -> str:
    """Return the bound, the constraints or the default of a type variable without an argument."""
    if variable.__bound__ is not None:
        return expression(variable.__bound__, mode, types)
    if variable.__constraints__:
        return union([expression(constraint, mode, types) for constraint in variable.__constraints__])
    default = getattr(variable, "__default__", typing_extensions.NoDefault)
    return types.unknown(variable) if default is typing_extensions.NoDefault else expression(default, mode, types)


def _class(annotation: Any, cls: Any, mode: Mode, types: Types) -> str:  # noqa: PLR0911  # one a kind
    if not isinstance(cls, type) or cls in BASES:
        return types.unknown(annotation)
    if cls in _SHARED:
        return _SHARED[cls]
    if issubclass(cls, enum.Enum):
        return types.named(TypeKey(cls, "", "out"))
    if issubclass(cls, Payload | PayloadBody):
        item = next(iter(get_args(annotation)), Any)
        envelope = f"{shared('Payload')}<{expression(item, 'out', types)}>"
        return envelope if issubclass(cls, Payload) else f'{envelope}["body"]'
    if issubclass(cls, pydantic.BaseModel):
        return types.named(TypeKey(cls, "msgspec" if is_document(cls) else "pydantic", mode))
    if is_record_class(cls):
        return types.named(TypeKey(annotation, "msgspec", mode))
    return _scalar(annotation, cls, types)


def is_record_class(cls: type[Any]) -> bool:
    """Return whether msgspec knows the fields of a class: a Struct, dataclass, attrs class, TypedDict or NamedTuple."""
    return (
        issubclass(cls, msgspec.Struct)
        or hasattr(cls, "__dataclass_fields__")
        or hasattr(cls, "__attrs_attrs__")
        or typing_extensions.is_typeddict(cls)
        or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
    )


def _scalar(annotation: Any, cls: type[Any], types: Types) -> str:
    for base in cls.__mro__:
        if base in SCALARS:
            return SCALARS[base]
        if base in _ARRAYS or base is tuple:
            return "unknown[]"
        if base in _RECORDS:
            return record("unknown")
    if issubclass(cls, _STRINGS):
        return "string"
    return types.unknown(annotation)


def alias_value(alias: Any) -> Any:
    """Return the value of a type alias; names in strings are looked up in the module that defines it."""
    holder = SimpleNamespace(__annotations__={"value": alias.__value__})
    return typing.get_type_hints(holder, vars(sys.modules[alias.__module__]), include_extras=True)["value"]


def _first(annotation: Any, mode: Mode, types: Types) -> str:
    return expression(get_args(annotation)[0], mode, types)


def _union(annotation: Any, mode: Mode, types: Types) -> str:
    members = [member for member in arguments(annotation) if member is not msgspec.UnsetType]
    return union([expression(member, mode, types) for member in members])


def _literals(annotation: Any, _mode: Mode, types: Types) -> str:
    values = [value.value if isinstance(value, enum.Enum) else value for value in arguments(annotation)]
    serializable = all(isinstance(value, str | int | None) for value in values)
    return union([literal(value) for value in values]) if serializable else types.unknown(annotation)


def _array(annotation: Any, mode: Mode, types: Types) -> str:
    return array(expression(get_args(annotation)[0], mode, types))


def _tuple(annotation: Any, mode: Mode, types: Types) -> str:
    items = get_args(annotation)
    if len(items) == 2 and items[1] is Ellipsis:  # noqa: PLR2004  # tuple[T, ...]
        return array(expression(items[0], mode, types))
    return "[" + ", ".join(_item(item, mode, types) for item in items if item != ()) + "]"


def _item(annotation: Any, mode: Mode, types: Types) -> str:
    """Return an element of a tuple, or a rest element for an unpacked tuple or type variable."""
    unpacked = get_args(annotation)[0] if get_origin(annotation) in _UNPACKED else annotation
    if unpacked is annotation and not getattr(annotation, "__unpacked__", False):
        return expression(annotation, mode, types)
    return "..." + (expression(unpacked, mode, types) if get_origin(unpacked) is tuple else array(types.unknown(unpacked)))


def _record(annotation: Any, mode: Mode, types: Types) -> str:
    key, value = (*get_args(annotation), int)[:2]  # a Counter has no second argument
    return record(expression(value, mode, types), expression(key, mode, types) if _is_listed(key) else None)


def _is_listed(key: Any) -> bool:
    """Return whether the keys of a map are enumerable, and each can be a property name."""
    if isinstance(key, ALIASES):
        return _is_listed(alias_value(key))
    if (supertype := getattr(key, "__supertype__", None)) is not None:
        return _is_listed(supertype)
    if get_origin(key) is typing.Annotated:
        return _is_listed(key.__origin__)
    if is_union(key):
        return all(map(_is_listed, get_args(key)))
    if isinstance(key, type) and issubclass(key, enum.Enum) and key not in BASES:
        return are_names(value.value for value in key)
    values = get_args(key) if get_origin(key) is typing.Literal else (None,)
    return are_names(value.value if isinstance(value, enum.Enum) else value for value in values)


_GENERIC: Final[Mapping[Any, Callable[[Any, Mode, Types], str]]] = {
    **dict.fromkeys(_TRANSPARENT, _first),
    **dict.fromkeys(_UNIONS, _union),
    **dict.fromkeys(_ARRAYS, _array),
    **dict.fromkeys(_RECORDS, _record),
    typing.Literal: _literals,
    tuple: _tuple,
}

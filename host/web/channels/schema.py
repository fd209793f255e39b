"""Whether a message is of the type that its channel declares (row R28)."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, Union, get_args, get_origin

import msgspec
from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from hookspecs import Payload
from host.common.errors import shown

#: Gives what is wrong with a message, "" where nothing is.
Check: TypeAlias = Callable[[Any], str]

#: Where classes come from of which an annotation with arguments says what lies in them.
_CONTAINERS: Final = frozenset({"builtins", "collections", "collections.abc", "types", "typing"})
_CONFIG: Final = ConfigDict(arbitrary_types_allowed=True, strict=True)


def check_of(annotation: Any, datatypes: Mapping[type[Any], str]) -> Check:
    """The check of one channel.

    Args:
        annotation: the type of its messages.
        datatypes: document class → ``type`` of its payloads.
    """
    origin = get_origin(annotation) or annotation
    if annotation is Any or annotation is object:
        return _fine
    if annotation is None:
        return _of_class(type(None))
    if origin is Payload:
        return _of_payload(annotation, datatypes)
    if any((get_origin(one) or one) is Payload for one in _alternatives(annotation)):
        return _of_one([check_of(one, datatypes) for one in _alternatives(annotation)])
    plain = origin is annotation or getattr(origin, "__module__", "") not in _CONTAINERS
    if isinstance(origin, type) and plain and _has_instances(origin):
        return _of_class(origin)
    return _by_value(annotation)


def name_of(annotation: Any) -> str:
    """A type as an error calls it: ``Payload[Task]``."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(origin, type) and arguments and not _alternatives(annotation):
        return f"{origin.__name__}[{', '.join(name_of(one) for one in arguments)}]"
    if alternatives := _alternatives(annotation):
        return " | ".join("None" if one is type(None) else name_of(one) for one in alternatives)
    return str(annotation).replace("typing.", "")


def _fine(_message: Any) -> str:
    return ""


def _has_instances(cls: type[Any]) -> bool:
    """Whether ``isinstance`` tells whether something is of that class."""
    if dict in cls.__mro__ and hasattr(cls, "__total__"):  # a TypedDict, of typing or of typing_extensions
        return False
    return not getattr(cls, "_is_protocol", False) or bool(getattr(cls, "_is_runtime_protocol", False))


def _of_class(cls: type[Any]) -> Check:
    accepted = (int, float) if cls is float else cls
    number = cls in (int, float)

    def check(message: Any) -> str:
        fits = isinstance(message, accepted) and not (number and isinstance(message, bool))
        return "" if fits else f"it is {shown(message)}"

    return check


def _of_payload(annotation: Any, datatypes: Mapping[type[Any], str]) -> Check:
    wanted = {name for one in get_args(annotation) for name in _datatypes(one, datatypes)}

    def check(message: Any) -> str:
        if not isinstance(message, Payload):
            return f"it is {shown(message)}"
        return f"it is a payload of {message.type!r}" if wanted and message.type not in wanted else ""

    return check


def _of_one(checks: Sequence[Check]) -> Check:
    """That one of several checks finds nothing wrong."""

    def check(message: Any) -> str:
        found = [one(message) for one in checks]
        return found[0] if all(found) else ""

    return check


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """What a union is of; nothing, where it is none."""
    return get_args(annotation) if get_origin(annotation) in (types.UnionType, Union) else ()


def _datatypes(model: Any, known: Mapping[type[Any], str]) -> list[str]:
    if alternatives := _alternatives(model):
        return [name for one in alternatives for name in _datatypes(one, known)]
    return [known[base] for base in getattr(model, "__mro__", ()) if base in known][:1]


def _by_value(annotation: Any) -> Check:
    """By going through the value: msgspec first, and pydantic where that cannot."""
    adapter: list[TypeAdapter[Any]] = []

    def check(message: Any) -> str:
        if not adapter:
            try:
                msgspec.convert(message, annotation)
            except msgspec.ValidationError as error:
                return str(error)
            except (TypeError, NameError):  # msgspec does not know such a type, or cannot find out what it is
                adapter.append(_adapter(annotation))
            else:
                return ""
        try:
            adapter[0].validate_python([message])
        except ValidationError as error:
            first = error.errors()[0]
            return f"{first['msg']} at {'.'.join(map(str, first['loc'][1:])) or 'the top'}"
        return ""

    return check


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    """In a list, because a class by itself brings its own configuration; of a type that pydantic does not know, anything goes."""
    anything: TypeAdapter[Any] = TypeAdapter(list[Any])
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(list[annotation], config=_CONFIG)
    except (PydanticUserError, SchemaError, TypeError, NameError):
        return anything
    return adapter if adapter.pydantic_complete else anything

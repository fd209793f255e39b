"""Check that a message has the type that its channel declares."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, Union, get_args, get_origin

import msgspec
from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from hookspecs import Payload
from host.common.describe import describe_value

#: Returns the problem with a message, or "" if it has the right type.
Check: TypeAlias = Callable[[Any], str]

#: Modules whose generic classes are containers: for ``list[Task]`` the items are checked, for ``Box[Task]`` of a plugin only the
#: class is.
_CONTAINERS: Final = frozenset({"builtins", "collections", "collections.abc", "types", "typing"})
_CONFIG: Final = ConfigDict(arbitrary_types_allowed=True, strict=True)


def make_check(annotation: Any, datatypes: Mapping[type[Any], str]) -> Check:
    """Return the check for the messages of one channel.

    Args:
        annotation: the declared type of the messages.
        datatypes: document class → ``type`` of its payloads.
    """
    origin = get_origin(annotation) or annotation
    if annotation is Any or annotation is object:
        return _accept
    if annotation is None:
        return _of_class(type(None))
    if origin is Payload:
        return _of_payload(annotation, datatypes)
    alternatives = _alternatives(annotation)
    if any((get_origin(alternative) or alternative) is Payload for alternative in alternatives):
        return _any_of([make_check(alternative, datatypes) for alternative in alternatives])
    plain = origin is annotation or getattr(origin, "__module__", "") not in _CONTAINERS
    if isinstance(origin, type) and plain and _supports_isinstance(origin):
        return _of_class(origin)
    return _by_value(annotation)


def type_name(annotation: Any) -> str:
    """Return the name of a type for an error message, such as ``Payload[Task]``.

    Args:
        annotation: the type.
    """
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(origin, type) and arguments and not _alternatives(annotation):
        return f"{origin.__name__}[{', '.join(type_name(argument) for argument in arguments)}]"
    if alternatives := _alternatives(annotation):
        return " | ".join("None" if member is type(None) else type_name(member) for member in alternatives)
    return str(annotation).replace("typing.", "")


def _accept(_message: Any) -> str:
    return ""


def _supports_isinstance(cls: type[Any]) -> bool:
    """Return whether ``isinstance`` works with a class; it does not with a TypedDict or a plain Protocol."""
    if dict in cls.__mro__ and hasattr(cls, "__total__"):  # a TypedDict of typing or of typing_extensions
        return False
    return not getattr(cls, "_is_protocol", False) or bool(getattr(cls, "_is_runtime_protocol", False))


def _of_class(cls: type[Any]) -> Check:
    accepted = (int, float) if cls is float else cls
    # bool is a subclass of int, but travels as true or false, not as a number.
    number = cls in (int, float)

    def check(message: Any) -> str:
        fits = isinstance(message, accepted) and not (number and isinstance(message, bool))
        return "" if fits else f"got {describe_value(message)}"

    return check


def _of_payload(annotation: Any, datatypes: Mapping[type[Any], str]) -> Check:
    expected = {name for model in get_args(annotation) for name in _datatypes(model, datatypes)}

    def check(message: Any) -> str:
        if not isinstance(message, Payload):
            return f"got {describe_value(message)}"
        return f"got a payload of {message.type!r}" if expected and message.type not in expected else ""

    return check


def _any_of(checks: Sequence[Check]) -> Check:
    """Return a check that passes if one of several does."""

    def check(message: Any) -> str:
        problems = [check(message) for check in checks]
        return problems[0] if all(problems) else ""

    return check


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, or nothing for another type."""
    return get_args(annotation) if get_origin(annotation) in (types.UnionType, Union) else ()


def _datatypes(model: Any, datatypes: Mapping[type[Any], str]) -> list[str]:
    if alternatives := _alternatives(model):
        return [name for alternative in alternatives for name in _datatypes(alternative, datatypes)]
    return [datatypes[base] for base in getattr(model, "__mro__", ()) if base in datatypes][:1]


def _by_value(annotation: Any) -> Check:
    """Return a check that walks through the value, by msgspec, or by pydantic for a type that msgspec does not support."""
    # Whether msgspec supports a type shows only when it converts a value; the adapter, once needed, is made once.
    adapter: list[TypeAdapter[Any]] = []

    def check(message: Any) -> str:
        if not adapter:
            try:
                msgspec.convert(message, annotation)
            except msgspec.ValidationError as error:
                return str(error)
            except (TypeError, NameError):  # msgspec does not support the type, or cannot resolve a name in it
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
    """Return pydantic's adapter for a list with one message; it accepts anything if pydantic does not support the type.

    The type is wrapped in a list because pydantic refuses a configuration for a class that has its own, such as a model.
    """
    anything: TypeAdapter[Any] = TypeAdapter(list[Any])
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(list[annotation], config=_CONFIG)
    except (PydanticUserError, SchemaError, TypeError, NameError):
        return anything
    return adapter if adapter.pydantic_complete else anything

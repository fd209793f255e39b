"""Find the members of a ``typing.Protocol`` and of an object, without running any code of the object."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partialmethod
from types import FunctionType, MemberDescriptorType, MethodType
from typing import Any, Final, get_overloads

#: Names in a class that are not members of a protocol.
_NO_MEMBERS: Final = frozenset(
    {"__init__", "__new__", "__init_subclass__", "__subclasshook__", "__class_getitem__", "__annotate__", "__annotate_func__"}
    | {"_abc_impl", "_is_protocol", "_is_runtime_protocol"}
)
#: There is no such member.
MISSING: Final = object()
#: The member exists but is not read, because that would run code of the plugin.
UNSEEN: Final = object()


def members(protocol: type[Any]) -> Mapping[str, tuple[Callable[..., Any], ...]]:
    """Return the members of a protocol, inherited ones included, by name.

    Returns:
        name → the functions of a method, several if it is overloaded; nothing for other members.
    """
    found: dict[str, tuple[Callable[..., Any], ...]] = {}
    for base in protocol.__mro__:
        if base is object or (base.__name__ in ("Protocol", "Generic") and base.__module__.startswith("typing")):
            continue
        for name, value in vars(base).items():
            method = isinstance(value, FunctionType | staticmethod | classmethod)
            if name not in _NO_MEMBERS and (method or not is_special(name)):
                found.setdefault(name, tuple(_functions(base, name, value)) if method else ())
        for name in inspect.get_annotations(base):
            found.setdefault(name, ())
    return found


def is_special(name: str) -> bool:
    """Whether a name is special: Python looks it up in the class of an object, not in the object."""
    return name.startswith("__") and name.endswith("__")


def is_a(value: object, *kinds: type[Any]) -> bool:
    """Whether the type of a value is one of some types. ``isinstance`` would ask a proxy for its ``__class__``, which may raise."""
    return issubclass(type(value), kinds)


def _functions(base: type[Any], name: str, value: Any) -> Iterator[Callable[..., Any]]:
    """Yield the functions of a method as callers see them, so bound; of an overloaded method, only the overloads."""

    def named() -> None: ...

    # Overloads are registered under the qualified name of the method, which a function of that name looks up.
    named.__module__, named.__qualname__ = base.__module__, f"{base.__qualname__}.{name}"
    function = getattr(value, "__func__", value)
    for overload in get_overloads(named) or [function]:
        inner = getattr(overload, "__func__", overload)
        if inner.__module__ != "typing":
            yield inner if isinstance(value, staticmethod) else MethodType(inner, base)


def find(implementation: object, name: str) -> Any:
    """Return a member of an object, :data:`MISSING`, or :data:`UNSEEN` for a property or the like."""
    if name == "__call__":
        return implementation if callable(implementation) else MISSING
    if is_special(name):  # Python looks these up in the class
        value = next((vars(base)[name] for base in type(implementation).__mro__ if name in vars(base)), None)
        return MISSING if value is None else value.__get__(implementation) if isinstance(value, FunctionType) else UNSEEN
    try:
        value = inspect.getattr_static(implementation, name)
    except AttributeError:
        return _read(implementation, name)  # there may be a __getattr__
    if not hasattr(type(value), "__get__"):
        return value
    stored = isinstance(value, staticmethod | classmethod | partialmethod | MemberDescriptorType)
    return _read(implementation, name) if stored or callable(value) else UNSEEN


def _read(implementation: object, name: str) -> Any:
    try:
        return getattr(implementation, name)
    except AttributeError:
        return MISSING
    except Exception:  # noqa: BLE001 - a proxy for something that exists only later may raise anything
        return UNSEEN


def _own(implementation: object) -> Mapping[str, Any]:
    """Return the attributes of the object itself, without those of its class."""
    try:
        own: Mapping[str, Any] = object.__getattribute__(implementation, "__dict__")
    except AttributeError:  # the object has slots
        return {}
    return own


def _empty() -> None: ...


def _documented() -> None:
    """Have a docstring and nothing else."""


async def _empty_async() -> None: ...


async def _documented_async() -> None:
    """Have a docstring and nothing else."""


#: The bytecode of functions that do nothing, which is the same for all of them.
_NOTHING: Final = frozenset(function.__code__.co_code for function in (_empty, _documented, _empty_async, _documented_async))
#: Words in an annotation by which a function may return ``None``.
_MAYBE_NONE: Final = ("None", "Optional", "Any", "object")


def is_inherited_stub(implementation: object, name: str) -> bool:
    """Whether a class inherits from the protocol a method without a body, whose annotation promises a result."""
    kind: Any = implementation if is_a(implementation, type) else type(implementation)
    base = next((base for base in kind.__mro__ if name in vars(base)), None)
    if base is None or not vars(base).get("_is_protocol") or name in _own(implementation):
        return False
    value = vars(base)[name]
    function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    if not isinstance(function, FunctionType):
        return False
    code, returned = function.__code__, str(function.__annotations__.get("return", None))
    does_nothing = code.co_code in _NOTHING and code.co_consts[-1] is None
    return does_nothing and not any(word in returned for word in _MAYBE_NONE)

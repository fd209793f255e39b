"""The members of a ``typing.Protocol``, and those of an object, found without running anything of it (row R23)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partialmethod
from types import FunctionType, MemberDescriptorType, MethodType
from typing import Any, Final, get_overloads

#: Names in a class that are no members of a protocol.
_NO_MEMBERS: Final = frozenset(
    {"__init__", "__new__", "__init_subclass__", "__subclasshook__", "__class_getitem__", "__annotate__", "__annotate_func__"}
    | {"_abc_impl", "_is_protocol", "_is_runtime_protocol"}
)
#: There is no such member.
MISSING: Final = object()
#: It is there, and not to be looked at: looking would run code of the plugin.
UNSEEN: Final = object()


def members(protocol: type[Any]) -> Mapping[str, tuple[Callable[..., Any], ...]]:
    """The members of a protocol and of those that it inherits, by name.

    Returns:
        of a method its functions, several where it is overloaded; of anything else none.
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
    """Whether the language itself looks for a name, in the class of an object and not in the object."""
    return name.startswith("__") and name.endswith("__")


def is_a(value: object, *kinds: type[Any]) -> bool:
    """Whether a value is of one of some types itself; ``isinstance`` would ask a stand-in, whose answer may be to raise."""
    return issubclass(type(value), kinds)


def _functions(base: type[Any], name: str, value: Any) -> Iterator[Callable[..., Any]]:
    """As callers see them, so bound; of a method that is overloaded, what was overloaded and nothing else."""

    def named() -> None: ...

    # What stands in a protocol after the last overload has a name of its own, and the overloads are known by that of the method.
    named.__module__, named.__qualname__ = base.__module__, f"{base.__qualname__}.{name}"
    function = getattr(value, "__func__", value)
    for one in get_overloads(named) or [function]:
        inner = getattr(one, "__func__", one)
        if inner.__module__ != "typing":
            yield inner if isinstance(value, staticmethod) else MethodType(inner, base)


def find(implementation: object, name: str) -> Any:
    """A member of an object: itself, :data:`MISSING`, or :data:`UNSEEN` where it is a property or the like."""
    if name == "__call__":
        return implementation if callable(implementation) else MISSING
    if is_special(name):  # the language looks for these in the class
        value = next((vars(base)[name] for base in type(implementation).__mro__ if name in vars(base)), None)
        return MISSING if value is None else value.__get__(implementation) if isinstance(value, FunctionType) else UNSEEN
    try:
        value = inspect.getattr_static(implementation, name)
    except AttributeError:
        return _read(implementation, name)  # maybe there is a __getattr__
    if not hasattr(type(value), "__get__"):
        return value
    stored = isinstance(value, staticmethod | classmethod | partialmethod | MemberDescriptorType)
    return _read(implementation, name) if stored or callable(value) else UNSEEN


def _read(implementation: object, name: str) -> Any:
    try:
        return getattr(implementation, name)
    except AttributeError:
        return MISSING
    except Exception:  # noqa: BLE001 - a stand-in for what is there only later may raise anything
        return UNSEEN


def _own(implementation: object) -> Mapping[str, Any]:
    """What stands in the object itself."""
    try:
        own: Mapping[str, Any] = object.__getattribute__(implementation, "__dict__")
    except AttributeError:  # it has slots
        return {}
    return own


def _empty() -> None: ...


def _told() -> None:
    """Nothing but a text."""


async def _empty_async() -> None: ...


async def _told_async() -> None:
    """Nothing but a text."""


#: The code of functions that do nothing, which is the same for all of them.
_NOTHING: Final = frozenset(one.__code__.co_code for one in (_empty, _told, _empty_async, _told_async))
#: What may be ``None``, as annotations have it.
_MAYBE_NONE: Final = ("None", "Optional", "Any", "object")


def is_inherited_stub(implementation: object, name: str) -> bool:
    """Whether a class inherits a member from the protocol, which does nothing there, though it says that it gives something."""
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

"""Compare an object with a ``typing.Protocol``, and describe the differences."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final

from host.common.describe import describe_value
from host.registration.contracts.awaitability import modes
from host.registration.contracts.protocol_members import MISSING, UNSEEN, find, is_a, is_inherited_stub, is_special, members
from host.registration.contracts.signatures import shortfalls, written

#: The most functions that may wrap each other.
_DEEPEST: Final = 32


@dataclass(frozen=True)
class Difference:
    """A difference between an object and a protocol.

    Args:
        text: the difference, with the names of both.
        fix: what to write.
    """

    text: str
    fix: str


def differences(protocol: type[Any], implementation: object) -> list[Difference]:
    """Return the differences between an object and a protocol.

    The object must have each member, and accept each call that the protocol's methods allow. Its methods must be async if those
    of the protocol are, and only then. Nothing of the object is called and no property is read, so the values of properties are
    not checked. A function with ``__wrapped__`` that passes on all arguments is compared as the function that it wraps.

    Args:
        protocol: a ``typing.Protocol``; what it inherits counts.
        implementation: an instance, a module, a function, or a class whose methods need no instance.
    """
    lacking: list[str] = []
    found: list[Difference] = []
    for name, methods in members(protocol).items():
        value = find(implementation, name)
        if value is MISSING or is_inherited_stub(implementation, name):
            lacking.append(name)
        elif methods and value is not UNSEEN:
            found += _validate_member(_Member(protocol, implementation, name), methods, value)
    return [*_lack(protocol, implementation, lacking), *found]


def called(implementation: object) -> str:
    """Return the name of an implementation in an error."""
    named = is_a(implementation, type, ModuleType, FunctionType)
    return str(implementation.__name__ if named else type(implementation).__name__)  # type: ignore[attr-defined]  # it has a name


@dataclass(frozen=True)
class _Member:
    """A member in an implementation."""

    protocol: type[Any]
    implementation: object
    name: str

    @property
    def needs_instance(self) -> bool:
        """Whether the member is a method of instances, and the implementation is their class."""
        if not is_a(self.implementation, type):
            return False
        return isinstance(inspect.getattr_static(self.implementation, self.name, None), FunctionType)

    def fix(self, function: Callable[..., Any]) -> str:
        owner = called(self.implementation)
        return f"give {owner}(…)" if self.needs_instance else f"write in {owner}: {_definition(self.name, function)}"


def _definition(name: str, function: Callable[..., Any]) -> str:
    """Return the first line of a method, as it should be written."""
    *_, inner = _layers(function)
    inner = inner.__func__ if isinstance(inner, MethodType) else inner
    return f"{'async ' * inspect.iscoroutinefunction(inner)}def {name}{written(inspect.signature(inner))}"


def _lack(protocol: type[Any], implementation: object, names: list[str]) -> Iterator[Difference]:
    if names:
        known = members(protocol)
        fixes = [_definition(name, known[name][0]) if known[name] else f"{name} = …" for name in names]
        yield Difference(
            f"{called(implementation)} lacks {', '.join(names)}", f"write in {called(implementation)}: {', '.join(fixes)}"
        )


def _validate_member(member: _Member, methods: Iterable[Callable[..., Any]], value: Any) -> Iterator[Difference]:
    mine, theirs = f"{called(member.implementation)}.{member.name}", f"{member.protocol.__name__}.{member.name}"
    for method in methods:
        if not callable(value):
            yield Difference(f"{theirs} is a method; {mine} is {describe_value(value)}", member.fix(method))
            return
        asked, given = _compared(member.name, method, value)
        if given and member.needs_instance:
            yield Difference(
                f"{mine} is a method of instances, and {called(member.implementation)} is the class", member.fix(method)
            )
        elif given:
            yield Difference(f"{theirs} {' and '.join(asked)}; {mine} {' and '.join(given)}", member.fix(method))


def _compared(name: str, method: Callable[..., Any], value: Any) -> tuple[list[str], list[str]]:
    """Return what a method requires and the value does not offer, and what it offers instead."""
    asking = list(_layers(method))
    wanted = _signature(asking[-1])
    if wanted is None:
        return [], []
    if is_special(name) and name != "__call__":
        wanted = _unnamed(wanted)
    layers = list(_layers(value))
    signatures = [signature for signature in map(_signature, layers) if signature is not None]
    given = list(dict.fromkeys(text for signature in signatures for text in shortfalls(wanted, signature)))
    asked = [f"takes {written(wanted)}"] if given else []
    expected = {mode for layer in asking for mode in modes(layer)}
    if expected.isdisjoint(mode for layer in layers for mode in modes(layer)):
        is_async = "await" in expected
        asked.append("is async" if is_async else "is not async")
        given.append(("is an async generator" if inspect.isasyncgenfunction(value) else "is not async") if is_async else "is async")
    return asked, given


def _unnamed(signature: inspect.Signature) -> inspect.Signature:
    """Return the signature without arguments by name: Python itself calls special methods by position."""
    parameters = [
        parameter.replace(kind=parameter.POSITIONAL_ONLY) if parameter.kind is parameter.POSITIONAL_OR_KEYWORD else parameter
        for parameter in signature.parameters.values()
    ]
    return signature.replace(parameters=parameters)


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    """Return the signature of this function alone; ``None`` if it has none, as some functions in C."""
    try:
        return inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None


def _layers(function: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Yield a function, then the function that it wraps if it passes on all arguments, and so on."""
    yield function
    bound = isinstance(function, MethodType)
    inner: Any = getattr(function, "__func__", function)
    for _ in range(_DEEPEST):
        wrapped = inspect.getattr_static(inner, "__wrapped__", None)
        if not callable(wrapped) or not _passes_on(inner):
            return
        inner = wrapped
        yield MethodType(inner, function.__self__) if bound else inner  # type: ignore[attr-defined]  # it is a bound method


def _passes_on(function: Callable[..., Any]) -> bool:
    signature = _signature(function)
    kinds = {parameter.kind for parameter in signature.parameters.values()} if signature is not None else set()
    return signature is None or kinds >= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}

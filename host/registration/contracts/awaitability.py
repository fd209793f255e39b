"""Find out whether the result of a function must be awaited, from its kind and its annotation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from functools import partial
from types import FunctionType, MethodType, SimpleNamespace, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Mode = Literal["plain", "await"]

_PLAIN: Final[frozenset[Mode]] = frozenset({"plain"})
_AWAIT: Final[frozenset[Mode]] = frozenset({"await"})
_EITHER: Final = _PLAIN | _AWAIT
#: Words of an annotation that cannot be evaluated, e.g. because its names are imported for type checkers alone.
_WORDS: Final = re.compile(r"\b(?:Awaitable|Coroutine|Future|Task|Any|object)\b")


def modes(function: Callable[..., Any]) -> frozenset[Mode]:
    """Return how the result of a call may be used: ``await`` it, use it as it is (``plain``), or both if that is not known.

    The result of an async generator function is iterated, not awaited, so it is ``plain``.
    """
    inner = _inner(function)
    if inspect.iscoroutinefunction(inner):
        return _AWAIT
    if isinstance(inner, type):
        return _of(inner)
    if not isinstance(inner, FunctionType):
        return _EITHER  # written in C, or a callable of another kind
    annotation = inner.__annotations__.get("return", inspect.Signature.empty)
    if inspect.isasyncgenfunction(inner):
        return _PLAIN
    if annotation is inspect.Signature.empty:
        return _EITHER if _passes_on_something(inner) else _PLAIN
    return _of(_evaluated(annotation, inner))


def _inner(function: Any) -> Any:
    """Return the function in a bound method or a ``partial``, or the ``__call__`` of an object."""
    while isinstance(function, MethodType | partial):
        function = function.__func__ if isinstance(function, MethodType) else function.func
    if isinstance(function, FunctionType | type) or inspect.iscoroutinefunction(function):
        return function
    return getattr(type(function), "__call__", function)  # noqa: B004 - the function itself is wanted


def _passes_on_something(function: FunctionType) -> bool:
    """Whether a function accepts any arguments without ``__wrapped__``: what it calls with them, and so its result, is unknown."""
    takes_all = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
    return function.__code__.co_flags & takes_all == takes_all and not hasattr(function, "__wrapped__")


def _evaluated(annotation: Any, function: FunctionType) -> Any:
    if not isinstance(annotation, str):
        return annotation
    try:
        return get_type_hints(SimpleNamespace(__annotations__={"return": annotation}), function.__globals__)["return"]
    except Exception:  # noqa: BLE001 - an annotation may be any string, and raise anything
        return annotation


def _of(hint: Any) -> frozenset[Mode]:
    if isinstance(hint, str):
        return _EITHER if _WORDS.search(hint) else _PLAIN
    if isinstance(hint, TypeVar):
        hint = object if hint.__bound__ is None else hint.__bound__
    if hint is Any or hint is object:
        return _EITHER
    origin = get_origin(hint) or hint
    if origin is Annotated:
        return _of(get_args(hint)[0])
    if origin in (Union, UnionType):
        return frozenset(mode for member in get_args(hint) for mode in _of(member))
    if alias := getattr(hint, "__value__", None):  # type X = …
        return _of(alias)
    return _AWAIT if isinstance(origin, type) and issubclass(origin, Awaitable) else _PLAIN

"""Distinct names for types that have the same name, within one namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from host.frontend.names import pascal, type_name
from host.frontend.types.canonical_order import arguments, origin_of
from host.frontend.types.collector import Definition, module_of, name_of

#: An upper bound for the parts of a module's name.
_DEEP: Final = 32


def full_name(what: Any) -> tuple[Any, ...]:
    """Return a sort key for types of the same name that is the same in every process."""
    origin = origin_of(what)
    name = "" if isinstance(what, Definition) else str(getattr(origin or what, "__qualname__", ""))
    return module_of(what), name, tuple(full_name(argument) for argument in arguments(what)) if origin is not None else ()


def choices(types: Sequence[Any], name: str, owns: Callable[[Any], bool], assigned: Mapping[Any, str]) -> list[tuple[str, ...]]:
    """Return for each of several types of the same name its possible names, the best first.

    A plugin's own type keeps its name if the other is a copy of another plugin's type, so that using that one renames nothing. All
    others are prefixed with as much of their module's name as distinguishes them; so are two types of the plugin itself, since
    neither takes precedence.

    Args:
        types: The types, sorted by :func:`full_name`.
        name: The name that they have in common.
        owns: Returns whether a class is the plugin's own.
        assigned: Names that replace a type's own.
    """
    if len(types) == 1:
        return [(name, f"{name}_")]
    alone = sum(_is_own(what, owns) for what in types) == 1
    depth = 0
    names: list[str] = []
    while len(set(names)) < len(types) and depth < _DEEP:
        depth += 1
        names = [type_name(_spelled(what, depth, owns if alone else _nothing, assigned)) for what in types]
    return [(choice, f"{choice}_") for choice in names]


def _nothing(_what: Any) -> bool:
    return False


def _is_own(what: Any, owns: Callable[[Any], bool]) -> bool:
    """Return whether a type and its arguments are the plugin's own, or of the standard library."""
    if origin_of(what) is None or isinstance(what, Definition):
        return owns(what) or _is_common(what)
    return _is_own(origin_of(what), owns) and all(_is_own(argument, owns) for argument in arguments(what))


def _is_common(what: Any) -> bool:
    return module_of(what).partition(".")[0] in ("", *sys.stdlib_module_names)


def _spelled(what: Any, depth: int, plain: Callable[[Any], bool], assigned: Mapping[Any, str]) -> str:
    """Return the name of a type in which every class is prefixed with the last parts of its module, except plain ones."""
    if what in assigned or isinstance(what, Definition) or origin_of(what) is None:
        name = name_of(what, assigned)
        return (
            name
            if what in assigned or plain(what) or _is_common(what)
            else pascal(".".join(module_of(what).split(".")[-depth:])) + name
        )
    parts = (pascal(_spelled(argument, depth, plain, assigned)) for argument in arguments(what))
    return _spelled(origin_of(what), depth, plain, assigned) + "".join(parts)

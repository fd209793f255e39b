"""What types of one name are called in one namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from host.frontend.names import pascal, type_name
from host.frontend.types.canonical_order import arguments, origin_of
from host.frontend.types.collector import Definition, module_of, name_of

#: More parts of a module's name than any module has.
_DEEP: Final = 32


def full_name(what: Any) -> tuple[Any, ...]:
    """By what types of one name are sorted: the same in every process."""
    origin = origin_of(what)
    name = "" if isinstance(what, Definition) else str(getattr(origin or what, "__qualname__", ""))
    return module_of(what), name, tuple(full_name(one) for one in arguments(what)) if origin is not None else ()


def choices(types: Sequence[Any], name: str, owns: Callable[[Any], bool], given: Mapping[Any, str]) -> list[tuple[str, ...]]:
    """For each of some types of one name what it may be called, the best first.

    A plugin's own type keeps its name where a copy of another's has the same, so using that one renames nothing. All others are
    called by their module too, with as much of it as tells them apart; so are two of the plugin's own, of which neither is to
    take the other's place.

    Args:
        types: sorted by :func:`full_name`.
        name: the one that they all have.
        owns: whether a class is the plugin's own.
        given: names that replace a type's own.
    """
    if len(types) == 1:
        return [(name, f"{name}_")]
    alone = sum(_all(what, owns) for what in types) == 1
    depth = 0
    made: list[str] = []
    while len(set(made)) < len(types) and depth < _DEEP:
        depth += 1
        made = [type_name(_spelled(what, depth, owns if alone else _nothing, given)) for what in types]
    return [(one, f"{one}_") for one in made]


def _nothing(_what: Any) -> bool:
    return False


def _all(what: Any, owns: Callable[[Any], bool]) -> bool:
    """Whether a class and all of which it is made are the plugin's own, or nobody's."""
    if origin_of(what) is None or isinstance(what, Definition):
        return owns(what) or _is_common(what)
    return _all(origin_of(what), owns) and all(_all(one, owns) for one in arguments(what))


def _is_common(what: Any) -> bool:
    return module_of(what).partition(".")[0] in ("", *sys.stdlib_module_names)


def _spelled(what: Any, depth: int, plain: Callable[[Any], bool], given: Mapping[Any, str]) -> str:
    """The name of a type in which every class is called by the last parts of its module too, but for the plain ones."""
    if what in given or isinstance(what, Definition) or origin_of(what) is None:
        name = name_of(what, given)
        return (
            name
            if what in given or plain(what) or _is_common(what)
            else pascal(".".join(module_of(what).split(".")[-depth:])) + name
        )
    parts = (pascal(_spelled(one, depth, plain, given)) for one in arguments(what))
    return _spelled(origin_of(what), depth, plain, given) + "".join(parts)

"""Questions about an annotation that decide how a value travels as a whole, before its own type matters."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from host.frontend.types.canonical_order import arguments, is_union


def bare(annotation: Any) -> Any:
    """What is annotated, without what is said of it, and what a ``NewType`` stands for."""
    while True:
        if hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            return annotation


def choices(annotation: Any) -> tuple[Any, ...]:
    """The members of a union in an order of ours, or the one thing that it is."""
    inner = bare(annotation)
    return tuple(part for one in arguments(inner) for part in choices(one)) if is_union(inner) else (annotation,)


def is_none(annotation: Any) -> bool:
    """Whether it can be ``None`` only."""
    return annotation is None or annotation is type(None)


def without_none(annotation: Any) -> Any:
    """The same where ``None`` cannot be said; what is ``None`` only stays."""
    parts = choices(annotation)
    left = [one for one in parts if not is_none(one)]
    return annotation if len(left) == len(parts) or not left else joined(left)


def joined(parts: Iterable[Any]) -> Any:
    """The union of annotations."""
    return typing.Union[tuple(parts)]  # noqa: UP007  # made of a tuple


def class_of(annotation: Any) -> type[Any] | None:
    """The class of the values, where it is one."""
    inner = bare(annotation)
    cls = get_origin(inner) or inner
    return cls if isinstance(cls, type) else None


def is_kind(annotation: Any, kinds: type[Any] | tuple[type[Any], ...]) -> bool:
    """Whether all its values are of some classes."""
    cls = class_of(annotation)
    return cls is not None and issubclass(cls, kinds)


def is_text(annotation: Any) -> bool:
    """Whether all its values are ``str``: such a class, or literals."""
    inner = bare(annotation)
    if get_origin(inner) is Literal:
        return all(isinstance(value, str) for value in get_args(inner))
    return is_kind(inner, str)

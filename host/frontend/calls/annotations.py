"""Whether the values of an annotation travel as text, bytes or JSON, and which members a union has."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from host.frontend.types.canonical_order import arguments, is_union


def bare(annotation: Any) -> Any:
    """Return an annotation without ``Annotated`` metadata and ``NewType``."""
    while True:
        if hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            return annotation


def choices(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union in canonical order, or the annotation itself."""
    inner = bare(annotation)
    return tuple(part for member in arguments(inner) for part in choices(member)) if is_union(inner) else (annotation,)


def is_none(annotation: Any) -> bool:
    """Return whether the only value is ``None``."""
    return annotation is None or annotation is type(None)


def without_none(annotation: Any) -> Any:
    """Return a union without ``None``, for places that cannot express it; ``None`` alone is returned as it is."""
    parts = choices(annotation)
    left = [part for part in parts if not is_none(part)]
    return annotation if len(left) == len(parts) or not left else joined(left)


def joined(parts: Iterable[Any]) -> Any:
    """Return the union of annotations."""
    return typing.Union[tuple(parts)]  # noqa: UP007  # made of a tuple


def class_of(annotation: Any) -> type[Any] | None:
    """Return the class of the values, ``None`` if the annotation is not a class."""
    inner = bare(annotation)
    cls = get_origin(inner) or inner
    return cls if isinstance(cls, type) else None


def is_kind(annotation: Any, kinds: type[Any] | tuple[type[Any], ...]) -> bool:
    """Return whether all values are instances of one of some classes."""
    cls = class_of(annotation)
    return cls is not None and issubclass(cls, kinds)


def is_text(annotation: Any) -> bool:
    """Return whether all values are strings: ``str``, a subclass, or string literals."""
    inner = bare(annotation)
    if get_origin(inner) is Literal:
        return all(isinstance(value, str) for value in get_args(inner))
    return is_kind(inner, str)

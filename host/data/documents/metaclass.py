"""Document classes that are defined after their bases were opened, e.g. by a second host in one process (BeanieODM/beanie#1228).

When Beanie opens a class, it replaces each field on the class, and on its bases, by a query expression. pydantic reads the class
attribute of a field as its default, so every field of a subclass defined later would default to its own name, e.g. ``"_id"``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import beanie

from host.common.compat.beanie import ExpressionField


class DocumentMeta(type(beanie.Document)):  # type: ignore[misc]  # pydantic's metaclass, whatever its name
    """The metaclass of documents: a subclass inherits the true defaults of its bases, whether they are open or not."""

    def __new__(mcs, name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], **options: Any) -> Any:
        """Create the class."""
        with _without_expressions(bases):
            return super().__new__(mcs, name, bases, namespace, **options)


@contextmanager
def _without_expressions(bases: tuple[type[Any], ...]) -> Iterator[None]:
    """Remove Beanie's query expressions from some classes and their bases, and put them back afterwards."""
    expressions = [
        (cls, name, value)
        for base in bases
        for cls in base.__mro__
        for name, value in vars(cls).items()
        if isinstance(value, ExpressionField)
    ]
    for cls, name, _ in expressions:
        # Two bases may share an ancestor, whose expressions are then listed twice.
        if name in vars(cls):
            delattr(cls, name)
    try:
        yield
    finally:
        for cls, name, value in expressions:
            setattr(cls, name, value)

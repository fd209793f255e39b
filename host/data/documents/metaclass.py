"""Classes that are made from documents which are open already, as by a second host in one process (BeanieODM/beanie#1228).

When Beanie opens a class, it puts an expression for queries in the place of each field, also in its bases. pydantic takes what
stands in the place of a field for its default, so the fields of a subclass that is made later would begin with ``"_id"``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import beanie
from beanie.odm.fields import ExpressionField


class DocumentMeta(type(beanie.Document)):  # type: ignore[misc]  # the metaclass of pydantic, whatever it is called
    """The metaclass of documents: a subclass begins with the fields of its bases, open or not."""

    def __new__(mcs, name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], **options: Any) -> Any:
        """Make a class."""
        with _without_expressions(bases):
            return super().__new__(mcs, name, bases, namespace, **options)


@contextmanager
def _without_expressions(bases: tuple[type[Any], ...]) -> Iterator[None]:
    """Take Beanie's expressions out of some classes and their bases for a while."""
    found = [
        (one, name, value)
        for base in bases
        for one in base.__mro__
        for name, value in vars(one).items()
        if isinstance(value, ExpressionField)
    ]
    for one, name, _ in found:
        if name in vars(one):
            delattr(one, name)
    try:
        yield
    finally:
        for one, name, value in found:
            setattr(one, name, value)

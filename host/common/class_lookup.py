"""Look up values that are registered for classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")


def lookup_by_mro(by_class: Mapping[type[Any], Value], cls: type[Any]) -> Value | None:
    """Return the value of a class or of its nearest base class, ``None`` if neither has one.

    Args:
        by_class: The values by class.
        cls: The class to look up.
    """
    return next((by_class[base] for base in cls.__mro__ if base in by_class), None)

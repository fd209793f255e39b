"""What is known of a class or of its bases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")


def lookup_by_mro(known: Mapping[type[Any], Value], model: type[Any]) -> Value | None:
    """What is known of a class: its own, else that of its nearest base, ``None`` where there is nothing.

    Args:
        known: by class.
        model: the class.
    """
    return next((known[one] for one in model.__mro__ if one in known), None)

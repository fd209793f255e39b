"""Moments as clients send them: pydantic also takes the text of a bare number for one, counted from 1970."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

_NUMBER: Final = re.compile(r"\s*[+-]?[\d_]*\.?[\d_]+\s*")
_KIND: Final = "moment_text"
_WANTED: Final = "Input should be a text such as 2026-11-20T23:59:00Z"


def moments_of(model: type[BaseModel]) -> frozenset[str]:
    """The fields that hold a date or a moment, by their names on the wire."""
    return frozenset(info.alias or name for name, info in model.model_fields.items() if _is_moment(info.annotation))


def refuse_numbers(title: str, names: Iterable[str], body: Mapping[str, Any]) -> None:
    """Refuse numbers in the place of moments, which JSON Schema's formats do not know.

    Args:
        title: of what is validated.
        names: of the fields that hold moments.
        body: as it was sent.

    Raises:
        pydantic.ValidationError: one is there.
    """
    wrong = [name for name in names if isinstance(value := body.get(name), str) and _NUMBER.fullmatch(value)]
    if wrong:
        details = [
            InitErrorDetails(type=PydanticCustomError(_KIND, _WANTED), loc=(name,), input=body[name]) for name in sorted(wrong)
        ]
        raise ValidationError.from_exception_data(title, details)


def _is_moment(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, date | datetime):
        return True
    return getattr(annotation, "__name__", "") == "AwareDatetime" or any(_is_moment(one) for one in get_args(annotation))

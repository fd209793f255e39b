"""Reject numbers sent as datetimes: pydantic reads the string ``"5"`` as five seconds after 1970."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

_NUMBER: Final = re.compile(r"\s*[+-]?[\d_]*\.?[\d_]+\s*")
_ERROR_TYPE: Final = "datetime_string"
_MESSAGE: Final = "Input should be a string such as 2026-11-20T23:59:00Z"


def datetime_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields that hold a date or a datetime, by their names on the wire."""
    return frozenset(info.alias or name for name, info in model.model_fields.items() if _is_datetime(info.annotation))


def reject_numeric_datetimes(title: str, names: Iterable[str], body: Mapping[str, Any]) -> None:
    """Reject numeric strings as datetimes: JSON Schema's date formats do not allow them, so neither does the OpenAPI document.

    Args:
        title: the name of the validated class, for the error.
        names: the fields that hold datetimes.
        body: the decoded request body.

    Raises:
        pydantic.ValidationError: a datetime field holds a numeric string.
    """
    invalid = [name for name in names if isinstance(value := body.get(name), str) and _NUMBER.fullmatch(value)]
    if invalid:
        details = [
            InitErrorDetails(type=PydanticCustomError(_ERROR_TYPE, _MESSAGE), loc=(name,), input=body[name])
            for name in sorted(invalid)
        ]
        raise ValidationError.from_exception_data(title, details)


def _is_datetime(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, date | datetime):
        return True
    # pydantic's AwareDatetime is a class that does not derive from datetime.
    return getattr(annotation, "__name__", "") == "AwareDatetime" or any(map(_is_datetime, get_args(annotation)))

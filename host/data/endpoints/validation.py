"""Answer values that are not valid for the document as a whole, or that MongoDB cannot store, with 400 instead of 500."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import DecimalException
from typing import Final

from bson.errors import BSONError
from litestar.exceptions import ValidationException
from pydantic import ValidationError
from pymongo.errors import OperationFailure

#: Overflow (nested too deeply), BSONObjectTooLarge, and two errors of an update that makes a document too large, see
#: https://www.mongodb.com/docs/manual/reference/error-codes/
_TOO_LARGE: Final = frozenset({15, 10334, 17419, 17420})


@contextmanager
def document_errors_as_400() -> Iterator[None]:
    """Translate validation errors while a document is built from a request body.

    Not for reading a stored document: there, an invalid value is not the client's fault.

    Raises:
        ValidationException: the document as a whole is not valid.
    """
    try:
        yield
    except ValidationError as error:
        extra = [{"message": item["msg"], "key": ".".join(map(str, item["loc"])), "source": "body"} for item in error.errors()]
        raise ValidationException("the document is not valid", extra=extra) from error


@contextmanager
def storage_errors_as_400() -> Iterator[None]:
    """Translate errors of values that MongoDB cannot store, while a client's values are sent to the database.

    Raises:
        ValidationException: a value cannot be stored.
    """
    try:
        yield
    except DecimalException as error:
        raise _cannot_store("a decimal has up to 34 digits") from error
    except (OverflowError, BSONError) as error:
        raise _cannot_store(str(error)) from error
    except OperationFailure as error:
        if error.code not in _TOO_LARGE:
            raise
        raise _cannot_store("the document would be too large or nested too deeply") from error


def _cannot_store(reason: str) -> ValidationException:
    return ValidationException(f"a value cannot be stored: {reason}")

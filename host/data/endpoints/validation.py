"""What a client is told of values that do not fit as a whole, or that MongoDB cannot hold: always 400, never 500 (row E16)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import DecimalException
from typing import Final

from bson.errors import BSONError
from litestar.exceptions import ValidationException
from pydantic import ValidationError
from pymongo.errors import OperationFailure

#: Overflow, which is too many levels, BSONObjectTooLarge, and the two of an update that makes a document too large, see
#: https://www.mongodb.com/docs/manual/reference/error-codes/
_TOO_MUCH: Final = frozenset({15, 10334, 17419, 17420})


@contextmanager
def fitting() -> Iterator[None]:
    """Around what makes a document of what a client sent. Not around what reads one: there the client is not at fault.

    Raises:
        ValidationException: it does not fit as a whole.
    """
    try:
        yield
    except ValidationError as error:
        extra = [{"message": one["msg"], "key": ".".join(map(str, one["loc"])), "source": "body"} for one in error.errors()]
        raise ValidationException("the document does not fit", extra=extra) from error


@contextmanager
def storable() -> Iterator[None]:
    """Around what sends a client's values to the database.

    Raises:
        ValidationException: it cannot hold one of them.
    """
    try:
        yield
    except DecimalException as error:
        raise _unstorable("a decimal has up to 34 digits") from error
    except (OverflowError, BSONError) as error:
        raise _unstorable(str(error)) from error
    except OperationFailure as error:
        if error.code not in _TOO_MUCH:
            raise
        raise _unstorable("the document would be too large, or nested too deeply") from error


def _unstorable(why: str) -> ValidationException:
    return ValidationException(f"a value cannot be stored: {why}")

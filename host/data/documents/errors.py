"""What goes wrong with data over HTTP. The host makes problems of it, and routes name it in ``raises``."""

from __future__ import annotations

from litestar.exceptions import HTTPException, NotFoundException, ValidationException


class NotFound(NotFoundException):
    """404: there is no such document, or it is in the bin."""


class Conflict(HTTPException):
    """409: the document is not as the caller thinks.

    Args:
        detail: what is different.
        version: which version there is, where that is known; it travels as ``extra``.
    """

    status_code = 409
    extra: dict[str, int] | None  # as it travels

    def __init__(self, detail: str, *, version: int | None = None) -> None:
        super().__init__(detail, extra=None if version is None else {"version": version})


class CursorMismatch(ValidationException):
    """400: the cursor does not belong to this list."""

"""HTTP errors of document operations. The host renders them as problem details; routes declare them in ``raises``."""

from __future__ import annotations

from litestar.exceptions import HTTPException, NotFoundException, ValidationException


class NotFound(NotFoundException):
    """404: the document does not exist or is soft-deleted."""


class Conflict(HTTPException):
    """409: the stored document differs from what the caller expects.

    Args:
        detail: what differs.
        version: the stored version, if known; sent as ``extra``.
    """

    status_code = 409
    extra: dict[str, int] | None  # narrowed to what is sent

    def __init__(self, detail: str, *, version: int | None = None) -> None:
        super().__init__(detail, extra=None if version is None else {"version": version})


class CursorMismatch(ValidationException):
    """400: the cursor does not belong to this list."""

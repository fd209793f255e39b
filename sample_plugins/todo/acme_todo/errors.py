"""What goes wrong over HTTP. The host makes problems of it, and the routes name it in ``raises``."""

from __future__ import annotations

import msgspec
from acme_billing import Quota, QuotaExceeded
from litestar.exceptions import HTTPException, NotFoundException, ValidationException


class TaskNotFound(NotFoundException):
    """404: no such task, or it is in the bin."""

    def __init__(self, task: str) -> None:
        super().__init__(f"there is no task {task}")


class TaskConflict(HTTPException):
    """409: the task is not as the client thinks."""

    status_code = 409


class QuotaUsedUp(HTTPException):
    """402: the account has no room for another task; ``extra`` is the quota."""

    status_code = 402
    extra: Quota  # type: ignore[assignment]  # as it travels

    def __init__(self, refusal: QuotaExceeded) -> None:
        super().__init__(str(refusal), extra=msgspec.to_builtins(refusal.quota))


class CursorMismatch(ValidationException):
    """400: the cursor does not belong to this list."""

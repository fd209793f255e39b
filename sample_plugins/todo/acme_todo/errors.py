"""HTTP errors besides those of the ready-made routes. The host renders them as problem details; routes declare them."""

from __future__ import annotations

import msgspec
from acme_billing import Quota, QuotaExceeded
from litestar.exceptions import HTTPException


class QuotaUsedUp(HTTPException):
    """402: the account has no unit left for another task; ``extra`` is the quota."""

    status_code = 402
    extra: Quota  # type: ignore[assignment]  # narrowed to what is sent

    def __init__(self, error: QuotaExceeded) -> None:
        super().__init__(str(error), extra=msgspec.to_builtins(error.quota))

"""What goes wrong beyond what ready-made routes say. The host makes a problem of it, and the routes name it in ``raises``."""

from __future__ import annotations

import msgspec
from acme_billing import Quota, QuotaExceeded
from litestar.exceptions import HTTPException


class QuotaUsedUp(HTTPException):
    """402: the account has no room for another task; ``extra`` is the quota."""

    status_code = 402
    extra: Quota  # type: ignore[assignment]  # as it travels

    def __init__(self, refusal: QuotaExceeded) -> None:
        super().__init__(str(refusal), extra=msgspec.to_builtins(refusal.quota))

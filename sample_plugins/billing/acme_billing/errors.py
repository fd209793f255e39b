"""What goes wrong over HTTP. The host makes problems of it, and the routes name it in ``raises``."""

from __future__ import annotations

from litestar.exceptions import HTTPException, NotFoundException

from acme_billing.contract import Plan, Quota
from acme_billing.models import Invoice


class InvoiceNotFound(NotFoundException):
    """404: no such invoice."""

    def __init__(self, invoice: str) -> None:
        super().__init__(f"there is no invoice {invoice}")


class InvoicePaidAlready(HTTPException):
    """409: an invoice is paid once."""

    status_code = 409

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(f"the invoice {invoice.number} is paid already")


class PlanTooSmall(HTTPException):
    """409: the account uses more than the plan allows."""

    status_code = 409

    def __init__(self, quota: Quota, plan: Plan, limit: int | None) -> None:
        super().__init__(f"the account {quota.account!r} uses {quota.used}, and the plan {plan} allows {limit}")

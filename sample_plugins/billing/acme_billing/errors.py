"""The HTTP errors. The host renders them as problem details; routes declare them in ``raises``."""

from __future__ import annotations

from litestar.exceptions import HTTPException, NotFoundException

from acme_billing.contract import Plan, Quota
from acme_billing.models import Invoice


class InvoiceNotFound(NotFoundException):
    """404: the invoice does not exist."""

    def __init__(self, invoice: str) -> None:
        super().__init__(f"there is no invoice {invoice}")


class InvoiceAlreadyPaid(HTTPException):
    """409: the invoice is already paid."""

    status_code = 409

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(f"the invoice {invoice.number} is already paid")


class PlanTooSmall(HTTPException):
    """409: the account uses more than the plan allows."""

    status_code = 409

    def __init__(self, quota: Quota, plan: Plan, limit: int | None) -> None:
        super().__init__(f"the account {quota.account!r} uses {quota.used} units, but the plan {plan} allows {limit}")

"""Invoices: issued once per month and plan, listed, and paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from beanie import UpdateResponse
from pymongo.errors import DuplicateKeyError

from acme_billing.contract import Plan
from acme_billing.errors import InvoiceAlreadyPaid, InvoiceNotFound
from acme_billing.models import Invoice, InvoiceOpen
from acme_billing.options import BillingOptions


@dataclass(frozen=True, slots=True)
class Invoices:
    """The operations on invoices.

    Args:
        options: contain the prices and the payment terms.
    """

    options: BillingOptions

    async def issue(self, account: str, plan: Plan) -> Invoice | None:
        """Issue the invoice of an account for a plan in the current month.

        It is issued only once, even by repeated or concurrent calls: the number is unique.

        Returns:
            The invoice, or ``None`` if the plan is free.
        """
        total, today = self.options.prices.of(plan), datetime.now(UTC).date()
        if not total:
            return None
        invoice = Invoice(
            number=f"{today:%Y-%m}-{account}-{plan}",
            account=account,
            plan=plan,
            total=total,
            issued=today,
            status=InvoiceOpen(due=today + timedelta(days=self.options.payment_days)),
        )
        try:
            return await invoice.insert()
        except DuplicateKeyError:
            return await Invoice.find_one({"number": invoice.number})

    async def of_account(self, account: str, year: int | None) -> list[Invoice]:
        """Return the invoices of an account, newest first.

        Args:
            account: the name of the account.
            year: the year of issue; ``None`` for all.
        """
        query: dict[str, Any] = {"account": account}
        if year is not None:
            query["issued"] = {"$gte": datetime(year, 1, 1, tzinfo=UTC), "$lt": datetime(year + 1, 1, 1, tzinfo=UTC)}
        return await Invoice.find(query).sort("-issued", "-_id").to_list()

    async def get(self, identifier: str) -> Invoice:
        """Return an invoice.

        Raises:
            InvoiceNotFound: the invoice does not exist.
        """
        invoice = await Invoice.get(identifier)
        if invoice is None:
            raise InvoiceNotFound(identifier)
        return invoice

    async def pay(self, identifier: str) -> Invoice:
        """Mark an open invoice as paid; of several concurrent calls, one succeeds.

        Raises:
            InvoiceNotFound: the invoice does not exist.
            InvoiceAlreadyPaid: the invoice is already paid.
        """
        paid = await Invoice.find_one({"_id": identifier, "status.state": "open"}).update(
            {"$set": {"status": {"state": "paid", "paidAt": datetime.now(UTC)}}}, response_type=UpdateResponse.NEW_DOCUMENT
        )
        if not isinstance(paid, Invoice):
            raise InvoiceAlreadyPaid(await self.get(identifier))
        return paid

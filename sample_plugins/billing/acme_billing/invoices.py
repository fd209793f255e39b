"""Invoices: issued once a month and plan, listed, paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from beanie import UpdateResponse
from pymongo.errors import DuplicateKeyError

from acme_billing.contract import Plan
from acme_billing.errors import InvoiceNotFound, InvoicePaidAlready
from acme_billing.models import Invoice, InvoiceOpen
from acme_billing.options import BillingOptions


@dataclass(frozen=True, slots=True)
class Invoices:
    """What the routes do with invoices.

    Args:
        options: prices and terms.
    """

    options: BillingOptions

    async def issue(self, account: str, plan: Plan) -> Invoice | None:
        """Bill an account for a plan in the current month.

        However often it is called, and by how many at once, a month and a plan are billed once: the number is unique.

        Returns:
            the invoice, ``None`` where the plan costs nothing.
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
        """The invoices of an account, the latest first.

        Args:
            account: who pays.
            year: in which they were issued, ``None`` for all.
        """
        query: dict[str, Any] = {"account": account}
        if year is not None:
            query["issued"] = {"$gte": datetime(year, 1, 1, tzinfo=UTC), "$lt": datetime(year + 1, 1, 1, tzinfo=UTC)}
        return await Invoice.find(query).sort("-issued", "-_id").to_list()

    async def get(self, invoice: str) -> Invoice:
        """One invoice.

        Raises:
            InvoiceNotFound: there is none with that id.
        """
        found = await Invoice.get(invoice)
        if found is None:
            raise InvoiceNotFound(invoice)
        return found

    async def pay(self, invoice: str) -> Invoice:
        """Mark an open invoice as paid; of several who try at once, one does.

        Raises:
            InvoiceNotFound: there is none with that id.
            InvoicePaidAlready: somebody was first.
        """
        paid = await Invoice.find_one({"_id": invoice, "status.state": "open"}).update(
            {"$set": {"status": {"state": "paid", "paidAt": datetime.now(UTC)}}}, response_type=UpdateResponse.NEW_DOCUMENT
        )
        if not isinstance(paid, Invoice):
            raise InvoicePaidAlready(await self.get(invoice))
        return paid

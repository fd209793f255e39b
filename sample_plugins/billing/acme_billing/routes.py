"""The routes: the quota of an account, its plan, its invoices."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from acme_billing.accounts import Accounts
from acme_billing.contract import Plan, Quota
from acme_billing.errors import InvoiceNotFound, InvoicePaidAlready, PlanTooSmall
from acme_billing.invoices import Invoices
from acme_billing.models import Invoice
from hookspecs import Page, Payload, Scope, operation

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
DEFAULT = "default"

AccountQuery = Annotated[str, QueryParameter(pattern=NAME, description="Whose; there is one account as long as nobody signs in.")]


class PlanChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which plan an account wants.

    Args:
        plan: the plan.
        account: whose.
    """

    plan: Plan
    account: Annotated[str, msgspec.Meta(pattern=NAME)] = DEFAULT


class QuotaController(Controller):
    """``/quota``."""

    path = "/quota"

    @get("/", opt=operation("dataRead", name="get"), raises=[ValidationException])
    async def read(self, accounts: Accounts, account: AccountQuery = DEFAULT) -> Quota:
        """The quota of an account, and how much of it is used."""
        return await accounts.quota(account)

    @patch("/plan", opt=operation("dataUpdate", broadcast=["quotaChanged"]), raises=[PlanTooSmall, ValidationException])
    async def change_plan(self, accounts: Accounts, invoices: Invoices, data: JSONBody[PlanChange]) -> Quota:
        """Change the plan of an account.

        A plan that costs something is invoiced, once a month; taking the same plan again only makes sure that it is.
        """
        quota = await accounts.change_plan(data.account, data.plan)
        if quota is None:
            raise PlanTooSmall(await accounts.quota(data.account), data.plan, accounts.limits.of(data.plan))
        await invoices.issue(data.account, data.plan)
        return quota


def invoice_id(id: FromPath[UUID]) -> str:  # noqa: A002 - the name of the path parameter on the wire
    """The path parameter as it is stored: in lower case, with hyphens."""
    return str(id)


class InvoiceController(Controller):
    """``/invoice``."""

    path = "/invoice"
    dependencies = {"invoice_id": Provide(invoice_id, sync_to_thread=False)}  # noqa: RUF012 - Litestar's own way

    @get("/", opt=operation("dataRead"), raises=[ValidationException])
    async def read_all(
        self,
        plugin_scope: Scope,
        invoices: Invoices,
        account: AccountQuery = DEFAULT,
        year: Annotated[int | None, QueryParameter(ge=2000, le=2999, description="In which they were issued.")] = None,
    ) -> Payload[Invoice]:
        """The invoices of an account, the latest first. There are a handful a year, so they come on one page."""
        found = await invoices.of_account(account, year)
        return await plugin_scope.payload(found, action="dataRead", model=Invoice, page=Page(total=len(found)))

    @get("/{id:uuid}", opt=operation("dataRead"), raises=[InvoiceNotFound])
    async def read(self, plugin_scope: Scope, invoices: Invoices, invoice_id: NamedDependency[str]) -> Payload[Invoice]:
        """One invoice."""
        return await plugin_scope.payload([await invoices.get(invoice_id)], action="dataRead")

    @post(
        "/{id:uuid}/pay",
        opt=operation("dataUpdate", name="pay", broadcast=["invoicePaid"]),
        raises=[InvoiceNotFound, InvoicePaidAlready],
        status_code=HTTP_200_OK,
    )
    async def pay(self, plugin_scope: Scope, invoices: Invoices, invoice_id: NamedDependency[str]) -> Payload[Invoice]:
        """Pay an open invoice."""
        paid = await plugin_scope.payload([await invoices.pay(invoice_id)], action="dataUpdate")
        await plugin_scope.broadcast("invoicePaid", paid)
        return paid

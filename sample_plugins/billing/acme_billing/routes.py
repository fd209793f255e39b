"""The routes: an account's quota, plan and invoices."""

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
from acme_billing.errors import InvoiceAlreadyPaid, InvoiceNotFound, PlanTooSmall
from acme_billing.invoices import Invoices
from acme_billing.models import Invoice
from hookspecs import Page, Payload, Scope, operation

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
DEFAULT = "default"

AccountQuery = Annotated[
    str, QueryParameter(pattern=NAME, description="The account; the default is the only one as long as no plugin uses others.")
]


class PlanChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A change of an account's plan.

    Args:
        plan: the new plan.
        account: the name of the account.
    """

    plan: Plan
    account: Annotated[str, msgspec.Meta(pattern=NAME)] = DEFAULT


class QuotaController(Controller):
    """The routes below ``/quota``."""

    path = "/quota"

    @get("/", opt=operation("dataRead", name="get"), raises=[ValidationException])
    async def read(self, accounts: Accounts, account: AccountQuery = DEFAULT) -> Quota:
        """Get the quota of an account, and how much of it is used."""
        return await accounts.quota(account)

    @patch("/plan", opt=operation("dataUpdate", broadcast=["quotaChanged"]), raises=[PlanTooSmall, ValidationException])
    async def change_plan(self, accounts: Accounts, invoices: Invoices, data: JSONBody[PlanChange]) -> Quota:
        """Change the plan of an account.

        A plan that is not free is invoiced once a month; choosing the same plan again does not invoice it twice.
        """
        quota = await accounts.change_plan(data.account, data.plan)
        if quota is None:
            raise PlanTooSmall(await accounts.quota(data.account), data.plan, accounts.limits.of(data.plan))
        await invoices.issue(data.account, data.plan)
        return quota


def invoice_id(id: FromPath[UUID]) -> str:  # noqa: A002 - the name of the path parameter on the wire
    """Return the id in its stored form: a lower-case string with hyphens."""
    return str(id)


class InvoiceController(Controller):
    """The routes below ``/invoice``."""

    path = "/invoice"
    dependencies = {"invoice_id": Provide(invoice_id, sync_to_thread=False)}  # noqa: RUF012 - Litestar's own way

    @get("/", opt=operation("dataRead"), raises=[ValidationException])
    async def read_all(
        self,
        plugin_scope: Scope,
        invoices: Invoices,
        account: AccountQuery = DEFAULT,
        year: Annotated[
            int | None, QueryParameter(ge=2000, le=2999, description="The year of issue; all years by default.")
        ] = None,
    ) -> Payload[Invoice]:
        """List the invoices of an account, newest first. There are only a few a year, so they fit on one page."""
        documents = await invoices.of_account(account, year)
        return await plugin_scope.payload(documents, action="dataRead", model=Invoice, page=Page(total=len(documents)))

    @get("/{id:uuid}", opt=operation("dataRead"), raises=[InvoiceNotFound])
    async def read(self, plugin_scope: Scope, invoices: Invoices, invoice_id: NamedDependency[str]) -> Payload[Invoice]:
        """Get one invoice."""
        return await plugin_scope.payload([await invoices.get(invoice_id)], action="dataRead")

    @post(
        "/{id:uuid}/pay",
        opt=operation("dataUpdate", name="pay", broadcast=["invoicePaid"]),
        raises=[InvoiceNotFound, InvoiceAlreadyPaid],
        status_code=HTTP_200_OK,
    )
    async def pay(self, plugin_scope: Scope, invoices: Invoices, invoice_id: NamedDependency[str]) -> Payload[Invoice]:
        """Pay an open invoice."""
        paid = await plugin_scope.payload([await invoices.pay(invoice_id)], action="dataUpdate")
        await plugin_scope.broadcast("invoicePaid", paid)
        return paid

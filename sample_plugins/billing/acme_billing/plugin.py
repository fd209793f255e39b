"""The plugin ``acme__billing``, as the host calls it. The package itself contains only the contract, so importing it is cheap."""

from __future__ import annotations

from functools import partial
from typing import Any

from beanie import Document
from litestar import Controller

from acme_billing.accounts import Accounts
from acme_billing.contract import Billing, Quota
from acme_billing.invoices import Invoices
from acme_billing.models import Account, Invoice, InvoicePaid
from acme_billing.options import BillingOptions
from acme_billing.routes import InvoiceController, QuotaController
from hookspecs import Channel, Contract, Layer, Payload, PayloadHandler, RequiresUser, Scope, hookimpl, requires


def describe(invoice: Invoice) -> str:
    """Return the second line of an invoice: its total and its status."""
    status = invoice.status
    state = f"paid on {status.paid_at:%Y-%m-%d}" if isinstance(status, InvoicePaid) else f"due on {status.due:%Y-%m-%d}"
    return f"{invoice.total}, {state}"


def accounts_of(scope: Scope) -> Accounts:
    """Return the accounts; changes of their quotas are broadcast."""
    return Accounts(scope.options.limits, partial(scope.broadcast, "quotaChanged"))


def guards_of(scope: Scope) -> list[RequiresUser]:
    """Return the guards of the routes and channels."""
    return [requires(scope.options.role)] if scope.options.role else []


@hookimpl
def plugin_options() -> type[BillingOptions]:
    """Return the class of the options: limits, prices, payment terms, the required role."""
    return BillingOptions


@hookimpl
def register_models() -> list[type[Document]]:
    """Return the document classes, of the collections ``acme__billing-account`` and ``acme__billing-invoice``."""
    return [Account, Invoice]


@hookimpl
def register_services(scope: Scope) -> dict[str, Any]:
    """Return the services of the routes."""
    return {"accounts": accounts_of(scope), "invoices": Invoices(scope.options)}


@hookimpl
def register_contract(scope: Scope) -> Contract:
    """Provide the contract, in the version of the distribution."""
    return Contract(Billing, accounts_of(scope), version=scope.version)


@hookimpl
def register_payload() -> PayloadHandler:
    """Describe how an invoice is displayed."""
    return PayloadHandler(Invoice, display_name=lambda invoice: invoice.number, completion=describe)


@hookimpl
def register_layer(scope: Scope) -> Layer:
    """Return the guards of all routes."""
    return Layer(guards=guards_of(scope))


@hookimpl
def register_channels(scope: Scope) -> list[Channel]:
    """Return the channels, which have the same guards as the routes."""
    guards = guards_of(scope)
    return [Channel("invoicePaid", Payload[Invoice], guards=guards), Channel("quotaChanged", Quota, guards=guards)]


@hookimpl
def register_routes() -> list[type[Controller]]:
    """Return the routes below ``/acme__billing``."""
    return [QuotaController, InvoiceController]

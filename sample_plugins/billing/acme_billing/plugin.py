"""The plugin ``acme__billing``: what the host calls. The package itself holds only the contract, so that importing it is cheap."""

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
    """The second line of an invoice: what it costs and what became of it."""
    status = invoice.status
    fate = f"paid on {status.paid_at:%Y-%m-%d}" if isinstance(status, InvoicePaid) else f"due on {status.due:%Y-%m-%d}"
    return f"{invoice.total}, {fate}"


def accounts_of(scope: Scope) -> Accounts:
    """The accounts; what changes in one is broadcast."""
    return Accounts(scope.options.limits, partial(scope.broadcast, "quotaChanged"))


def guards_of(scope: Scope) -> list[RequiresUser]:
    """Who may see and change accounts over the network."""
    return [requires(scope.options.role)] if scope.options.role else []


@hookimpl
def plugin_options() -> type[BillingOptions]:
    """Limits and prices by plan."""
    return BillingOptions


@hookimpl
def register_models() -> list[type[Document]]:
    """Two collections: ``acme__billing-account`` and ``acme__billing-invoice``."""
    return [Account, Invoice]


@hookimpl
def register_services(scope: Scope) -> dict[str, Any]:
    """What the routes of this plugin use."""
    return {"accounts": accounts_of(scope), "invoices": Invoices(scope.options)}


@hookimpl
def register_contract(scope: Scope) -> Contract:
    """What the others use; it has the version of the distribution."""
    return Contract(Billing, accounts_of(scope), version=scope.version)


@hookimpl
def register_payload() -> PayloadHandler:
    """How an invoice is shown."""
    return PayloadHandler(Invoice, display_name=lambda invoice: invoice.number, completion=describe)


@hookimpl
def register_layer(scope: Scope) -> Layer:
    """Who may use the routes."""
    return Layer(guards=guards_of(scope))


@hookimpl
def register_channels(scope: Scope) -> list[Channel]:
    """What is announced, to those who may use the routes: a layer does not stand before channels."""
    guards = guards_of(scope)
    return [Channel("invoicePaid", Payload[Invoice], guards=guards), Channel("quotaChanged", Quota, guards=guards)]


@hookimpl
def register_routes() -> list[type[Controller]]:
    """All of them under ``/acme__billing``."""
    return [QuotaController, InvoiceController]

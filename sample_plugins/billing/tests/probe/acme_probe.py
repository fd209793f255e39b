"""Another plugin, as others would write it: gives the tests the methods of the contract over HTTP."""

from __future__ import annotations

from acme_billing import Billing, Quota, QuotaExceeded
from litestar import Response, post

from hookspecs import Uses, hookimpl


@post("/reserve")
async def reserve(billing: Billing, account: str, amount: int = 1) -> Response[Quota]:
    """Reserve units; 402 with the quota where they do not fit."""
    try:
        return Response(await billing.reserve(account, amount), status_code=201)
    except QuotaExceeded as refusal:
        return Response(refusal.quota, status_code=402)


@post("/release")
async def release(billing: Billing, account: str, amount: int = 1) -> Quota:
    """Release units."""
    return await billing.release(account, amount)


@hookimpl
def register_contract() -> Uses:
    return Uses(Billing, "billing", version=">=1.2,<2")


@hookimpl
def register_routes() -> list[object]:
    return [reserve, release]

"""Another plugin, for the tests: leaves the quota as a process does that dies between reserving a unit and writing the task."""

from __future__ import annotations

from acme_billing import Billing, Quota
from litestar import post

from hookspecs import Uses, hookimpl


@post("/leak")
async def leak(billing: Billing, amount: int) -> Quota:
    """Reserve units for nothing."""
    return await billing.reserve("default", amount)


@hookimpl
def register_contract() -> Uses:
    return Uses(Billing, "billing")


@hookimpl
def register_routes() -> object:
    return leak

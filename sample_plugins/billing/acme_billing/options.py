"""The options of the plugin, the table ``[plugins.acme__billing.options]`` of ``host.toml``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from acme_billing.contract import Plan

Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Table):
    """The number of units that each plan allows; by default, ``enterprise`` has no limit."""

    free: int = Field(default=10_000, ge=0)
    pro: int = Field(default=100_000, ge=0)
    enterprise: int | None = Field(default=None, ge=0)

    def of(self, plan: Plan) -> int | None:
        """Return the limit of a plan; ``None`` for no limit."""
        return {Plan.FREE: self.free, Plan.PRO: self.pro, Plan.ENTERPRISE: self.enterprise}[plan]


class Prices(_Table):
    """The prices of the plans per month, in the operator's currency."""

    pro: Price = Decimal("12.50")
    enterprise: Price = Decimal("250.00")

    def of(self, plan: Plan) -> Decimal:
        """Return the price of a plan, with two decimals."""
        price = {Plan.FREE: Decimal(0), Plan.PRO: self.pro, Plan.ENTERPRISE: self.enterprise}[plan]
        return price.quantize(Decimal("0.01"))


class BillingOptions(_Table):
    """All options.

    Args:
        limits: the limits of the plans.
        prices: the prices of the plans.
        payment_days: the number of days after which an invoice is due.
        role: the role that is required for the routes and channels; "" for none. Other plugins can use the contract in any case.
    """

    limits: Limits = Limits()
    prices: Prices = Prices()
    payment_days: int = Field(default=14, ge=0, le=365)
    role: str = ""

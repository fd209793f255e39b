"""The contract through which other plugins reserve units of an account's quota, in process."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec


class Plan(StrEnum):
    """The plan of an account, which determines its limit and its price."""

    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class Quota(msgspec.Struct, frozen=True, rename="camel"):
    """The quota of an account, and how much of it is used.

    Args:
        account: the name of the account.
        plan: its plan.
        used: the number of reserved units.
        limit: the maximum number of units; ``None`` for no limit.
    """

    account: str
    plan: Plan
    used: int
    limit: int | None


class QuotaExceeded(Exception):  # noqa: N818 - an expected outcome of the contract, not an error
    """A reservation exceeds the quota.

    Args:
        quota: the quota of the account.
        amount: the number of requested units.
    """

    def __init__(self, quota: Quota, amount: int) -> None:
        super().__init__(
            f"the account {quota.account!r} uses {quota.used} of {quota.limit} units (plan {quota.plan}); "
            f"{amount} more exceed the quota"
        )
        self.quota = quota
        self.amount = amount


class Billing(Protocol):
    """Reserves and releases units of an account's quota.

    Each method is atomic. Called within :meth:`hookspecs.Scope.transaction`, it takes part in the transaction: an object and
    the unit that it uses are both written, or neither.

    An account that does not exist yet has the plan ``free``.
    """

    async def quota(self, account: str) -> Quota:
        """Return the current quota of an account."""

    async def reserve(self, account: str, amount: int = 1) -> Quota:
        """Reserve units, all or none.

        Args:
            account: the name of the account.
            amount: the number of units, at least 1.

        Raises:
            QuotaExceeded: the units exceed the quota.
            ValueError: the amount is less than 1.
        """

    async def release(self, account: str, amount: int = 1) -> Quota:
        """Release units; the number of used units never falls below 0.

        Args:
            account: the name of the account.
            amount: the number of units, at least 1.

        Raises:
            ValueError: the amount is less than 1.
        """

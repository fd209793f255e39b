"""The contract by which other plugins ask for a share of an account's quota, in process."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec


class Plan(StrEnum):
    """What an account pays for."""

    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class Quota(msgspec.Struct, frozen=True, rename="camel"):
    """How much of its quota an account uses.

    Args:
        account: whose it is.
        plan: what it pays for.
        used: how many units are reserved.
        limit: how many may be, ``None`` for as many as it likes.
    """

    account: str
    plan: Plan
    used: int
    limit: int | None


class QuotaExceeded(Exception):  # noqa: N818 - part of the contract, and what it says is not always an error
    """A reservation that does not fit.

    Args:
        quota: of the account, when it was refused.
        amount: the units that were asked for.
    """

    def __init__(self, quota: Quota, amount: int) -> None:
        super().__init__(
            f"the account {quota.account!r} uses {quota.used} of {quota.limit} ({quota.plan}); {amount} more do not fit"
        )
        self.quota = quota
        self.amount = amount


class Billing(Protocol):
    """Reserve units of an account's quota and give them back.

    Every method is atomic by itself, whoever else calls it. Called within :meth:`hookspecs.Scope.transaction`, it is part of that:
    what is counted and the unit that it takes are written both, or none.

    An account that was never heard of has the plan ``free``.
    """

    async def quota(self, account: str) -> Quota:
        """How much the account uses now."""

    async def reserve(self, account: str, amount: int = 1) -> Quota:
        """Take units, all or none.

        Args:
            account: who pays.
            amount: how many units, at least 1.

        Raises:
            QuotaExceeded: they do not fit.
            ValueError: the amount is less than 1.
        """

    async def release(self, account: str, amount: int = 1) -> Quota:
        """Give units back; the use never falls below 0.

        Args:
            account: who paid.
            amount: how many units, at least 1.

        Raises:
            ValueError: the amount is less than 1.
        """

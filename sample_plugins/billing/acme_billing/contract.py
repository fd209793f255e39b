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
        revision: grows with each reservation and release, so that equal revisions mean: nothing happened in between.
    """

    account: str
    plan: Plan
    used: int
    limit: int | None
    revision: int


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

    Every method is atomic by itself, whoever else calls it. What is reserved is the caller's business: reserve *before* making
    the thing that is counted and release *after* removing it. Then a crash in between leaves a unit too many reserved, which
    :meth:`settle` mends, and never a thing that nobody pays for.

    An account that was never heard of has the plan ``free``. One plugin counts in one account, else none could settle it.
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

    async def settle(self, account: str, used: int, *, since: Quota) -> Quota | None:
        """Correct the use after counting.

        Args:
            account: whose use.
            used: the units that are really in use, at least 0.
            since: the quota as it was before the count began.

        Returns:
            the corrected quota, ``None`` where something was reserved or released since, so that the count means nothing.

        Raises:
            ValueError: the use is less than 0.
        """

"""Implements the contract: each step is one conditional update of one document, so no other update can come in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from beanie import UpdateResponse
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from acme_billing.contract import Plan, Quota, QuotaExceeded
from acme_billing.models import Account
from acme_billing.options import Limits


@dataclass(frozen=True, slots=True)
class Accounts:
    """The provider of :class:`acme_billing.Billing`.

    Args:
        limits: the limits of the plans.
        announce: called with each quota that changed.
    """

    limits: Limits
    announce: Callable[[Quota], Awaitable[None]]

    async def quota(self, account: str) -> Quota:
        """Return the current quota of an account."""
        return self._quota(await Account.get(account) or Account(id=account))

    async def reserve(self, account: str, amount: int = 1) -> Quota:
        """Reserve units, all or none."""
        _check(amount, 1)
        reserved = await self._try_reserve(account, amount)
        if reserved is None:
            await _ensure_exists(account)
            reserved = await self._try_reserve(account, amount)
        if reserved is None:
            raise QuotaExceeded(await self.quota(account), amount)
        return await self._announced_quota(reserved)

    async def release(self, account: str, amount: int = 1) -> Quota:
        """Release units; the number of used units never falls below 0."""
        _check(amount, 1)
        remaining = {"$max": [0, {"$subtract": ["$used", amount]}]}
        stored = await Account.get_pymongo_collection().find_one_and_update(
            {"_id": account},
            [{"$set": {"used": remaining}}],
            return_document=ReturnDocument.AFTER,
        )
        return await self._announced_quota(Account.model_validate(stored)) if stored else self._quota(Account(id=account))

    async def change_plan(self, account: str, plan: Plan) -> Quota | None:
        """Change the plan of an account.

        Returns:
            The quota, or ``None`` if the account already uses more than the plan allows.
        """
        await _ensure_exists(account)
        limit = self.limits.of(plan)
        fits = {} if limit is None else {"used": {"$lte": limit}}
        changed = await _update({"_id": account, **fits}, {"$set": {"plan": plan}})
        return changed and await self._announced_quota(changed)

    async def _try_reserve(self, account: str, amount: int) -> Account | None:
        """Reserve units; return ``None`` if the account does not exist or its plan does not allow them."""
        # The limits are in the options and the plan is in the document, so the filter has an alternative for each plan.
        alternatives = [{"plan": plan, **self._room_filter(plan, amount)} for plan in Plan]
        return await _update({"_id": account, "$or": alternatives}, {"$inc": {"used": amount}})

    def _room_filter(self, plan: Plan, amount: int) -> dict[str, Any]:
        limit = self.limits.of(plan)
        return {} if limit is None else {"used": {"$lte": limit - amount}}

    def _quota(self, account: Account) -> Quota:
        return Quota(account.id, account.plan, account.used, self.limits.of(account.plan))

    async def _announced_quota(self, account: Account) -> Quota:
        quota = self._quota(account)
        await self.announce(quota)
        return quota


async def _ensure_exists(account: str) -> None:
    """Create the account if it does not exist; of several concurrent attempts, one creates it.

    By an update instead of an insert: a failed insert would end the transaction in which it is called.
    """
    new = Account(id=account).model_dump(mode="json", by_alias=True, exclude={"id", "revision_id"})
    with suppress(DuplicateKeyError):
        await Account.get_pymongo_collection().update_one({"_id": account}, {"$setOnInsert": new}, upsert=True)


async def _update(query: dict[str, Any], change: dict[str, Any]) -> Account | None:
    """Update the account that matches a filter, and return its new state."""
    updated = await Account.find_one(query).update(change, response_type=UpdateResponse.NEW_DOCUMENT)
    return updated if isinstance(updated, Account) else None


def _check(amount: int, least: int) -> None:
    if amount < least:
        raise ValueError(f"the amount is {amount}, but must be at least {least}")

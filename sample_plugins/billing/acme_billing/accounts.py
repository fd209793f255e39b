"""Implements the contract: each step is one conditional update of one document, so nothing can come between look and change."""

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
        limits: units by plan.
        announce: is told each quota that changed.
    """

    limits: Limits
    announce: Callable[[Quota], Awaitable[None]]

    async def quota(self, account: str) -> Quota:
        """How much the account uses now."""
        return self._quota(await Account.get(account) or Account(id=account))

    async def reserve(self, account: str, amount: int = 1) -> Quota:
        """Take units, all or none."""
        _check(amount, 1)
        taken = await self._take(account, amount)
        if taken is None:
            await _open(account)
            taken = await self._take(account, amount)
        if taken is None:
            raise QuotaExceeded(await self.quota(account), amount)
        return await self._announced(taken)

    async def release(self, account: str, amount: int = 1) -> Quota:
        """Give units back; the use never falls below 0."""
        _check(amount, 1)
        rest = {"$max": [0, {"$subtract": ["$used", amount]}]}
        found = await Account.get_pymongo_collection().find_one_and_update(
            {"_id": account},
            [{"$set": {"used": rest}}],
            return_document=ReturnDocument.AFTER,
        )
        return await self._announced(Account.model_validate(found)) if found else self._quota(Account(id=account))

    async def change_plan(self, account: str, plan: Plan) -> Quota | None:
        """Give the account another plan.

        Returns:
            its quota, ``None`` where it already uses more than the plan allows.
        """
        await _open(account)
        limit = self.limits.of(plan)
        fits = {} if limit is None else {"used": {"$lte": limit}}
        changed = await _update({"_id": account, **fits}, {"$set": {"plan": plan}})
        return changed and await self._announced(changed)

    async def _take(self, account: str, amount: int) -> Account | None:
        """One attempt; ``None`` where there is no such account, or no room in it."""
        room = [{"plan": plan, **self._room(plan, amount)} for plan in Plan]
        return await _update({"_id": account, "$or": room}, {"$inc": {"used": amount}})

    def _room(self, plan: Plan, amount: int) -> dict[str, Any]:
        limit = self.limits.of(plan)
        return {} if limit is None else {"used": {"$lte": limit - amount}}

    def _quota(self, account: Account) -> Quota:
        return Quota(account.id, account.plan, account.used, self.limits.of(account.plan))

    async def _announced(self, account: Account) -> Quota:
        quota = self._quota(account)
        await self.announce(quota)
        return quota


async def _open(account: str) -> None:
    """Make the account unless it is there; of several who try at once, one does.

    It is no insert: in a transaction one that fails would end it.
    """
    fresh = Account(id=account).model_dump(mode="json", by_alias=True, exclude={"id", "revision_id"})
    with suppress(DuplicateKeyError):
        await Account.get_pymongo_collection().update_one({"_id": account}, {"$setOnInsert": fresh}, upsert=True)


async def _update(query: dict[str, Any], change: dict[str, Any]) -> Account | None:
    """Change the account that fits the query, and return it as it is then."""
    found = await Account.find_one(query).update(change, response_type=UpdateResponse.NEW_DOCUMENT)
    return found if isinstance(found, Account) else None


def _check(amount: int, least: int) -> None:
    if amount < least:
        raise ValueError(f"{amount} units: at least {least} must be given")

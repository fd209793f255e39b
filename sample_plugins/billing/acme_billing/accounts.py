"""Implements the contract: each step is one conditional update of one document, so nothing can come between look and change."""

from __future__ import annotations

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
    """

    limits: Limits

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
        return self._quota(taken)

    async def release(self, account: str, amount: int = 1) -> Quota:
        """Give units back; the use never falls below 0."""
        _check(amount, 1)
        rest = {"$max": [0, {"$subtract": ["$used", amount]}]}
        found = await Account.get_pymongo_collection().find_one_and_update(
            {"_id": account},
            [{"$set": {"used": rest, "revision": {"$add": ["$revision", 1]}}}],
            return_document=ReturnDocument.AFTER,
        )
        return self._quota(Account.model_validate(found) if found else Account(id=account))

    async def settle(self, account: str, used: int, *, since: Quota) -> Quota | None:
        """Correct the use after counting."""
        _check(used, 0)
        unchanged = {"_id": account, "revision": since.revision}
        settled = await _update(unchanged, {"$set": {"used": used}, "$inc": {"revision": 1}})
        return settled and self._quota(settled)

    async def change_plan(self, account: str, plan: Plan) -> Quota | None:
        """Give the account another plan.

        Returns:
            its quota, ``None`` where it already uses more than the plan allows.
        """
        await _open(account)
        limit = self.limits.of(plan)
        fits = {} if limit is None else {"used": {"$lte": limit}}
        changed = await _update({"_id": account, **fits}, {"$set": {"plan": plan}})
        return changed and self._quota(changed)

    async def _take(self, account: str, amount: int) -> Account | None:
        """One attempt; ``None`` where there is no such account, or no room in it."""
        room = [{"plan": plan, **self._room(plan, amount)} for plan in Plan]
        return await _update({"_id": account, "$or": room}, {"$inc": {"used": amount, "revision": 1}})

    def _room(self, plan: Plan, amount: int) -> dict[str, Any]:
        limit = self.limits.of(plan)
        return {} if limit is None else {"used": {"$lte": limit - amount}}

    def _quota(self, account: Account) -> Quota:
        return Quota(account.id, account.plan, account.used, self.limits.of(account.plan), account.revision)


async def _open(account: str) -> None:
    """Make the account unless it is there; of several who try at once, one does."""
    with suppress(DuplicateKeyError):
        await Account(id=account).insert()


async def _update(query: dict[str, Any], change: dict[str, Any]) -> Account | None:
    """Change the account that fits the query, and return it as it is then."""
    found = await Account.find_one(query).update(change, response_type=UpdateResponse.NEW_DOCUMENT)
    return found if isinstance(found, Account) else None


def _check(amount: int, least: int) -> None:
    if amount < least:
        raise ValueError(f"{amount} units: at least {least} must be given")

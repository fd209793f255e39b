"""Finds units of the quota that are reserved for no task: what a crash between two writes may leave."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final

from acme_billing import Billing, Quota
from pymongo.errors import PyMongoError

from acme_todo.models import Task
from hookspecs import Scope

_LOG: Final = logging.getLogger(__name__)


class Recount:
    """Compares quota and tasks of one account.

    It counts only when nothing was reserved or released for a while that is longer than a request: then nobody is between
    reserving a unit and writing the task. And billing takes the count only if that is still so.

    Args:
        account: whose.
        billing: keeps the quota.
    """

    def __init__(self, account: str, billing: Billing) -> None:
        self.account = account
        self.billing = billing
        self._running: asyncio.Task[None] | None = None

    def start(self, every: float) -> None:
        """Begin to compare, beside the requests.

        Args:
            every: seconds in between.
        """
        self._running = asyncio.get_running_loop().create_task(self._run(every), name="acme__todo recount")

    async def stop(self) -> None:
        """End it."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def once(self, since: Quota) -> Quota | None:
        """Count, and have the quota corrected where it differs.

        Args:
            since: the quota some time ago.

        Returns:
            the corrected quota, ``None`` where it was right or where something happened since.
        """
        if (await self.billing.quota(self.account)).revision != since.revision:
            return None
        used = await Task.find({"account": self.account, "isDeleted": False}).count()
        if used == since.used:
            return None
        settled = await self.billing.settle(self.account, used, since=since)
        if settled is not None:
            _LOG.warning("the quota of %s said %d and is %d: a unit was reserved for no task", self.account, since.used, used)
        return settled

    async def _run(self, every: float) -> None:
        while True:
            try:
                before = await self.billing.quota(self.account)
                await asyncio.sleep(every)
                await self.once(before)
            except PyMongoError as error:
                _LOG.warning("the quota of %s could not be compared: %s", self.account, error)
                await asyncio.sleep(every)


def start_recount(scope: Scope) -> Recount:
    """Make it and begin."""
    recount = Recount(scope.options.account, scope.use(Billing))  # type: ignore[type-abstract]  # a Protocol is what use() takes
    recount.start(scope.options.recount_every)
    return recount

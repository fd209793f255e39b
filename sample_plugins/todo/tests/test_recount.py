"""What a crash may leave in the quota is found."""

from __future__ import annotations

import asyncio
import time

import httpx
from acme_billing import Plan, Quota
from acme_todo.recount import Recount


def used(client: httpx.Client) -> int:
    return client.get(client.base_url.copy_with(path="/acme__billing/quota")).json()["used"]


def test_units_without_a_task_are_given_back(small):
    small.post("/task", json={"title": "The only one"})
    small.post(small.base_url.copy_with(path="/acme__leak/leak"), params={"amount": 2})
    deadline = time.monotonic() + 10
    while used(small) != 1:
        assert time.monotonic() < deadline, f"{used(small)} units are reserved for one task"
        time.sleep(0.05)
    assert [small.post("/task", json={"title": "More"}).status_code for _ in range(3)] == [201, 201, 402]


class BusyAccount:
    """An account that somebody uses all the time."""

    def __init__(self) -> None:
        self.revision = 0

    async def quota(self, account: str) -> Quota:
        self.revision += 1
        return Quota(account=account, plan=Plan.FREE, used=4, limit=9, revision=self.revision)


def test_nothing_is_counted_while_somebody_is_at_work():
    """It would ask the database, which is not there."""
    billing = BusyAccount()
    before = asyncio.run(billing.quota("a"))
    assert asyncio.run(Recount("a", billing).once(before)) is None

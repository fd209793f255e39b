"""Transactions across the models of two plugins: both writes or none, whatever happens in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from host import Host
from host.common.errors import DatabaseError, StateError
from host.data import Conflict
from host.database.connect import connect
from host.database.transactions import Transactions
from tests.data.ledger import Ledger, during, install
from tests.distributions import Project

THING = "/acme__shop/thing"

Run = Callable[[Callable[[Ledger], Awaitable[Any]]], Any]


@pytest.fixture
def ledger(project: Project, mongo: str) -> Run:
    install(project, mongo)
    return lambda function: during(project, function)


def test_writes_of_two_plugins_are_committed_together(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        thing = await both.scope.transaction(both.shop.make, both.scope, title="x")
        return thing.title, await both.counts()

    assert ledger(run) == ("x", (1, 1))


def test_an_exception_rolls_both_back_and_is_raised_unchanged(ledger: Run) -> None:
    error = RuntimeError("mine")

    async def run(both: Ledger) -> Any:
        async def fail() -> None:
            await both.shop.make(both.scope)
            raise error

        with pytest.raises(RuntimeError) as caught:
            await both.scope.transaction(fail)
        return caught.value is error, await both.counts()

    assert ledger(run) == (True, (0, 0))


def test_an_http_error_rolls_both_back(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        asked = [{"id": str(uuid4()), "title": title} for title in ("a", "refused")]
        answers = [await both.client.post(THING, params=params) for params in [*asked, asked[0]]]
        details = [answer.json()["detail"] for answer in answers[1:]]
        return [answer.status_code for answer in answers], details, await both.counts()

    assert ledger(run) == ([201, 409, 409], ["refused", "another Thing has this id"], (1, 1))


def test_nothing_is_visible_before_the_commit(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        written, go = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            await both.shop.make(both.scope)
            written.set()
            await go.wait()

        running = asyncio.create_task(both.scope.transaction(slow))
        await written.wait()
        before = await both.counts()
        go.set()
        await running
        return before, await both.counts()

    assert ledger(run) == ((0, 0), (1, 1))


def test_a_nested_transaction_is_part_of_the_outer_one(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        async def outer() -> None:
            await both.scope.transaction(both.shop.make, both.scope)
            raise RuntimeError("after the inner one")

        with pytest.raises(RuntimeError):
            await both.scope.transaction(outer)
        return await both.counts()

    assert ledger(run) == (0, 0)


def test_fifty_concurrent_transactions_on_one_document(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        async def one(number: int) -> int:
            title = "refused" if number % 5 == 0 else "a"
            return (await both.client.post(THING, params={"id": str(uuid4()), "title": title})).status_code

        statuses = await asyncio.gather(*[one(number) for number in range(50)])
        return statuses.count(201), statuses.count(409), await both.counts()

    assert ledger(run) == (40, 10, (40, 40))


def test_broadcasts_are_sent_after_the_commit_and_never_after_a_rollback(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        seen: list[list[str]] = []

        async def make(title: str) -> str:
            identifier: str = (await both.shop.make(both.scope)).id
            # A message that is not held back would come before this one, which is sent outside of the transaction.
            await asyncio.create_task(both.scope.broadcast("made", title), context=Context())
            seen.append(list(await both.heard.until(title)))
            if title == "refused":
                raise Conflict("refused")
            return identifier

        with pytest.raises(Conflict):
            await both.scope.transaction(make, "refused")
        last = await both.scope.transaction(make, "a")
        return seen, await both.heard.until(last) == ["refused", "a", last]

    assert ledger(run) == ([["refused"], ["refused", "a"]], True)


def test_a_retried_transaction_announces_once(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        things = await asyncio.gather(*[both.scope.transaction(both.shop.make, both.scope) for _ in range(10)])
        marker = await both.scope.transaction(both.shop.make, both.scope)
        heard = await both.heard.until(marker.id)
        return len(heard) == 11 and set(heard) == {thing.id for thing in [*things, marker]}

    assert ledger(run) is True


def test_a_failure_after_the_commit_does_not_look_like_a_rollback(ledger: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def run(both: Ledger) -> Any:
        done: list[str] = []
        transactions = both.host.boot.transactions

        async def fail() -> None:
            raise RuntimeError("the channel is gone")

        async def note() -> None:
            done.append("second")

        async def make() -> None:
            await both.shop.make(both.scope)
            await transactions.after_commit(fail)
            await transactions.after_commit(note)

        await both.scope.transaction(make)
        return done, await both.counts()

    assert ledger(run) == (["second"], (1, 1))
    assert "a transaction was committed, but a call registered for after the commit failed" in caplog.text


def test_concurrent_transactions_do_not_see_each_other(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        thing = both.shop.Thing
        await thing().insert()  # two that make the collection would be in each other's way
        counts: list[int] = []
        first, second = asyncio.Event(), asyncio.Event()

        async def write(mine: asyncio.Event, other: asyncio.Event) -> None:
            await thing().insert()
            mine.set()
            await other.wait()
            counts.append(await thing.count())

        await asyncio.gather(both.scope.transaction(write, first, second), both.scope.transaction(write, second, first))
        return counts, await thing.count()

    assert ledger(run) == ([2, 2], 3)


def test_a_cancelled_transaction_is_rolled_back_at_once(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        written = asyncio.Event()

        async def forever() -> None:
            await both.shop.make(both.scope)
            written.set()
            await asyncio.Event().wait()

        running = asyncio.create_task(both.scope.transaction(forever))
        await written.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        before = await both.counts()
        began = time.monotonic()
        await both.scope.transaction(both.shop.make, both.scope)  # of the same account, which nobody holds any more
        return before, await both.counts(), time.monotonic() - began < 5

    assert ledger(run) == ((0, 0), (1, 1), True)


def test_a_second_cancellation_during_the_rollback(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        written = asyncio.Event()

        async def forever() -> None:
            await both.shop.make(both.scope)
            written.set()
            await asyncio.Event().wait()

        running = asyncio.create_task(both.scope.transaction(forever))
        await written.wait()
        while not running.done():
            running.cancel()
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await both.scope.transaction(both.shop.make, both.scope)
        return await both.counts()

    assert ledger(run) == (1, 1)


@pytest.mark.parametrize("how", ["gather", "create_task"])
def test_a_task_started_within_is_an_error(ledger: Run, how: str) -> None:
    async def run(both: Ledger) -> Any:
        async def parallel() -> None:
            await both.shop.Thing().insert()
            if how == "gather":
                await asyncio.gather(both.shop.Thing().insert(), both.shop.Thing().insert())
            else:
                await asyncio.create_task(both.scope.transaction(both.shop.make, both.scope))

        with pytest.raises(StateError, match="a task that was started within a transaction") as caught:
            await both.scope.transaction(parallel)
        return "without create_task, gather or wait_for" in caught.value.fix, await both.counts()

    assert ledger(run) == (True, (0, 0))


def test_a_task_that_outlives_the_transaction_writes_outside_of_it(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        over = asyncio.Event()

        async def later() -> None:
            await over.wait()
            await both.shop.Thing(title="later").insert()
            await both.scope.broadcast("made", "later")
            await both.scope.transaction(both.shop.make, both.scope)

        async def start() -> asyncio.Task[None]:
            await both.shop.make(both.scope)
            return asyncio.create_task(later())

        started = await both.scope.transaction(start)
        over.set()
        await started
        await both.heard.until("later")
        return await both.counts()

    assert ledger(run) == (2, 3)


def test_a_database_error_caught_within_is_reported(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        thing = await both.shop.Thing().insert()
        calls: list[int] = []

        async def stubborn(*, more: bool) -> None:
            calls.append(1)
            await both.quota.Accounts().take("main")
            with pytest.raises(Conflict):
                await both.shop.Thing(id=thing.id).insert()
            if more:
                await both.shop.Thing().insert()

        for more in (True, False):
            with pytest.raises(StateError, match="went on after a database error") as caught:
                await both.scope.transaction(stubborn, more=more)
        return caught.value.fix.startswith("do not catch database errors"), len(calls), await both.counts()

    assert ledger(run) == (True, 6, (0, 1))


def test_a_document_may_be_written_twice(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        async def twice() -> int:
            thing = await both.shop.Thing().insert()
            await thing.set({both.shop.Thing.title: "b"})
            thing.title = "c"
            await thing.save()
            await thing.delete()
            return int(thing.version)

        return await both.scope.transaction(twice), await both.shop.Thing.count(deleted=True)

    assert ledger(run) == (4, 1)


def test_a_stale_document_is_refused_in_a_transaction(ledger: Run) -> None:
    async def run(both: Ledger) -> Any:
        thing = await both.shop.Thing().insert()
        stale = await both.shop.Thing.get(thing.id)
        await thing.set({both.shop.Thing.title: "b"})

        async def write() -> None:
            await both.quota.Accounts().take("main")
            await stale.set({both.shop.Thing.title: "c"})

        with pytest.raises(Conflict) as caught:
            await both.scope.transaction(write)
        return caught.value.extra, await both.counts()

    assert ledger(run) == ({"version": 2}, (0, 1))


def test_another_client_does_not_take_part(ledger: Run, mongo: str) -> None:
    async def run(both: Ledger) -> Any:
        other = await connect(mongo)
        name = f"test{uuid4().hex}"

        async def write() -> None:
            await both.shop.make(both.scope)
            await other[name].log.insert_one({"kept": True})
            raise RuntimeError

        try:
            with pytest.raises(RuntimeError):
                await both.scope.transaction(write)
            return await other[name].log.count_documents({}), await both.counts()
        finally:
            await other.drop_database(name)
            await other.close()

    assert ledger(run) == (1, (0, 0))


def test_transactions_of_two_hosts_are_independent(mongo: str) -> None:
    async def run() -> Any:
        clients = [await connect(mongo) for _ in range(2)]
        name = f"test{uuid4().hex}"
        both = [Transactions(), Transactions()]
        done: list[str] = []

        async def note() -> None:
            done.append("inner")

        async def inner() -> None:
            await clients[1][name].inner.insert_one({})
            await clients[0][name].outer.insert_one({})
            await both[1].after_commit(note)

        async def outer() -> None:
            await clients[0][name].outer.insert_one({})
            await both[1].run(inner)
            await clients[1][name].inner.insert_one({})
            raise RuntimeError

        try:
            for transactions, client in zip(both, clients, strict=True):
                transactions.use(client)
            with pytest.raises(RuntimeError):
                await both[0].run(outer)
            return done, [await clients[0][name][which].count_documents({}) for which in ("outer", "inner")]
        finally:
            await clients[0].drop_database(name)
            for client in clients:
                await client.close()

    assert asyncio.run(run()) == (["inner"], [0, 2])


def test_a_transaction_without_a_database_is_an_error(project: Project) -> None:
    project.install("acme-empty")

    async def run() -> None:
        async with Host(project.settings) as host:
            with pytest.raises(StateError, match="no database is open to run a transaction in"):
                await host.plugins["acme__empty"].scope.transaction(asyncio.sleep, 0)

    asyncio.run(run())


def test_a_mongodb_that_is_not_a_replica_set_is_reported(standalone: str) -> None:
    async def run() -> DatabaseError:
        client: AsyncMongoClient[dict[str, Any]] = await connect(standalone)
        transactions = Transactions()
        transactions.use(client)
        try:
            with pytest.raises(DatabaseError) as caught:
                await transactions.run(client.test.one.insert_one, {})
            return caught.value
        finally:
            await client.close()

    error = asyncio.run(run())
    assert "neither a replica set nor a sharded cluster" in error.message
    assert error.fix
    assert error.exit_code == 4

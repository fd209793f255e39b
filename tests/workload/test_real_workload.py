"""Both sample plugins under a real load: a ``host run`` process, its embedded MongoDB, and thousands of requests over HTTP."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.serverkit import Serve, Server, serve, servers
from tests.workload.load import TASKS, TOML, all_pages, client, create, each, ids, run, used

__all__ = ("serve",)

LOG = logging.getLogger(__name__)

MANY = 2_000
BIN = 120
STATUSES = ("open", "doing", "done")


@dataclass(frozen=True)
class Bulk:
    """A server with many tasks.

    Args:
        server: the server.
        tasks: the rows that it answered.
    """

    server: Server
    tasks: list[dict[str, Any]]

    def ids(self, **fields: Any) -> set[str]:
        """The ids of the tasks with these fields."""
        return {task["id"] for task in self.tasks if all(task[name] == value for name, value in fields.items())}


def fields(number: int) -> dict[str, Any]:
    """A task; what can be filtered by comes in all combinations."""
    return {
        "title": f"{'Write' if number % 2 else 'Read'} chapter {number:05}",
        "status": STATUSES[number % 3],
        "priority": number % 5 % 3 + 1,
        "tags": ["bulk", f"tenth{number % 10}"],
    }


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory):
    """Thousands of tasks, created by many at once. No test changes or removes them for good; others carry no tag `bulk`."""
    with servers(tmp_path_factory.mktemp("bulk")) as start:
        server = start(TOML.format(limit=10_000))
        began = time.monotonic()

        async def fill():
            async with client(server.url) as http:
                return await each(lambda number: create(http, **fields(number)), range(MANY))

        tasks = asyncio.run(fill())
        seconds = time.monotonic() - began
        LOG.info("%d tasks created over HTTP in %.2f s, %.0f a second", MANY, seconds, MANY / seconds)
        yield Bulk(server, tasks)


def test_each_creation_is_a_task_of_its_own_and_takes_a_unit_of_the_quota(bulk):
    assert len(ids(bulk.tasks)) == MANY
    live = run(bulk.server, all_pages_of_all)
    assert run(bulk.server, used) == len(live)


async def all_pages_of_all(http):
    return await all_pages(http, limit=200)


@pytest.mark.parametrize("sort", ["createdAt", "-createdAt", "title", "-title", "priority", "-priority"])
def test_pages_hold_every_task_once_and_in_order(bulk, sort):
    found = run(bulk.server, lambda http: all_pages(http, tag="bulk", sort=sort, limit=97))
    assert ids(found) == bulk.ids()
    values = [sortable(item[sort.removeprefix("-")]) for item in found]
    assert values == sorted(values, reverse=sort.startswith("-"))


def sortable(value: Any) -> Any:
    """A moment as such: whole seconds are written shorter than others."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value.endswith("Z") else value


@pytest.mark.parametrize("sort", ["-createdAt", "createdAt", "title"])
def test_pages_stay_whole_while_others_create(bulk, sort):
    async def work(http):
        async def disturb():
            await each(lambda number: create(http, title=f"Meanwhile {number}", tags=["meanwhile"]), range(20))

        return await all_pages(http, between=disturb, sort=sort, limit=200)

    assert ids(run(bulk.server, work)) >= bulk.ids()


def test_filters_select_exactly_what_they_say(bulk):
    async def work(http):
        return {
            "status": await all_pages(http, tag="bulk", status="doing", limit=200),
            "priority": await all_pages(http, tag="bulk", priority=1, limit=200),
            "tags": await all_pages(http, tag=["bulk", "tenth7"], limit=200),
            "title": await all_pages(http, tag="bulk", title="wRITE chap", limit=200),
            "all": await all_pages(http, tag="bulk", status="done", priority=2, title="Read", limit=7),
        }

    found = {name: ids(items) for name, items in run(bulk.server, work).items()}
    writing = {task["id"] for task in bulk.tasks if task["title"].startswith("Write")}
    assert found == {
        "status": bulk.ids(status="doing"),
        "priority": bulk.ids(priority=1),
        "tags": bulk.ids(tags=["bulk", "tenth7"]),
        "title": writing,
        "all": bulk.ids(status="done", priority=2) - writing,
    }


def test_of_concurrent_updates_each_accepted_one_counts_once(bulk):
    clients, steps = 12, 6
    answers: Counter[int] = Counter()

    async def work(http):
        task = await create(http, title="0")

        async def count(_client):
            for _ in range(steps):
                while True:
                    seen = (await http.get(f"{TASKS}/{task['id']}")).json()["body"]["items"][0]
                    change = {"title": str(int(seen["title"]) + 1), "version": seen["version"]}
                    answer = await http.patch(f"{TASKS}/{task['id']}", json=change)
                    answers[answer.status_code] += 1
                    if answer.status_code == 200:
                        break

        await each(count, range(clients))
        return (await http.get(f"{TASKS}/{task['id']}")).json()["body"]["items"][0]

    final = run(bulk.server, work)
    assert (final["title"], final["version"]) == (str(clients * steps), clients * steps + 1)
    assert set(answers) == {200, 409}, answers
    assert answers[200] == clients * steps


def test_updates_of_different_fields_do_not_undo_each_other(bulk):
    async def work(http):
        made = await each(lambda _: create(http, title="before"), range(50))
        changes = [(task["id"], change) for task in made for change in ({"title": "after"}, {"priority": 1}, {"status": "done"})]
        random.Random(7).shuffle(changes)
        answers = await each(lambda change: http.patch(f"{TASKS}/{change[0]}", json=change[1]), changes)
        assert {answer.status_code for answer in answers} == {200}
        return await each(lambda task: http.get(f"{TASKS}/{task['id']}"), made)

    rows = [answer.json()["body"]["items"][0] for answer in run(bulk.server, work)]
    assert {(row["title"], row["priority"], row["status"], row["version"]) for row in rows} == {("after", 1, "done", 4)}


def test_deleting_restoring_and_removing_keep_the_quota_exact(bulk):
    async def work(http):
        made = [task["id"] for task in await each(lambda number: create(http, title=f"Bin {number}", tags=["bin"]), range(BIN))]
        full = await used(http)
        twice = made + made
        random.Random(7).shuffle(twice)

        deleted = Counter(answer.status_code for answer in await each(lambda task: http.delete(f"{TASKS}/{task}"), twice))
        assert deleted == {200: BIN, 404: BIN}
        assert await used(http) == full - BIN
        assert await all_pages(http, tag="bin") == []
        assert ids(await all_pages(http, tag="bin", deleted="true")) == set(made)

        restored = Counter(answer.status_code for answer in await each(lambda task: http.post(f"{TASKS}/{task}/restore"), twice))
        assert restored == {200: BIN, 409: BIN}
        assert await used(http) == full
        assert ids(await all_pages(http, tag="bin")) == set(made)

        removed = Counter(answer.status_code for answer in await each(lambda task: http.delete(f"{TASKS}/{task}/hard"), twice))
        assert removed == {200: BIN, 404: BIN}
        assert await used(http) == full - BIN
        assert await all_pages(http, tag="bin", deleted="true") == []

    run(bulk.server, work)


def test_a_quota_of_n_and_2n_creations_at_once_give_n_tasks(serve: Serve):
    limit = 60

    async def work(http):
        answers = await each(lambda number: http.post(TASKS, json={"title": str(number)}), range(2 * limit))
        refused = next(answer for answer in answers if answer.status_code == 402)
        assert (refused.json()["extra"]["used"], refused.json()["extra"]["limit"]) == (limit, limit)
        return Counter(answer.status_code for answer in answers), len(await all_pages(http)), await used(http)

    assert run(serve(TOML.format(limit=limit)), work) == ({201: limit, 402: limit}, limit, limit)

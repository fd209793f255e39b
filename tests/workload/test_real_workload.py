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
        tasks: the rows from its responses.
    """

    server: Server
    tasks: list[dict[str, Any]]

    def ids(self, **fields: Any) -> set[str]:
        """Return the ids of the tasks with these fields."""
        return {task["id"] for task in self.tasks if all(task[name] == value for name, value in fields.items())}


def fields(number: int) -> dict[str, Any]:
    """Return a task; the fields that can be filtered by occur in all combinations."""
    return {
        "title": f"{'Write' if number % 2 else 'Read'} chapter {number:05}",
        "status": STATUSES[number % 3],
        "priority": number % 5 % 3 + 1,
        "tags": ["bulk", f"tenth{number % 10}"],
    }


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory):
    """Create thousands of tasks concurrently. No test changes or removes them; other tasks do not have the tag `bulk`."""
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


def test_each_creation_makes_a_separate_task_and_takes_a_unit_of_the_quota(bulk):
    assert len(ids(bulk.tasks)) == MANY
    live = run(bulk.server, all_pages_of_all)
    assert run(bulk.server, used) == len(live)


async def all_pages_of_all(http):
    return await all_pages(http, limit=200)


@pytest.mark.parametrize("sort", ["createdAt", "-createdAt", "title", "-title", "priority", "-priority"])
def test_pages_contain_every_task_once_and_in_order(bulk, sort):
    items = run(bulk.server, lambda http: all_pages(http, tag="bulk", sort=sort, limit=97))
    assert ids(items) == bulk.ids()
    values = [sortable(item[sort.removeprefix("-")]) for item in items]
    assert values == sorted(values, reverse=sort.startswith("-"))


def sortable(value: Any) -> Any:
    """Return a time as a datetime: as strings, whole seconds are shorter than others and sort differently."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value.endswith("Z") else value


@pytest.mark.parametrize("sort", ["-createdAt", "createdAt", "title"])
def test_pages_are_complete_while_other_tasks_are_created(bulk, sort):
    async def work(http):
        async def disturb():
            await each(lambda number: create(http, title=f"Meanwhile {number}", tags=["meanwhile"]), range(20))

        return await all_pages(http, between=disturb, sort=sort, limit=200)

    assert ids(run(bulk.server, work)) >= bulk.ids()


def test_filters_select_exactly_the_matching_tasks(bulk):
    async def work(http):
        return {
            "status": await all_pages(http, tag="bulk", status="doing", limit=200),
            "priority": await all_pages(http, tag="bulk", priority=1, limit=200),
            "tags": await all_pages(http, tag=["bulk", "tenth7"], limit=200),
            "title": await all_pages(http, tag="bulk", title="wRITE chap", limit=200),
            "all": await all_pages(http, tag="bulk", status="done", priority=2, title="Read", limit=7),
        }

    selected = {name: ids(items) for name, items in run(bulk.server, work).items()}
    writing = {task["id"] for task in bulk.tasks if task["title"].startswith("Write")}
    assert selected == {
        "status": bulk.ids(status="doing"),
        "priority": bulk.ids(priority=1),
        "tags": bulk.ids(tags=["bulk", "tenth7"]),
        "title": writing,
        "all": bulk.ids(status="done", priority=2) - writing,
    }


def test_each_accepted_concurrent_update_counts_once(bulk):
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
        tasks = await each(lambda _: create(http, title="before"), range(50))
        changes = [(task["id"], change) for task in tasks for change in ({"title": "after"}, {"priority": 1}, {"status": "done"})]
        random.Random(7).shuffle(changes)
        answers = await each(lambda change: http.patch(f"{TASKS}/{change[0]}", json=change[1]), changes)
        assert {answer.status_code for answer in answers} == {200}
        return await each(lambda task: http.get(f"{TASKS}/{task['id']}"), tasks)

    rows = [answer.json()["body"]["items"][0] for answer in run(bulk.server, work)]
    assert {(row["title"], row["priority"], row["status"], row["version"]) for row in rows} == {("after", 1, "done", 4)}


def test_deleting_restoring_and_removing_keep_the_quota_exact(bulk):
    async def work(http):
        identifiers = [
            task["id"] for task in await each(lambda number: create(http, title=f"Bin {number}", tags=["bin"]), range(BIN))
        ]
        full = await used(http)
        twice = identifiers + identifiers
        random.Random(7).shuffle(twice)

        deleted = Counter(answer.status_code for answer in await each(lambda task: http.delete(f"{TASKS}/{task}"), twice))
        assert deleted == {200: BIN, 404: BIN}
        assert await used(http) == full - BIN
        assert await all_pages(http, tag="bin") == []
        assert ids(await all_pages(http, tag="bin", deleted="true")) == set(identifiers)

        restored = Counter(answer.status_code for answer in await each(lambda task: http.post(f"{TASKS}/{task}/restore"), twice))
        assert restored == {200: BIN, 409: BIN}
        assert await used(http) == full
        assert ids(await all_pages(http, tag="bin")) == set(identifiers)

        removed = Counter(answer.status_code for answer in await each(lambda task: http.delete(f"{TASKS}/{task}/hard"), twice))
        assert removed == {200: BIN, 404: BIN}
        assert await used(http) == full - BIN
        assert await all_pages(http, tag="bin", deleted="true") == []

    run(bulk.server, work)


def test_2n_concurrent_creations_with_a_quota_of_n_create_n_tasks(serve: Serve):
    limit = 60

    async def work(http):
        answers = await each(lambda number: http.post(TASKS, json={"title": str(number)}), range(2 * limit))
        refused = next(answer for answer in answers if answer.status_code == 402)
        assert (refused.json()["extra"]["used"], refused.json()["extra"]["limit"]) == (limit, limit)
        return Counter(answer.status_code for answer in answers), len(await all_pages(http)), await used(http)

    assert run(serve(TOML.format(limit=limit)), work) == ({201: limit, 402: limit}, limit, limit)

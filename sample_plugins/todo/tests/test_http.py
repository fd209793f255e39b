"""The routes, on a real server and a real database."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID, uuid4

import httpx
import pytest


def rows(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    return answer.json()["body"]["items"]


def used(client: httpx.Client) -> int:
    return client.get(client.base_url.copy_with(path="/acme__billing/quota")).json()["used"]


def check_problem(answer: httpx.Response, status: int) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text


def test_a_created_task_has_its_defaults(api):
    answer = api.post("/task", json={"title": "Write", "tags": ["a", "b", "a"]})
    assert answer.status_code == 201
    assert (answer.json()["type"], answer.json()["action"]) == ("task", "dataCreate")
    (task,) = answer.json()["body"]["items"]
    assert task["createdAt"] == task["updatedAt"]
    assert datetime.fromisoformat(task.pop("createdAt")).tzinfo is not None
    del task["updatedAt"]
    assert len(task.pop("id")) == 36
    assert task == {
        "account": "default",
        "title": "Write",
        "status": "open",
        "priority": 2,
        "tags": ["a", "b"],
        "due": None,
        "owner": None,
        "lastEditor": None,
        "version": 1,
        "isDeleted": False,
        "_displayName": "Write",
        "_completion": "open, priority 2",
        "_tags": ["a", "b"],
    }


def test_a_read_returns_what_the_write_returned(api, make):
    task = make(due="2026-12-01T00:00:00.123456+02:00", status="doing", priority=1)
    assert task["due"] == "2026-11-30T22:00:00.123000Z"
    assert rows(api.get(f"/task/{task['id']}")) == [task]


def test_a_client_may_choose_the_id_once(api, make):
    chosen = str(uuid4())
    assert make(id=chosen.upper())["id"] == chosen
    before = used(api)
    check_problem(api.post("/task", json={"title": "Again", "id": chosen}), 409)
    assert used(api) == before


def test_an_update_changes_the_sent_fields_and_returns_the_previous_version(api, make):
    task = make(title="Old", due="2026-12-01T00:00:00Z")
    answer = api.patch(f"/task/{task['id']}", json={"title": "New", "due": None})
    (after,) = rows(answer)
    assert after == task | {
        "title": "New",
        "due": None,
        "version": 2,
        "updatedAt": after["updatedAt"],
        "_displayName": "New",
        "_completion": "open, priority 2",
    }
    assert answer.json()["body"]["prevVersion"] == task
    assert rows(api.get(f"/task/{task['id']}")) == [after]
    assert datetime.fromisoformat(str(after["updatedAt"])) >= datetime.fromisoformat(task["updatedAt"])


def test_an_update_for_another_version_is_refused(api, make):
    task = make()
    assert rows(api.patch(f"/task/{task['id']}", json={"status": "done", "version": 1}))[0]["version"] == 2
    refused = api.patch(f"/task/{task['id']}", json={"status": "open", "version": 1})
    check_problem(refused, 409)
    assert refused.json()["extra"] == {"version": 2}
    assert rows(api.get(f"/task/{task['id']}"))[0]["status"] == "done"


def test_a_deleted_task_is_in_the_trash_and_can_be_restored(api, make, tag):
    task = make(tags=[tag])
    deleted = api.delete(f"/task/{task['id']}")
    assert deleted.json() == {"type": "task", "action": "dataDelete", "body": {"items": [], "deleted": [task["id"]]}}
    check_problem(api.get(f"/task/{task['id']}"), 404)
    check_problem(api.patch(f"/task/{task['id']}", json={"status": "done"}), 404)
    check_problem(api.delete(f"/task/{task['id']}"), 404)
    assert rows(api.get("/task", params={"tag": tag})) == []
    assert [row["id"] for row in rows(api.get("/task", params={"tag": tag, "deleted": "true"}))] == [task["id"]]

    (restored,) = rows(api.post(f"/task/{task['id']}/restore"))
    assert restored == task | {"version": 3, "updatedAt": restored["updatedAt"]}
    assert rows(api.get(f"/task/{task['id']}")) == [restored]
    check_problem(api.post(f"/task/{task['id']}/restore"), 409)


@pytest.mark.parametrize("first", [True, False], ids=["from the trash", "from the list"])
def test_a_hard_delete_is_final(api, make, first):
    task = make()
    before = used(api)
    if first:
        api.delete(f"/task/{task['id']}")
    answer = api.delete(f"/task/{task['id']}/hard")
    assert answer.json() == {"type": "task", "action": "dataHardDelete", "body": {"items": [], "deleted": [task["id"]]}}
    assert used(api) == before - 1
    check_problem(api.post(f"/task/{task['id']}/restore"), 404)
    check_problem(api.delete(f"/task/{task['id']}/hard"), 404)


def test_beyond_the_quota_no_task_is_created_or_restored(small):
    made = [small.post("/task", json={"title": str(number)}) for number in range(4)]
    assert [answer.status_code for answer in made] == [201, 201, 201, 402]
    check_problem(made[3], 402)
    assert made[3].json()["detail"] == "the account 'default' uses 3 of 3 units (plan free); 1 more exceed the quota"
    assert made[3].json()["extra"] == {"account": "default", "plan": "free", "used": 3, "limit": 3}

    task = rows(small.get("/task"))[0]["id"]
    small.delete(f"/task/{task}")
    assert small.post("/task", json={"title": "instead"}).status_code == 201
    check_problem(small.post(f"/task/{task}/restore"), 402)
    assert len(rows(small.get("/task"))) == 3

    bigger = small.patch(small.base_url.copy_with(path="/acme__billing/quota/plan"), json={"plan": "pro"})
    assert bigger.status_code == 200
    assert small.post(f"/task/{task}/restore").status_code == 200


def test_filters_are_combined(api, make, tag):
    tasks = {
        number: make(
            title=f"{'Read' if number < 3 else 'Write'} {number}",
            tags=[tag, *(["odd"] if number % 2 else [])],
            status="done" if number == 5 else "open",
            priority=1 if number > 3 else 3,
        )["id"]
        for number in range(6)
    }

    def numbers(**query: object) -> set[int]:
        found = {row["id"] for row in rows(api.get("/task", params={"tag": tag, **query}))}
        return {number for number, task in tasks.items() if task in found}

    assert numbers() == {0, 1, 2, 3, 4, 5}
    assert numbers(status="done") == {5}
    assert numbers(priority=1) == {4, 5}
    assert numbers(tag=[tag, "odd"]) == {1, 3, 5}
    assert numbers(title="wRiTe") == {3, 4, 5}
    assert numbers(title="rite") == set()
    assert numbers(title="Read", tag=[tag, "odd"], priority=3) == {1}


def test_the_last_page_has_no_next(api, make, tag):
    made = [make(title=f"{number}", tags=[tag])["id"] for number in range(5)]
    seen: list[object] = []
    query = {"tag": tag, "sort": "title", "limit": 2}
    cursor = None
    sizes = []
    while True:
        body = api.get("/task", params={**query, **({"cursor": cursor} if cursor else {})}).json()["body"]
        assert body["page"]["total"] == 5
        seen += [row["id"] for row in body["items"]]
        sizes.append(len(body["items"]))
        cursor = body["page"]["next"]
        if cursor is None:
            break
    assert (seen, sizes) == (made, [2, 2, 1])


def test_a_full_last_page_has_no_next(api, make, tag):
    for _ in range(2):
        make(tags=[tag])
    assert api.get("/task", params={"tag": tag, "limit": 2}).json()["body"]["page"] == {"total": 2, "next": None}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "status=lost",
        "priority=4",
        "sort=due",
        "deleted=perhaps",
        "title=%00",
        "title=" + "x" * 201,
        "tag=",
        "cursor=nonsense",
        "cursor=%F0%9F%90%9D",
    ],
)
def test_an_invalid_list_request_is_a_problem(api, query):
    check_problem(api.get(f"/task?{query}"), 400)


def test_a_cursor_of_another_order_is_a_problem(api, make, tag):
    for _ in range(2):
        make(tags=[tag])
    cursor = api.get("/task", params={"tag": tag, "limit": 1}).json()["body"]["page"]["next"]
    check_problem(api.get("/task", params={"tag": tag, "limit": 1, "cursor": cursor, "sort": "title"}), 400)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"title": ""}',
        '{"title": 7}',
        '{"title": "\\ud800"}',
        '{"title": "T", "tags": "a"}',
        '{"title": "T", "tags": [""]}',
        '{"title": "T", "priority": 0}',
        '{"title": "T", "status": "lost"}',
        '{"title": "T", "due": "tomorrow"}',
        '{"title": "T", "due": "2026"}',
        '{"title": "T", "due": 1795252471}',
        '{"title": "T", "due": "2026-12-01T00:00:00"}',
        '{"title": "T", "due": "0001-01-01T00:00:00+14:00"}',
        '{"title": "T", "id": "17"}',
        '{"title": "T", "colour": "red"}',
        f'{{"title": "{"x" * 201}"}}',
    ],
)
def test_an_invalid_task_is_a_problem(api, body):
    check_problem(api.post("/task", content=body, headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize(
    "body", ["{}", '{"version": 1}', '{"title": null}', '{"title": "T", "version": 0}', '{"title": "T", "version": 1e30}']
)
def test_an_invalid_update_is_a_problem(api, make, body):
    task = make()
    check_problem(api.patch(f"/task/{task['id']}", content=body, headers={"content-type": "application/json"}), 400)
    assert rows(api.get(f"/task/{task['id']}")) == [task]


@pytest.mark.parametrize("task", ["17", "%00", "..%2F", str(UUID(int=17, version=4))])
@pytest.mark.parametrize(
    ("method", "below"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("DELETE", "/hard"), ("POST", "/restore")]
)
def test_an_invalid_id_is_not_found(api, task, method, below):
    body = {"title": "T"} if method == "PATCH" else None
    check_problem(api.request(method, f"/task/{task}{below}", json=body), 404)


def test_any_string_can_be_a_title_and_is_found_by_its_beginning(api, make, tag):
    for title in ("a\x00b", "100% (sure)\n.*", "Ünïcödé 🐝", "'; drop table"):
        task = make(title=title, tags=[tag])
        beginning = title.split("\x00")[0].lower()
        assert rows(api.get("/task", params={"tag": tag, "title": beginning})) == [task]
        assert task["title"] == title


@pytest.mark.parametrize("path", ["/app", "/app/", "/app/index.html"])
def test_the_page_is_served_with_all_its_files(api, path):
    answer = api.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    named = set(re.findall(r'(?:href|src)="([^"]+)"', answer.text))
    assert {name.rpartition("/")[2] for name in named} == {"app.css", "app.js", "icon.svg"}
    assert {httpx.get(api.base_url.copy_with(path=name)).status_code for name in named} == {200}

"""Bodies that are not a task: too long, of another media type, malformed, or made to do harm."""

from __future__ import annotations

import httpx
import pytest

from tests.bad_input.answers import TASKS, check_problem

JSON = {"Content-Type": "application/json"}
DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="not an object"),
        pytest.param(b'{"title": ', id="cut off"),
        pytest.param(b'{"title": "a"} x', id="trailing text"),
        pytest.param('{"title": "a"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"title": "\xff\xfe"}', id="not UTF-8"),
        pytest.param(b'{"title": "\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"title": ' + DEEP + b"}", id="deep"),
        pytest.param(b'{"title": "a", "unknown": ' + DEEP + b"}", id="deep in an unknown field"),
        pytest.param(b'{"title": "a", "priority": ' + b"9" * 5000 + b"}", id="huge number"),
        pytest.param(b'{"title": "a", "priority": 1e400}', id="infinite number"),
        pytest.param(b'{"title": "a", "priority": NaN}', id="not a number"),
        pytest.param(b'{"title": "' + b"a" * 1_000_000 + b'"}', id="long title"),
        pytest.param(b'{"title": {"$gt": ""}}', id="operator as a value"),
        pytest.param(b'{"title": "a", "$where": "sleep(9999)"}', id="operator as a field"),
        pytest.param(b'{"title": "a", "__proto__": {}}', id="prototype"),
        pytest.param(b'{"title": "a", "id": {"$ne": null}}', id="operator as an id"),
    ],
)
def test_an_invalid_body_is_a_400(client: httpx.Client, body: bytes) -> None:
    before = client.get(TASKS).json()["body"]["page"]["total"]
    check_problem(client.post(TASKS, content=body, headers=JSON), 400)
    assert client.get(TASKS).json()["body"]["page"]["total"] == before


def test_a_missing_body_is_reported_as_missing(client: httpx.Client) -> None:
    problem = check_problem(client.post(TASKS, headers=JSON), 400)
    assert problem["extra"] == [{"message": "missing", "key": "data", "source": "body"}]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/msgpack",
        "nonsense",
    ],
)
def test_a_body_without_a_json_media_type_is_a_415(client: httpx.Client, kind: str) -> None:
    check_problem(client.post(TASKS, content=b'{"title": "a"}', headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"])
def test_several_json_media_types_are_accepted(client: httpx.Client, kind: str) -> None:
    assert client.post(TASKS, content=b'{"title": "a"}', headers={"Content-Type": kind}).status_code == 201


def test_a_body_that_is_too_long_is_a_413(client: httpx.Client) -> None:
    check_problem(client.post(TASKS, content=b'{"title": "' + b"a" * 11_000_000 + b'"}', headers=JSON), 413)


def test_a_string_is_returned_as_it_was_sent(client: httpx.Client) -> None:
    title = "a\0b \u202e ' \" $where {} \U0001f4a9 </script>"
    (row,) = client.post(TASKS, json={"title": title}).json()["body"]["items"]
    (read,) = client.get(f"{TASKS}/{row['id']}").json()["body"]["items"]
    assert (row["title"], read["title"]) == (title, title)


@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("value", [{"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, ["a"], None, 1, True])
def test_an_operator_in_place_of_a_credential_does_not_sign_in(client: httpx.Client, field: str, value: object) -> None:
    client.post("/acme__auth/register", json={"email": "ann@example.org", "password": "correct horse"})
    login = {"email": "ann@example.org", "password": "correct horse", field: value}
    check_problem(client.post("/acme__auth/login", json=login), 400)

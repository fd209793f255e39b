"""Registration, login, logout and roles, on a real server with a real database."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

PASSWORD = "correct horse"
JSON = {"content-type": "application/json"}


def bearer(signed_in: dict[str, str]) -> dict[str, str]:
    """Return the header of a signed-in user."""
    return {"Authorization": f"Bearer {signed_in['token']}"}


def check_problem(answer: httpx.Response, status: int) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text


def test_the_response_to_a_registration_contains_no_secret(api, email):
    answer = api.post("/acme__auth/register", json={"email": email.upper(), "password": PASSWORD, "name": "Ada"})
    assert answer.status_code == 201
    assert (answer.json()["type"], answer.json()["action"]) == ("user", "dataCreate")
    (user,) = answer.json()["body"]["items"]
    for name in ("createdAt", "updatedAt", "id", "owner"):
        assert user.pop(name)
    assert user == {
        "email": email,
        "name": "Ada",
        "roles": [],
        "tags": [],
        "version": 1,
        "isDeleted": False,
        "lastEditor": None,
        "_displayName": "Ada",
        "_completion": email,
        "_tags": [],
    }


def test_an_email_is_registered_once_despite_concurrent_requests(url, email, address):
    def register(_number: int) -> int:
        with httpx.Client(base_url=url, timeout=60, headers={"X-Forwarded-For": address}) as client:
            return client.post("/acme__auth/register", json={"email": email, "password": PASSWORD}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(register, range(8))) == {201: 1, 409: 7}


def test_routes_of_other_plugins_know_the_current_user(api, member, email):
    signed_in = member()
    me = api.get("/acme__auth/me", headers=bearer(signed_in)).json()["body"]["items"][0]
    api.cookies.clear()
    assert me["email"] == email
    assert api.get("/acme__gate/who", headers=bearer(signed_in)).json() == [me["id"], email]


def test_a_request_without_a_token_has_no_user(api):
    check_problem(api.get("/acme__gate/who"), 401)
    assert api.get("/acme__gate/who").headers["www-authenticate"] == "Bearer"
    assert api.get("/acme__gate/perhaps").text == "nobody"


def test_a_wrong_password_and_an_unknown_email_get_the_same_response(api, member, email):
    member()
    wrong = api.post("/acme__auth/login", json={"email": email, "password": "incorrect horse"})
    unknown = api.post("/acme__auth/login", json={"email": f"no-{email}", "password": PASSWORD})
    check_problem(wrong, 401)
    check_problem(unknown, 401)
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert wrong.headers["www-authenticate"] == unknown.headers["www-authenticate"] == "Bearer"


def test_a_logout_ends_the_session_everywhere(api, member):
    signed_in, other = member(), member()
    api.cookies.clear()
    assert api.post("/acme__auth/logout", headers=bearer(signed_in)).status_code == 204
    check_problem(api.get("/acme__gate/who", headers=bearer(signed_in)), 401)
    check_problem(api.post("/acme__auth/logout", headers=bearer(signed_in)), 401)
    assert api.get("/acme__gate/who", headers=bearer(other)).status_code == 200, "another session of the same user"


def test_an_admin_changes_roles_with_immediate_effect(api, member):
    user, admin = member(), member("root@example.org")
    api.cookies.clear()
    check_problem(api.get("/acme__gate/secret", headers=bearer(user)), 403)
    identifier = api.get("/acme__gate/who", headers=bearer(user)).json()[0]
    path = f"/acme__auth/user/{identifier}/roles"
    check_problem(api.patch(path, json={"roles": ["admin"]}, headers=bearer(user)), 403)
    given = api.patch(path, json={"roles": ["admin", "clerk", "admin"]}, headers=bearer(admin))
    assert given.json()["body"]["items"][0]["roles"] == ["admin", "clerk"]
    assert given.json()["body"]["prevVersion"]["roles"] == []
    assert api.get("/acme__gate/secret", headers=bearer(user)).text == "secret"
    api.patch(path, json={"roles": []}, headers=bearer(admin))
    check_problem(api.get("/acme__gate/secret", headers=bearer(user)), 403)


def test_roles_of_an_unknown_user_are_not_found(api, member):
    admin = member("root@example.org")
    check_problem(api.patch(f"/acme__auth/user/{uuid4()}/roles", json={"roles": []}, headers=bearer(admin)), 404)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"email": {"$ne": null}, "password": {"$ne": null}}',
        '{"email": {"$gt": ""}, "password": "correct horse"}',
        '{"email": "root@example.org", "password": {"$regex": ".*"}}',
        '{"email": ["root@example.org"], "password": "correct horse"}',
        '{"email": "root", "password": "correct horse"}',
        '{"email": "a@b", "password": "correct horse", "admin": true}',
        '{"email": "a@b", "password": "\\ud800"}',
        '{"email": "a@b", "password": "' + "x" * 257 + '"}',
    ],
)
@pytest.mark.parametrize("path", ["login", "register"])
def test_an_invalid_body_is_a_problem(api, path, body):
    check_problem(api.post(f"/acme__auth/{path}", content=body, headers=JSON), 400)


@pytest.mark.parametrize("body", ['{"email": "a@b", "password": "short"}', '{"email": "a@b@c", "password": "long enough"}'])
def test_an_invalid_registration_is_a_problem(api, body):
    check_problem(api.post("/acme__auth/register", content=body, headers=JSON), 400)


@pytest.mark.parametrize("roles", ["admin", ["Admin"], [""], [{"$ne": 1}], ["r"] * 21])
def test_invalid_roles_are_a_problem(api, member, roles):
    admin = member("root@example.org")
    identifier = api.get("/acme__gate/who", headers=bearer(admin)).json()[0]
    check_problem(api.patch(f"/acme__auth/user/{identifier}/roles", json={"roles": roles}, headers=bearer(admin)), 400)

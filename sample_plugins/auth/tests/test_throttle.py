"""Limits on attempts: three per account and ten per address, within a minute."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

PASSWORD = "correct horse"


def try_password(api: httpx.Client, email: str, password: str = "incorrect horse") -> httpx.Response:
    return api.post("/acme__auth/login", json={"email": email, "password": password})


def test_an_account_is_blocked_after_several_wrong_passwords(api, member, email):
    member()
    assert [try_password(api, email).status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = try_password(api, email, PASSWORD)
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_an_unknown_account_is_blocked_too(api, email):
    assert [try_password(api, email).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_the_right_password_resets_the_count(api, member, email):
    member()
    for _ in range(2):
        assert [try_password(api, email).status_code for _ in range(2)] == [401, 401]
        assert try_password(api, email, PASSWORD).status_code == 200


def test_concurrent_attempts_do_not_exceed_the_limit(url, email, address):
    def once(_number: int) -> int:
        with httpx.Client(base_url=url, timeout=60, headers={"X-Forwarded-For": address}) as client:
            return try_password(client, email).status_code

    with ThreadPoolExecutor(9) as pool:
        assert Counter(pool.map(once, range(9))) == {401: 3, 429: 6}


def test_an_address_is_blocked_whichever_accounts_it_tries(api, email):
    assert [try_password(api, f"{number}-{email}").status_code for number in range(11)] == [401] * 10 + [429]


def test_another_address_is_not_blocked(api, email, url):
    for number in range(11):
        try_password(api, f"{number}-{email}")
    headers = {"X-Forwarded-For": "203.0.113.7, 10.9.9.9"}
    assert httpx.post(f"{url}/acme__auth/login", json={"email": email, "password": PASSWORD}, headers=headers).status_code == 401


def test_addresses_of_one_ipv6_network_are_counted_together(url, email):
    def once(number: int) -> int:
        headers = {"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}
        body = {"email": f"{number}-{email}", "password": PASSWORD}
        return httpx.post(f"{url}/acme__auth/login", json=body, headers=headers).status_code

    assert [once(number) for number in range(11)] == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.{}", "::ffff:203.0.113.{}"),
        ("198.51.100.{}:4711", "198.51.100.{}:4712"),
        ("[2001:db8:2:{}::1]:4711", "2001:db8:2:{}::2"),
    ],
)
def test_an_address_is_recognized_in_every_notation_of_proxies(url, email, one, other):
    def once(number: int, address: str) -> int:
        body = {"email": f"{number}-{email}", "password": PASSWORD}
        return httpx.post(f"{url}/acme__auth/login", json=body, headers={"X-Forwarded-For": address}).status_code

    for number in range(10):
        once(number, one.format(20))
    assert [once(11, other.format(20)), once(12, other.format(21))] == [429, 401]


def test_registrations_from_an_address_are_limited_too(api, email):
    def register(number: int) -> int:
        return api.post("/acme__auth/register", json={"email": f"{number}-{email}", "password": PASSWORD}).status_code

    assert [register(number) for number in range(11)] == [201] * 10 + [429]

"""Several processes with one database: they share the secret, the sessions and the counts of attempts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, serving: Any) -> Iterator[tuple[str, str]]:
    """Two servers without a secret in their options."""
    directory = tmp_path_factory.mktemp("both")
    with serving(directory, environment="production") as first, serving(directory, environment="production") as second:
        yield first, second


def sign_in(url: str, email: str, password: str = PASSWORD, path: str = "login") -> httpx.Response:
    return httpx.post(f"{url}/acme__auth/{path}", json={"email": email, "password": password}, timeout=60)


def who(url: str, token: str) -> int:
    return httpx.get(f"{url}/acme__gate/who", headers={"Authorization": f"Bearer {token}"}).status_code


def test_concurrently_issued_first_tokens_are_valid_in_both_processes(both, email):
    sign_in(both[0], email, path="register")
    with ThreadPoolExecutor(2) as pool:
        tokens = [answer.json()["token"] for answer in pool.map(lambda url: sign_in(url, email), both)]
    assert [who(url, token) for url in both for token in tokens] == [200] * 4


def test_a_logout_takes_effect_in_the_other_process(both, email):
    sign_in(both[0], email, path="register")
    token = sign_in(both[0], email).json()["token"]
    assert httpx.post(f"{both[1]}/acme__auth/logout", headers={"Authorization": f"Bearer {token}"}).status_code == 204
    assert [who(url, token) for url in both] == [401, 401]


def test_wrong_passwords_are_counted_together(both, email):
    sign_in(both[0], email, path="register")
    tried = [sign_in(both[number % 2], email, "incorrect").status_code for number in range(5)]
    assert tried == [401, 401, 401, 429, 429]


def test_outside_development_cookies_are_sent_over_tls_only(both, email):
    sign_in(both[0], email, path="register")
    lines = sign_in(both[0], email).headers.get_list("set-cookie")
    assert ["Secure" in line.split("; ") for line in lines] == [True, True]

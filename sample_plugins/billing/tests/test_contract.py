"""The contract on a real database, called by another plugin."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest


def call(api: httpx.Client, method: str, account: str, **query: int) -> httpx.Response:
    return api.post(f"/acme__probe/{method}", params={"account": account, **query})


def test_reserving_and_releasing_are_counted(api, account):
    call(api, "reserve", account, amount=4)
    assert call(api, "reserve", account).json() == {"account": account, "plan": "free", "used": 5, "limit": 10}
    assert call(api, "release", account, amount=2).json()["used"] == 3
    assert api.get("/acme__billing/quota", params={"account": account}).json()["used"] == 3


def test_a_reservation_beyond_the_quota_reserves_nothing(api, account):
    call(api, "reserve", account, amount=8)
    refused = call(api, "reserve", account, amount=3)
    assert (refused.status_code, refused.json()["used"], refused.json()["limit"]) == (402, 8, 10)
    assert call(api, "reserve", account, amount=2).status_code == 201


def test_the_used_units_never_fall_below_zero(api, account):
    call(api, "reserve", account)
    assert call(api, "release", account, amount=5).json()["used"] == 0


def test_releasing_from_an_unknown_account_changes_nothing(api, account):
    assert call(api, "release", account).json() == {"account": account, "plan": "free", "used": 0, "limit": 10}


@pytest.mark.parametrize("method", ["reserve", "release"])
def test_an_amount_below_one_is_a_value_error(api, account, method):
    assert call(api, method, account, amount=0).status_code == 500
    assert api.get("/acme__billing/quota", params={"account": account}).json()["used"] == 0


def test_concurrent_first_reservations_do_not_exceed_the_quota(url, account):
    """None of them finds the account, so all try to create it."""
    with httpx.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: call(client, "reserve", account).status_code, range(20)))
        assert Counter(answers) == {201: 10, 402: 10}
        assert client.get("/acme__billing/quota", params={"account": account}).json()["used"] == 10

"""The routes, on a real server."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

#: An id that nothing has.
NOBODY = UUID(int=17, version=4)


def take(api: httpx.Client, account: str, plan: str) -> httpx.Response:
    return api.patch("/acme__billing/quota/plan", json={"account": account, "plan": plan})


def invoices(api: httpx.Client, account: str, **query: Any) -> list[dict[str, Any]]:
    answer = api.get("/acme__billing/invoice", params={"account": account, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["body"]["items"]


def test_a_new_account_is_free_and_unused(api, account):
    answer = api.get("/acme__billing/quota", params={"account": account})
    assert answer.json() == {"account": account, "plan": "free", "used": 0, "limit": 10}


def test_another_plan_has_another_limit(api, account):
    assert take(api, account, "pro").json()["limit"] == 20
    assert take(api, account, "enterprise").json()["limit"] is None


def test_a_plan_with_too_low_a_limit_is_refused(api, account):
    take(api, account, "pro")
    api.post("/acme__probe/reserve", params={"account": account, "amount": 11})
    refused = take(api, account, "free")
    assert refused.status_code == 409
    assert refused.json()["detail"] == f"the account '{account}' uses 11 units, but the plan free allows 10"
    assert api.get("/acme__billing/quota", params={"account": account}).json()["plan"] == "pro"


def test_a_plan_is_invoiced(api, account):
    take(api, account, "pro")
    today = datetime.now(UTC).date()
    (invoice,) = invoices(api, account)
    assert invoice["total"] == "9.90"
    assert date.fromisoformat(invoice["issued"]) in (today, today - timedelta(days=1))
    due = (date.fromisoformat(invoice["issued"]) + timedelta(days=30)).isoformat()
    assert invoice["status"] == {"state": "open", "due": due}
    assert (invoice["_displayName"], invoice["_completion"]) == (invoice["number"], f"9.90, due on {due}")


def test_a_plan_is_invoiced_once_despite_concurrent_changes(url, account):
    with httpx.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(lambda _: take(client, account, "pro"), range(16))} == {200}
        assert len(invoices(client, account)) == 1


def test_the_free_plan_costs_nothing(api, account):
    take(api, account, "free")
    assert invoices(api, account) == []


def test_invoices_are_listed_by_year(api, account):
    take(api, account, "pro")
    (invoice,) = invoices(api, account)
    year = date.fromisoformat(invoice["issued"]).year
    assert invoices(api, account, year=year) == [invoice]
    assert invoices(api, account, year=year - 1) == []


def test_an_invoice_is_paid_once(url, account):
    with httpx.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(8) as pool:
        take(client, account, "pro")
        path = f"/acme__billing/invoice/{invoices(client, account)[0]['id']}"
        answers = list(pool.map(lambda _: client.post(f"{path}/pay"), range(8)))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
        (paid,) = client.get(path).json()["body"]["items"]
        assert paid["status"]["state"] == "paid"
        assert datetime.fromisoformat(paid["status"]["paidAt"]).tzinfo is not None
        accepted = next(answer for answer in answers if answer.status_code == 200)
        assert accepted.json() == {"type": "invoice", "action": "dataUpdate", "body": {"items": [paid]}}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/acme__billing/invoice/{NOBODY}", 404),
        ("POST", f"/acme__billing/invoice/{NOBODY}/pay", 404),
        ("GET", "/acme__billing/invoice/17", 404),
        ("GET", "/acme__billing/invoice?year=last", 400),
        ("GET", "/acme__billing/invoice?year=99999", 400),
        ("GET", "/acme__billing/invoice?account=%00", 400),
        ("GET", "/acme__billing/quota?account=", 400),
    ],
)
def test_an_invalid_body_is_a_problem(api, method, path, status):
    answer = api.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "{}", '{"plan": "gold"}', '{"plan": "pro", "account": "a b"}', '{"plan": "pro", "color": "red"}'],
)
def test_an_invalid_plan_is_a_problem(api, body):
    answer = api.patch("/acme__billing/quota/plan", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")

"""The examples of ``docs/contracts.md`` do what the page says."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.distributions import Project
from tests.inprocess import running

GUIDE = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8")
MODULES = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", GUIDE, re.DOTALL))
OUTPUTS = dict(re.findall(r"```console\n\$ (.*?)\n(.*?)```", GUIDE, re.DOTALL))


@pytest.fixture
def guide(project: Project) -> Project:
    """Return a project with the plugins of the guide."""
    for module, source in MODULES.items():
        version = "1.2.0" if module == "acme_bank" else "1.0.0"
        project.install(module.replace("_", "-"), {f"{module}.py": source}, version=version)
    return project


def test_the_cheapest_offer_is_paid(guide: Project) -> None:
    async def buy() -> list[Any]:
        async with running(guide) as (_, client):
            return [(await client.get("/acme__shop/buy/book")).json() for _ in range(2)]

    assert asyncio.run(buy()) == [{"seller": "acme__thrift", "paid": 5}, {"seller": "acme__thrift", "paid": 10}]


def test_the_load_order_is_the_one_on_the_page(guide: Project) -> None:
    assert guide.host("graph").stdout == OUTPUTS["host graph"]


def test_the_error_is_the_one_on_the_page(guide: Project) -> None:
    narrower = MODULES["acme_bank"].replace(
        "async def pay(self, account: str, amount: int = 1) -> int:\n ",
        "async def pay(self, account: str) -> int:\n        amount = 1\n ",
    )
    guide.install("acme-bank", {"acme_bank.py": narrower}, version="1.2.0")
    done = guide.host("plugins", "check")
    printed = f"{done.stdout}{done.stderr}".splitlines()
    assert done.code == 3
    assert [line for line in OUTPUTS["host plugins check"].splitlines() if line not in printed] == []

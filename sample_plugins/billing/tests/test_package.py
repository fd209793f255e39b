"""The package as others see it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import acme_billing
import pytest
from acme_billing import Plan, Quota, QuotaExceeded
from acme_billing.options import BillingOptions
from pydantic import ValidationError

PACKAGE = Path(acme_billing.__file__).parent


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module of the package with each module that it imports."""
    for module in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((module.name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield module.name, node.module or "."


def test_it_imports_the_public_api_only():
    public = {"acme_billing", "hookspecs", "litestar", "beanie", "pydantic", "pymongo", "msgspec"} | sys.stdlib_module_names
    assert [(module, name) for module, name in imports() if name.split(".")[0] not in public] == []


def test_importing_the_contract_imports_nothing_heavy():
    script = "import sys, acme_billing; print(*{'beanie', 'litestar', 'pydantic', 'pymongo'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


def test_a_refusal_says_what_exceeds_the_quota():
    quota = Quota(account="ada", plan=Plan.FREE, used=9, limit=10)
    refusal = QuotaExceeded(quota, 2)
    assert refusal.quota is quota
    assert str(refusal) == "the account 'ada' uses 9 of 10 units (plan free); 2 more exceed the quota"


def test_plans_have_the_limits_and_prices_of_the_options():
    options = BillingOptions.model_validate({"limits": {"free": 3}, "prices": {"pro": 7.5}})
    assert [options.limits.of(plan) for plan in Plan] == [3, 100_000, None]
    assert [str(options.prices.of(plan)) for plan in Plan] == ["0.00", "7.50", "250.00"]


@pytest.mark.parametrize(
    "given",
    [{"limits": {"free": -1}}, {"limits": {"gold": 1}}, {"prices": {"pro": "1.005"}}, {"payment_days": 366}],
    ids=str,
)
def test_invalid_options_are_refused(given):
    with pytest.raises(ValidationError):
        BillingOptions.model_validate(given)

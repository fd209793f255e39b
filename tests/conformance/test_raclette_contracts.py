"""Contracts between plugins, and extension points (rows R23, R24)."""

from __future__ import annotations

import asyncio
import importlib
import json
from typing import Any

import pytest

from host import Host
from host.common.errors import ConflictError, ContractError
from host.lifecycle.boot import Boot
from tests.conformance.kit import error, errors, in_host, journal, live, response_texts
from tests.distributions import Project

BANK = """
    from typing import Protocol
    class Bank(Protocol):
        async def pay(self, amount: int) -> int: ...
    class Ledger:
        paid = 0
        async def pay(self, amount):
            self.paid += amount
            return self.paid
    LEDGER = Ledger()
    @hookimpl
    def register_contract(scope): return Contract(Bank, LEDGER, version=scope.version)
"""

SHOP = """
    from acme_bank import Bank
    from litestar import get
    from litestar.params import FromPath
    @hookimpl
    def register_contract(scope): return Uses(Bank, "bank"{more})
    @get("/pay/{{amount:int}}")
    async def pay(bank: Bank, amount: FromPath[int]) -> int: return await bank.pay(amount)
    @hookimpl
    def register_routes(scope): return pay
"""


def shop(more: str = "") -> str:
    return SHOP.format(more=more)


def test_R23_plugins_call_the_provider_of_a_contract_in_process(project: Project) -> None:
    project.install("acme-bank", BANK)
    project.install("acme-shop", shop())
    project.install("acme-stall", shop())
    assert response_texts(project, "/acme__shop/pay/3", "/acme__stall/pay/4") == ["3", "7"]


def test_R23_use_returns_the_object_of_the_provider(project: Project) -> None:
    project.install("acme-bank", BANK)
    project.install("acme-shop", shop())

    async def same(host: Host) -> bool:
        bank = importlib.import_module("acme_bank")
        return host.plugins["acme__shop"].scope.use(bank.Bank) is bank.LEDGER

    assert in_host(project, same)


def test_R23_the_error_for_an_unknown_contract_lists_those_that_are_provided(project: Project) -> None:
    project.install("acme-bank", BANK, version="1.4")
    project.install("acme-other", BANK.replace("Contract(Bank, LEDGER, version=scope.version)", "None"))
    project.install("acme-shop", shop().replace("from acme_bank", "from acme_other"))
    failure = error(project)
    assert isinstance(failure, ContractError)
    assert failure.plugin == "acme__shop"
    assert failure.message.endswith("no enabled plugin provides it; provided: Bank 1.4 of acme__bank")


def test_R23_a_contract_with_a_version_outside_the_range_is_an_error(project: Project) -> None:
    project.install("acme-bank", BANK, version="1.4")
    project.install("acme-shop", shop(", version='>=2'"))
    assert error(project).message == "acme__shop requires Bank >=2, but acme__bank provides 1.4"


def test_R23_a_provider_is_loaded_before_its_consumer_without_a_requirement(project: Project) -> None:
    project.install("acme-atm", shop().replace("acme_bank", "acme_zbank"))
    project.install("acme-zbank", BANK)
    graph: dict[str, Any] = json.loads(project.host("graph", "--json").stdout)
    assert graph["order"] == ["acme__zbank", "acme__atm"]
    assert graph["plugins"][1]["needs"] == [{"plugin": "acme__zbank", "why": "contract Bank"}]


def test_R23_two_providers_are_an_error_that_names_both(project: Project) -> None:
    project.install("acme-bank", BANK)
    vault = "from acme_bank import LEDGER, Bank\n@hookimpl\ndef register_contract(scope): return Contract(Bank, LEDGER, '2')"
    project.install("acme-vault", vault)
    failure = error(project)
    assert isinstance(failure, ConflictError)
    assert failure.owners == ("acme__bank", "acme__vault")


def test_R23_an_implementation_that_does_not_match_is_an_error_before_it_is_called(project: Project) -> None:
    """In raclette the call fails."""
    project.install("acme-bank", BANK.replace("def pay(self, amount):", "def pay(self, amount, currency):"))
    project.install("acme-shop", shop())
    failure = errors(project)[0]
    assert isinstance(failure, ContractError)
    assert failure.plugin == "acme__bank"
    for part in ("used by acme__shop", "Bank.pay takes (amount)", "Ledger.pay also needs currency"):
        assert part in failure.message


def test_R23_a_contract_may_be_optional(project: Project) -> None:
    """raclette has no optional contract; there a plugin tests whether the id exists."""
    project.install("acme-port", BANK, plugins={})
    source = shop(", optional=True").replace("acme_bank", "acme_port").replace("bank: Bank,", "bank: Bank | None,")
    project.install("acme-shop", source.replace("await bank.pay(amount)", "amount if bank is None else 0"))
    assert response_texts(project, "/acme__shop/pay/3") == ["3"]


PLACE = """
    from typing import Protocol
    from beanie import Document
    from litestar import get
    class Report(Protocol):
        def title(self) -> str: ...
    class Bank(Protocol): ...
    class Item(Document): ...
    @get("/item", sync_to_thread=False)
    def item() -> str: return "item"
    @hookimpl
    def register_contract(scope): return [ExtensionPoint(Report, "1.2"), Contract(Bank, object(), "3")]
    @hookimpl
    def register_models(scope): return Item
    @hookimpl
    def register_payload(scope): return PayloadHandler(Item, str, str)
    @hookimpl
    def register_rules(scope): return Rules(model=Item, read=anyone, create=anyone, update=anyone)
    @hookimpl
    def register_channels(scope): return Channel("itemCreated", dict)
    @hookimpl
    def register_routes(scope): return item
    @hookimpl
    def generate_frontend(scope): return Frontend(custom={"a": 1})
"""

ADDS = """
    from acme_place import Report
    class Pdf:
        def title(self): return "{name}"
    @hookimpl
    def register_contract(scope): return Extension(Report, Pdf())
"""


@pytest.mark.parametrize("kind", ["contracts", "points", "payloads", "rules", "channels", "frontend"])
def test_R24_registered_values_are_recorded_with_their_owner(project: Project, kind: str) -> None:
    project.install("acme-place", PLACE)
    boot = Boot(project.settings)
    asyncio.run(boot.register())
    (contributions,) = boot.contributions
    values = getattr(contributions, kind)
    assert [value.owner for value in (values if isinstance(values, tuple) else (values,))] == ["acme__place"]


def test_R24_routes_can_be_listed(project: Project) -> None:
    project.install("acme-place", PLACE)
    routes = json.loads(project.host("routes", "--json").stdout)["routes"]
    own = [(route["method"], route["path"]) for route in routes if route["plugin"] == "acme__place"]
    assert own == [("GET", "/acme__place/item")]


def test_R24_graph_lists_contracts_extension_points_and_extensions(project: Project) -> None:
    project.install("acme-place", PLACE)
    project.install("acme-adds", ADDS.format(name="adds"))
    plugins = {plugin["key"]: plugin for plugin in json.loads(project.host("graph", "--json").stdout)["plugins"]}
    assert (plugins["acme__place"]["opens"], plugins["acme__place"]["provides"]) == (["Report 1.2"], ["Bank 3"])
    assert plugins["acme__adds"]["needs"] == [{"plugin": "acme__place", "why": "extension of Report"}]


def test_R24_a_plugin_may_open_an_extension_point(project: Project) -> None:
    """raclette has a fixed set of extension points; here any plugin may open one."""
    entries = journal(project)
    project.install(
        "acme-place",
        """
        from typing import Protocol
        from journal import note
        class Report(Protocol):
            def title(self) -> str: ...
        @hookimpl
        def register_contract(scope): return ExtensionPoint(Report)
        @hookimpl
        def on_ready(scope):
            for owner, report in scope.extensions(Report).owned(): note(f"{owner} adds {report.title()}")
        """,
    )
    for name in ("b", "a"):
        project.install(f"acme-{name}", ADDS.format(name=name))
    live(project)
    assert entries == ["acme__a adds a", "acme__b adds b"]

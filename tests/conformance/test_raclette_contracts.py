"""Contracts between plugins, and the other places where a plugin takes part (rows R23, R24)."""

from __future__ import annotations

import asyncio
import importlib
import json
from typing import Any

import pytest

from host import Host
from host.common.errors import ConflictError, ContractError
from host.lifecycle.boot import Boot
from tests.conformance.kit import error, errors, in_host, journal, live, texts
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


def test_R23_plugins_call_each_other_in_the_process(project: Project) -> None:
    project.install("acme-bank", BANK)
    project.install("acme-shop", shop())
    project.install("acme-stall", shop())
    assert texts(project, "/acme__shop/pay/3", "/acme__stall/pay/4") == ["3", "7"]


def test_R23_what_one_gets_is_the_object_and_its_shape_is_its_authors(project: Project) -> None:
    project.install("acme-bank", BANK)
    project.install("acme-shop", shop())

    async def same(host: Host) -> bool:
        bank = importlib.import_module("acme_bank")
        return host.plugins["acme__shop"].scope.use(bank.Bank) is bank.LEDGER

    assert in_host(project, same)


def test_R23_an_unknown_contract_is_told_with_those_that_are_known(project: Project) -> None:
    project.install("acme-bank", BANK, version="1.4")
    project.install("acme-other", BANK.replace("Contract(Bank, LEDGER, version=scope.version)", "None"))
    project.install("acme-shop", shop().replace("from acme_bank", "from acme_other"))
    found = error(project)
    assert isinstance(found, ContractError)
    assert found.plugin == "acme__shop"
    assert found.message.endswith("no enabled plugin provides it; provided: Bank 1.4 of acme__bank")


def test_R23_a_contract_has_the_version_of_its_distribution(project: Project) -> None:
    project.install("acme-bank", BANK, version="1.4")
    project.install("acme-shop", shop(", version='>=2'"))
    assert error(project).message == "acme__shop wants Bank >=2, and acme__bank provides 1.4"


def test_R23_the_provider_is_an_edge_of_the_load_order_without_any_requirement(project: Project) -> None:
    project.install("acme-atm", shop().replace("acme_bank", "acme_zbank"))
    project.install("acme-zbank", BANK)
    found: dict[str, Any] = json.loads(project.host("graph", "--json").stdout)
    assert found["order"] == ["acme__zbank", "acme__atm"]
    assert found["plugins"][1]["needs"] == [{"plugin": "acme__zbank", "why": "contract Bank"}]


def test_R23_two_providers_are_an_error_that_names_both(project: Project) -> None:
    project.install("acme-bank", BANK)
    vault = "from acme_bank import LEDGER, Bank\n@hookimpl\ndef register_contract(scope): return Contract(Bank, LEDGER, '2')"
    project.install("acme-vault", vault)
    found = error(project)
    assert isinstance(found, ConflictError)
    assert found.owners == ("acme__bank", "acme__vault")


def test_R23_an_implementation_that_does_not_fit_is_found_before_it_is_called(project: Project) -> None:
    """raclette finds it out when somebody calls."""
    project.install("acme-bank", BANK.replace("def pay(self, amount):", "def pay(self, amount, currency):"))
    project.install("acme-shop", shop())
    found = errors(project)[0]
    assert isinstance(found, ContractError)
    assert found.plugin == "acme__bank"
    for text in ("used by acme__shop", "Bank.pay takes (amount)", "Ledger.pay also needs currency"):
        assert text in found.message


def test_R23_one_can_do_without(project: Project) -> None:
    """raclette has no optional contract; there one looks whether the id is known."""
    project.install("acme-port", BANK, plugins={})
    source = shop(", optional=True").replace("acme_bank", "acme_port").replace("bank: Bank,", "bank: Bank | None,")
    project.install("acme-shop", source.replace("await bank.pay(amount)", "amount if bank is None else 0"))
    assert texts(project, "/acme__shop/pay/3") == ["3"]


PLACE = """
    from typing import Protocol
    from beanie import Document
    from litestar import get
    class Report(Protocol):
        def title(self) -> str: ...
    class Bank(Protocol): ...
    class Item(Document): ...
    @get("/thing", sync_to_thread=False)
    def thing() -> str: return "thing"
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
    def register_routes(scope): return thing
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
def test_R24_all_that_a_plugin_registers_is_recorded_with_its_owner(project: Project, kind: str) -> None:
    project.install("acme-place", PLACE)
    boot = Boot(project.settings)
    asyncio.run(boot.register())
    (one,) = boot.contributions
    found = getattr(one, kind)
    assert [value.owner for value in (found if isinstance(found, tuple) else (found,))] == ["acme__place"]


def test_R24_routes_can_be_listed(project: Project) -> None:
    project.install("acme-place", PLACE)
    found = json.loads(project.host("routes", "--json").stdout)["routes"]
    own = [(one["method"], one["path"]) for one in found if one["plugin"] == "acme__place"]
    assert own == [("GET", "/acme__place/thing")]


def test_R24_contracts_and_extension_points_can_be_listed_with_those_who_take_part(project: Project) -> None:
    project.install("acme-place", PLACE)
    project.install("acme-adds", ADDS.format(name="adds"))
    found = {one["key"]: one for one in json.loads(project.host("graph", "--json").stdout)["plugins"]}
    assert (found["acme__place"]["opens"], found["acme__place"]["provides"]) == (["Report 1.2"], ["Bank 3"])
    assert found["acme__adds"]["needs"] == [{"plugin": "acme__place", "why": "extension of Report"}]


def test_R24_a_plugin_may_open_a_place_of_its_own(project: Project) -> None:
    """raclette has a fixed set of such places; here any plugin may open one."""
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
            for owner, one in scope.extensions(Report).owned(): note(f"{owner} adds {one.title()}")
        """,
    )
    for name in ("b", "a"):
        project.install(f"acme-{name}", ADDS.format(name=name))
    live(project)
    assert entries == ["acme__a adds a", "acme__b adds b"]

"""Contracts that nobody provides, and services that cannot be made."""

from __future__ import annotations

import pytest

from host.errors import ContractError, DependencyFailedError, HookCallError, HookTimeoutError, ServiceError, TooEarlyError
from tests.distributions import Project
from tests.errors.driving import check_blame, live

PORT = """
    from typing import Protocol
    class Stock(Protocol):
        def left(self) -> int: ...
    class Mail(Protocol): ...
"""

PROVIDES = """
    from shop_port import Mail, Stock
    class Shelf:
        def left(self): return 3
    @hookimpl
    def register_contract(scope): return Contract(Stock, Shelf(), "{version}")
"""

USES = """
    from shop_port import Mail, Stock
    @hookimpl
    def register_contract(scope): return Uses(Stock, "stock"{more})
    @hookimpl
    def on_startup(scope): print("stock is", scope.use(Stock) and scope.use(Stock).left())
"""


@pytest.fixture
def shop(project: Project) -> Project:
    """With the protocols."""
    project.install("shop-port", PORT, plugins={})
    return project


def test_a_contract_that_nobody_provides(shop: Project) -> None:
    shop.install("shop-cart", USES.format(more=""))
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__cart", hook="register_contract")
    assert "Stock, and no enabled plugin provides it; provided: none" in error.message


def test_the_contracts_that_there_are_get_named(shop: Project) -> None:
    shop.install("shop-stock", PROVIDES.format(version="1.4"))
    shop.install("shop-cart", USES.format(more="").replace("Uses(Stock", "Uses(Mail"))
    error = live(shop).errors[0]
    assert isinstance(error, ContractError)
    assert "provided: shop__stock.stock@1" in error.message


@pytest.mark.parametrize("wanted", [">=2", "<1", "==1.0", "!=1.4"])
def test_a_contract_in_another_version(shop: Project, wanted: str) -> None:
    shop.install("shop-stock", PROVIDES.format(version="1.4"))
    shop.install("shop-cart", USES.format(more=f", version='{wanted}'"))
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__cart", hook="register_contract")
    assert f"shop__cart wants Stock {wanted}, and shop__stock provides 1.4" in error.message


@pytest.mark.parametrize("wanted", ["", ">=1", ">=1,<2", "~=1.3"])
def test_a_contract_that_fits(shop: Project, capsys: pytest.CaptureFixture[str], wanted: str) -> None:
    shop.install("shop-stock", PROVIDES.format(version="1.4"))
    shop.install("shop-cart", USES.format(more=f", version='{wanted}'"))
    assert live(shop).errors == ()
    assert "stock is 3" in capsys.readouterr().out


@pytest.mark.parametrize("installed", [True, False])
def test_an_optional_contract_may_be_absent_or_not_fit(shop: Project, capsys: pytest.CaptureFixture[str], installed: bool) -> None:
    if installed:
        shop.install("shop-stock", PROVIDES.format(version="1.4"))
    shop.install("shop-cart", USES.format(more=", version='>=2', optional=True"))
    assert live(shop).errors == ()
    assert "stock is None" in capsys.readouterr().out


def test_a_provider_starts_before_its_user(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    start = "\n    @hookimpl\n    def on_ready(scope): print('ready', scope.key)\n"
    shop.install("shop-a", USES.format(more="") + start)
    shop.install("shop-z", PROVIDES.format(version="1") + start)
    life = live(shop)
    assert life.boot.order == ["shop__z", "shop__a"]
    assert [line for line in capsys.readouterr().out.splitlines() if "ready" in line] == ["ready shop__z", "ready shop__a"]


def test_whoever_uses_a_contract_goes_with_its_provider(shop: Project) -> None:
    shop.install("shop-a", PROVIDES.format(version="1") + "\n    @hookimpl\n    def on_startup(scope): 1 / 0\n")
    shop.install("shop-b", USES.format(more=""))
    first, second = live(shop).errors
    assert isinstance(first, HookCallError)
    assert isinstance(second, DependencyFailedError)
    assert second.chain == ("shop__b", "shop__a")


@pytest.mark.parametrize("provider", ["shop-a", "shop-z"])
def test_whoever_uses_a_contract_goes_with_a_provider_that_lacks_one(shop: Project, provider: str) -> None:
    both = PROVIDES.format(version="1").replace("return Contract", "return Uses(Mail, 'mail'), Contract")
    shop.install(provider, both)
    shop.install("shop-m", USES.format(more=""))
    key = provider.replace("-", "__")
    found = {type(error): error for error in live(shop).errors}
    assert found.keys() == {ContractError, DependencyFailedError}
    assert found[ContractError].plugin == key  # type: ignore[attr-defined]
    assert found[DependencyFailedError].chain == ("shop__m", key)  # type: ignore[attr-defined]


def test_a_contract_that_was_not_declared(shop: Project) -> None:
    shop.install("shop-stock", PROVIDES.format(version="1"))
    shop.install("shop-cart", "from shop_port import Stock\n@hookimpl\ndef on_startup(scope): scope.use(Stock)")
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__cart", hook="on_startup")
    assert error.fix == "return Uses(Stock, …) from register_contract"


def test_a_contract_asked_for_too_early(shop: Project) -> None:
    shop.install("shop-cart", "from shop_port import Stock\n@hookimpl\ndef register_routes(scope): scope.use(Stock)")
    error = live(shop).only
    assert isinstance(error, TooEarlyError)
    check_blame(error, "shop__cart", hook="register_routes", fix=False)
    assert "generate_frontend" in error.message


def test_a_service_asked_for_too_early(shop: Project) -> None:
    shop.install(
        "shop-cart",
        """
        @hookimpl
        def register_services(scope): return {"stock": Service(list)}
        @hookimpl
        def app_built(scope): scope.services["stock"]
        """,
    )
    error = live(shop).only
    assert isinstance(error, TooEarlyError)
    check_blame(error, "shop__cart", hook="app_built", fix=False)
    assert "on_startup" in error.message


def test_a_service_of_another_plugin_says_whose_it_is(shop: Project) -> None:
    shop.install("shop-stock", "@hookimpl\ndef register_services(scope): return {'stock': 1}")
    shop.install("shop-cart", "@hookimpl\ndef on_startup(scope): scope.services['stock']")
    error = live(shop).only
    assert isinstance(error, ServiceError)
    check_blame(error, "shop__cart", hook="on_startup")
    assert "shop__stock has one" in error.message
    assert "register_contract" in error.fix


def test_a_service_that_is_not_there_says_which_are(shop: Project) -> None:
    source = """
        @hookimpl
        def register_services(scope): return {"stock": 1}
        @hookimpl
        def on_startup(scope): scope.services["stok"]
    """
    shop.install("shop-cart", source)
    error = live(shop).only
    assert isinstance(error, ServiceError)
    assert error.fix == "did you mean 'stock'?"


@pytest.mark.parametrize("factory", ["def make(scope): raise OSError('no disk')", "async def make(): raise OSError('no disk')"])
def test_a_factory_that_raises_is_blamed(shop: Project, factory: str) -> None:
    shop.install("shop-cart", f"{factory}\n@hookimpl\ndef register_services(scope): return {{'stock': Service(make)}}")
    error = live(shop).only
    assert isinstance(error, ServiceError)
    check_blame(error, "shop__cart", hook="register_services", cause="OSError: no disk")
    assert "the factory of the service 'stock' raised OSError" in error.message


def test_a_factory_that_takes_too_long_is_blamed(shop: Project) -> None:
    shop.configure("[plugins]\ntimeout = 0.05\n")
    source = "import asyncio\nasync def make(): await asyncio.sleep(60)\n"
    shop.install("shop-cart", source + "@hookimpl\ndef register_services(scope): return {'stock': Service(make)}")
    error = live(shop).only
    assert isinstance(error, HookTimeoutError)
    check_blame(error, "shop__cart", hook="register_services")
    assert "the factory of the service 'stock'" in error.message


@pytest.mark.parametrize("close", ["def close(it): raise OSError('no disk')", "async def close(it): raise OSError('no disk')"])
def test_a_service_that_cannot_be_closed_is_blamed(shop: Project, close: str) -> None:
    shop.install("shop-cart", f"{close}\n@hookimpl\ndef register_services(scope): return {{'stock': Service(list, close)}}")
    life = live(shop)
    assert life.served
    assert isinstance(life.only, ServiceError)
    check_blame(life.only, "shop__cart", hook="register_services", cause="OSError: no disk")


def test_services_are_closed_also_when_the_start_fails(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    source = """
        def close(it): print("closed", it)
        @hookimpl
        def register_services(scope): return {"stock": Service(lambda: 7, close)}
        @hookimpl
        def on_startup(scope): 1 / 0
    """
    shop.install("shop-cart", source)
    assert not live(shop).served
    assert "closed 7" in capsys.readouterr().out


def test_all_that_goes_wrong_at_the_stop_is_reported(shop: Project) -> None:
    source = """
        @hookimpl
        async def on_shutdown(scope): raise ValueError(scope.key)
    """
    for name in ("shop-a", "shop-b", "shop-c"):
        shop.install(name, source)
    life = live(shop)
    assert [getattr(error, "plugin", "") for error in life.errors] == ["shop__c", "shop__b", "shop__a"]


def test_whoever_uses_a_contract_goes_with_a_provider_that_loses_a_conflict(shop: Project) -> None:
    channels = "\n    @hookimpl\n    def register_channels(scope): return [Channel('x', int), Channel('x', int)]\n"
    shop.install("shop-stock", PROVIDES.format(version="1") + channels)
    shop.install("shop-cart", USES.format(more=""))
    first, second = live(shop).errors
    assert first.code == "conflict"
    assert isinstance(second, DependencyFailedError)
    assert second.chain == ("shop__cart", "shop__stock")


def test_the_user_of_a_contract_with_two_providers_keeps_the_first(shop: Project) -> None:
    shop.configure("[plugins]\non_failure = 'isolate'\n")
    shop.install("shop-stock", PROVIDES.format(version="1"))
    shop.install("shop-store", PROVIDES.format(version="1"))
    shop.install("shop-cart", USES.format(more=""))
    life = live(shop)
    assert life.boot.order == ["shop__stock", "shop__cart"]
    assert life.served

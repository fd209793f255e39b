"""Contracts that nobody provides, and services that cannot be made."""

from __future__ import annotations

import pytest

from host.common.errors import (
    ContractError,
    DependencyCycleError,
    DependencyFailedError,
    HookCallError,
    HookTimeoutError,
    ServiceError,
    TooEarlyError,
)
from tests.conformance.kit import response_texts
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


def test_a_contract_without_a_provider(shop: Project) -> None:
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
    assert error.message.endswith("provided: Stock 1.4 of shop__stock")


def test_another_class_of_the_same_name_is_told(shop: Project) -> None:
    copied = "from typing import Protocol\nclass Stock(Protocol):\n    def left(self) -> int: ...\n"
    shop.install("shop-copy", copied, plugins={})
    shop.install("shop-stock", PROVIDES.format(version="1.4"))
    shop.install("shop-cart", USES.format(more="").replace("from shop_port import Mail, Stock", "from shop_copy import Stock"))
    error = live(shop).only
    assert error.fix == "import shop_port.Stock, which is another class than shop_copy.Stock"


WRONG = """
    from shop_port import Mail, Stock
    class Shelf:
        def left(self, item): return 3
    @hookimpl
    def register_contract(scope): return Contract(Stock, Shelf(), "1.4")
"""


def test_a_provider_that_does_not_fit_names_those_who_use_it_and_the_difference(shop: Project) -> None:
    shop.install("shop-stock", WRONG)
    shop.install("shop-cart", USES.format(more=""))
    shop.install("shop-atm", USES.format(more=", optional=True"))
    errors = live(shop).of("shop__stock")
    assert [type(error) for error in errors] == [ContractError]
    check_blame(errors[0], "shop__stock", hook="register_contract")
    assert errors[0].message == (
        "shop__stock provides Stock 1.4, used by shop__atm and shop__cart, and Shelf does not match it: "
        "Stock.left takes (); Shelf.left also needs item"
    )
    assert errors[0].fix == "write in Shelf: def left(self)"


def test_a_user_of_a_contract_fails_with_a_provider_that_does_not_match_it(shop: Project) -> None:
    shop.configure("[plugins]\non_failure = 'isolate'\n")
    shop.install("shop-stock", WRONG)
    shop.install("shop-cart", USES.format(more=""))
    shop.install("shop-atm")
    life = live(shop)
    (gone,) = life.of("shop__cart")
    assert isinstance(gone, DependencyFailedError)
    assert gone.chain == ("shop__cart", "shop__stock")
    assert life.boot.order == ["shop__atm"]


@pytest.mark.parametrize("wrong", [WRONG, PROVIDES.format(version="1") + "\n    @hookimpl\n    def on_startup(scope): 1 / 0\n"])
def test_an_optional_user_of_a_contract_is_served_without_it(shop: Project, capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    shop.configure("[plugins]\non_failure = 'isolate'\n")
    shop.install("shop-stock", wrong)
    shop.install("shop-cart", USES.format(more=", optional=True"))
    assert live(shop).boot.order == ["shop__cart"]
    assert "stock is None" in capsys.readouterr().out


def test_an_unused_provider_is_checked_too(shop: Project) -> None:
    shop.install("shop-stock", WRONG.replace("Shelf(),", "Shelf,"))
    error = live(shop).only
    assert isinstance(error, ContractError)
    assert (
        "used by no plugin, and Shelf does not match it: Shelf.left is a method of instances, and Shelf is the class"
        in error.message
    )
    assert error.fix == "give Shelf(…)"


def test_nothing_of_a_provider_is_called_when_it_is_checked(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    careful = """
        from shop_port import Stock
        class Shelf:
            def __getattribute__(self, name):
                print("asked for", name)
                return object.__getattribute__(self, name)
            @property
            def left(self): raise OSError("not open yet")
        @hookimpl
        def register_contract(scope): return Contract(Stock, Shelf(), "1")
    """
    shop.install("shop-stock", careful)
    assert live(shop).errors == ()
    assert "asked for left" not in capsys.readouterr().out


@pytest.mark.parametrize(("provided", "wanted"), [("2.0rc1", ">=1,<2"), ("1.0rc1", ">=1"), ("1.0.dev1", ">=1.0a1")])
def test_a_prerelease_that_does_not_fit(shop: Project, provided: str, wanted: str) -> None:
    shop.install("shop-stock", PROVIDES.format(version=provided))
    shop.install("shop-cart", USES.format(more=f", version='{wanted}'"))
    assert f"requires Stock {wanted}, but shop__stock provides {provided}" in live(shop).only.message


@pytest.mark.parametrize(
    ("provided", "wanted"), [("2.0rc1", ">=1"), ("1.5b1", "~=1.4"), ("1.4.post1", ">=1.4"), ("1.4+own", "==1.4")]
)
def test_a_prerelease_that_fits(shop: Project, capsys: pytest.CaptureFixture[str], provided: str, wanted: str) -> None:
    shop.install("shop-stock", PROVIDES.format(version=provided))
    shop.install("shop-cart", USES.format(more=f", version='{wanted}'"))
    assert live(shop).errors == ()
    assert "stock is 3" in capsys.readouterr().out


@pytest.mark.parametrize("wanted", [">=2", "<1", "==1.0", "!=1.4"])
def test_a_contract_in_another_version(shop: Project, wanted: str) -> None:
    shop.install("shop-stock", PROVIDES.format(version="1.4"))
    shop.install("shop-cart", USES.format(more=f", version='{wanted}'"))
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__cart", hook="register_contract")
    assert f"shop__cart requires Stock {wanted}, but shop__stock provides 1.4" in error.message


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


def test_plugins_that_use_each_other_are_a_ring(shop: Project) -> None:
    shop.install("shop-a", PROVIDES.format(version="1").replace("return Contract", "return Uses(Mail, 'mail'), Contract"))
    mail = PROVIDES.format(version="1").replace("Contract(Stock, Shelf()", "Uses(Stock, 'stock'), Contract(Mail, Shelf()")
    shop.install("shop-b", mail)
    error = live(shop).only
    assert isinstance(error, DependencyCycleError)
    assert error.message == "plugins depend on each other in a cycle: shop__a -> shop__b -> shop__a"


def test_a_contract_orders_plugins_that_do_not_require_each_other(shop: Project) -> None:
    shop.install("shop-a", USES.format(more=""))
    shop.install("shop-b", PROVIDES.format(version="1").replace("return Contract", "return Uses(Mail, 'mail'), Contract"))
    shop.install("shop-c", PROVIDES.format(version="1").replace("Contract(Stock", "Contract(Mail"))
    assert live(shop).boot.order == ["shop__c", "shop__b", "shop__a"]


def test_the_user_gets_the_object_itself(shop: Project) -> None:
    handler = """
    from litestar import get
    @get("/", sync_to_thread=False)
    def same(stock: Stock, plugin_scope: Scope) -> bool:
        import shop_stock
        return stock is plugin_scope.use(Stock) is shop_stock.SHELF
    @hookimpl
    def register_routes(scope): return same
    """
    shop.install(
        "shop-stock",
        PROVIDES.format(version="1").replace("Contract(Stock, Shelf()", "Contract(Stock, SHELF") + "\n    SHELF = Shelf()\n",
    )
    for name, more in (("shop-cart", ""), ("shop-atm", ", optional=True")):
        shop.install(name, USES.format(more=more) + handler)
    assert response_texts(shop, "/shop__cart", "/shop__atm") == ["true", "true"]


def test_a_handler_gets_none_for_an_optional_provider_that_failed_at_its_start(shop: Project) -> None:
    shop.configure("[plugins]\non_failure = 'isolate'\n")
    handler = """
    from litestar import get
    @get("/", sync_to_thread=False)
    def there(stock: Stock | None, plugin_scope: Scope) -> list[bool]: return [stock is None, plugin_scope.use(Stock) is None]
    @hookimpl
    def register_routes(scope): return there
    """
    shop.install("shop-stock", PROVIDES.format(version="1") + "\n    @hookimpl\n    def on_startup(scope): 1 / 0\n")
    shop.install("shop-cart", USES.format(more=", optional=True") + handler)
    assert response_texts(shop, "/shop__cart") == ["[true,true]"]


def test_a_provider_starts_before_its_user(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    start = "\n    @hookimpl\n    def on_ready(scope): print('ready', scope.key)\n"
    shop.install("shop-a", USES.format(more="") + start)
    shop.install("shop-z", PROVIDES.format(version="1") + start)
    life = live(shop)
    assert life.boot.order == ["shop__z", "shop__a"]
    assert [line for line in capsys.readouterr().out.splitlines() if "ready" in line] == ["ready shop__z", "ready shop__a"]


def test_a_user_of_a_contract_fails_with_its_provider(shop: Project) -> None:
    shop.install("shop-a", PROVIDES.format(version="1") + "\n    @hookimpl\n    def on_startup(scope): 1 / 0\n")
    shop.install("shop-b", USES.format(more=""))
    first, second = live(shop).errors
    assert isinstance(first, HookCallError)
    assert isinstance(second, DependencyFailedError)
    assert second.chain == ("shop__b", "shop__a")


@pytest.mark.parametrize("provider", ["shop-a", "shop-z"])
def test_a_user_of_a_contract_fails_with_a_provider_that_lacks_a_contract(shop: Project, provider: str) -> None:
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


def test_a_user_of_a_contract_fails_with_a_provider_that_loses_a_conflict(shop: Project) -> None:
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

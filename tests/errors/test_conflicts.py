"""Conflicts between two owners are detected before serving, and both owners are named."""

from __future__ import annotations

import pytest

from host.common.errors import ConflictError
from host.common.rendering import error_block
from tests.distributions import Project
from tests.errors.driving import live

PORT = """
    from typing import Protocol
    from beanie import Document
    class Stock(Protocol): ...
    class Item(Document):
        title: str = ""
"""

ROUTE = """
    from litestar import Controller, Router, asgi, get, post, websocket
    @{decorator}
    async def handler({arguments}) -> None: ...
    @hookimpl
    def register_routes(scope): return [handler]
"""

SAME_PREFIX = "[plugins.shop__a]\nprefix = '/shop'\n[plugins.shop__b]\nprefix = '/shop'\n"


def conflict(project: Project) -> ConflictError:
    error = live(project).only
    assert isinstance(error, ConflictError)
    return error


def check_both(error: ConflictError, thing: str) -> None:
    assert error.owners == ("shop__a", "shop__b")
    assert error.plugin == "shop__b"
    assert thing in error.message
    assert "shop__a (shop-a 1.0.0)" in error.message
    assert "shop__b (shop-b 2.0.0)" in error.message
    assert "owners        shop__a and shop__b" in error_block(error)
    assert error.fix


@pytest.fixture
def shared(project: Project) -> Project:
    """With a distribution that both plugins import."""
    project.install("shop-port", PORT, plugins={})
    return project


def install_both(project: Project, source: str, other: str | None = None) -> None:
    project.install("shop-a", source)
    project.install("shop-b", source if other is None else other, version="2.0.0")


def route(decorator: str, arguments: str = "") -> str:
    return ROUTE.format(decorator=decorator, arguments=arguments)


def test_one_model_in_two_plugins(shared: Project) -> None:
    install_both(shared, "from shop_port import Item\n@hookimpl\ndef register_models(scope): return Item")
    check_both(conflict(shared), "the model shop_port.Item")


def test_one_contract_from_two_providers(shared: Project) -> None:
    install_both(
        shared, "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return Contract(Stock, object(), '1')"
    )
    error = conflict(shared)
    check_both(error, "two providers of the contract Stock")
    assert error.hook == "register_contract"


def test_one_extension_point_in_two_plugins(shared: Project) -> None:
    install_both(shared, "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return ExtensionPoint(Stock)")
    error = conflict(shared)
    check_both(error, "two extension points Stock")
    assert error.hook == "register_contract"


def test_two_extensions_are_no_conflict(shared: Project) -> None:
    shared.install("shop-c", "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return ExtensionPoint(Stock)")
    install_both(
        shared, "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return [Extension(Stock, object())] * 2"
    )
    assert live(shared).errors == ()


def test_one_contract_used_twice_by_a_plugin(shared: Project) -> None:
    source = "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return "
    shared.install("shop-a", source + "Uses(Stock, 'a', version='>=2', optional=True), Uses(Stock, 'b', optional=True)")
    error = conflict(shared)
    assert error.message == "two uses of the contract Stock, both in shop__a (shop-a 1.0.0)"


def test_one_contract_used_by_two_plugins_is_no_conflict(shared: Project) -> None:
    install_both(
        shared, "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return Uses(Stock, 'a', optional=True)"
    )
    assert live(shared).errors == ()


def test_two_sets_of_rules_for_one_model(shared: Project) -> None:
    hooks = """
        from shop_port import Item

        @hookimpl
        def register_models(scope): return Item
        @hookimpl
        def register_rules(scope): return [Rules(model=Item, read=anyone, create=anyone, update=anyone)] * 2
    """
    shared.install("shop-a", hooks)
    error = conflict(shared)
    assert "two sets of rules for Item" in error.message
    assert error.hook == "register_rules"


def test_rules_for_what_another_plugin_registers_are_refused(shared: Project) -> None:
    """They would be gone with the plugin that gives them, and the documents open."""
    shared.install("shop-a", "from shop_port import Item\n@hookimpl\ndef register_models(scope): return Item")
    shared.install(
        "shop-b",
        "from shop_port import Item\n@hookimpl\ndef register_rules(scope): return Rules(model=Item, read=nobody)",
        version="2.0.0",
    )
    error = conflict(shared)
    check_both(error, "returns rules for Item")
    assert (error.plugin, error.hook) == ("shop__b", "register_rules")


def test_one_payload_handler_in_two_plugins(shared: Project) -> None:
    install_both(
        shared,
        "from shop_port import Item\n@hookimpl\ndef register_payload(scope): return PayloadHandler(Item, str, str)",
    )
    check_both(conflict(shared), "two payload handlers for Item")


@pytest.mark.parametrize(
    ("first", "second"), [("/shop", "/shop"), ("/shop", "/shop/b"), ("/shop/a/b", "/shop/a"), ("shop/", "//shop")]
)
def test_prefixes_that_overlap(project: Project, first: str, second: str) -> None:
    project.configure(f"[plugins.shop__a]\nprefix = '{first}'\n[plugins.shop__b]\nprefix = '{second}'\n")
    install_both(project, "")
    check_both(conflict(project), "overlap")


@pytest.mark.parametrize(("first", "second"), [("/shop", "/shopping"), ("/shop/a", "/shop/b"), ("/a/shop", "/shop")])
def test_prefixes_that_do_not_overlap(project: Project, first: str, second: str) -> None:
    project.configure(f"[plugins.shop__a]\nprefix = '{first}'\n[plugins.shop__b]\nprefix = '{second}'\n")
    install_both(project, route("get('/thing')"))
    assert live(project).errors == ()


def test_the_same_paths_and_names_under_prefixes_of_their_own(project: Project) -> None:
    channel = "\n    @hookimpl\n    def register_channels(scope): return Channel('made', int)\n"
    model = "\n    from beanie import Document\n    class Item(Document): pass\n"
    install_both(project, route("get('/thing')") + channel + model)
    assert live(project).errors == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("get('/thing')", "get('/thing')"),
        ("get('/thing/')", "get('thing')"),
        ("get('/{a:int}')", "get('/{b:int}')"),
        ("get('/{a:int}/x')", "get('/{b:str}/x')"),
        ("get(['/one', '/thing'])", "get('/thing')"),
        ("websocket('/live')", "websocket('/live')"),
    ],
)
def test_two_handlers_of_one_plugin_on_one_path(project: Project, first: str, second: str) -> None:
    argument = {"{a": "a: int", "{b": "b: str"}
    arguments = [next((value for sign, value in argument.items() if sign in decorator), "") for decorator in (first, second)]
    if "websocket" in first:
        arguments = ["socket: WebSocket", "socket: WebSocket"]
    project.install(
        "shop-a",
        f"""
        from litestar import WebSocket, get, websocket
        @{first}
        async def left({arguments[0]}) -> None: ...
        @{second}
        async def right({arguments[1]}) -> None: ...
        @hookimpl
        def register_routes(scope): return [left, right]
        """,
    )
    error = conflict(project)
    assert error.owners == ("shop__a", "shop__a")
    assert "(left) and" in error.message
    assert "(right)" in error.message
    assert "both in shop__a (shop-a 1.0.0)" in error.message


def test_two_handlers_in_a_controller_and_a_router(project: Project) -> None:
    project.install(
        "shop-a",
        """
        from litestar import Controller, Router, get
        class Things(Controller):
            path = "/thing"
            @get("/{number:int}")
            async def single(self, number: int) -> None: ...
        @get("/{other:int}")
        async def two(other: int) -> None: ...
        @hookimpl
        def register_routes(scope): return [Things, Router("/thing", route_handlers=[two])]
        """,
    )
    error = conflict(project)
    assert "Things.single" in error.message
    assert "(two)" in error.message


def test_a_path_with_two_methods_is_none(project: Project) -> None:
    project.install(
        "shop-a",
        """
        from litestar import get, post
        @get("/thing")
        async def left() -> None: ...
        @post("/thing")
        async def right() -> None: ...
        @hookimpl
        def register_routes(scope): return [left, right]
        """,
    )
    assert live(project).errors == ()


def test_one_channel_twice_in_a_plugin(project: Project) -> None:
    project.install("shop-a", "@hookimpl\ndef register_channels(scope): return [Channel('made', int), Channel('made', str)]")
    error = conflict(project)
    assert "two channels are called made" in error.message
    assert error.hook == "register_channels"


def test_two_models_of_one_name_in_a_plugin(project: Project) -> None:
    project.install(
        "shop-a",
        """
        from beanie import Document
        def make():
            class Item(Document): pass
            return Item
        @hookimpl
        def register_models(scope): return [make(), make()]
        """,
    )
    assert "the collection shop__a-item" in conflict(project).message


def test_a_service_and_a_contract_of_one_name(shared: Project) -> None:
    shared.install(
        "shop-a",
        """
        from shop_port import Stock
        @hookimpl
        def register_services(scope): return {"stock": 1}
        @hookimpl
        def register_contract(scope): return Uses(Stock, "stock", optional=True)
        """,
    )
    error = conflict(shared)
    assert "injected into handlers as 'stock'" in error.message


def test_two_routes_with_one_operation_name(project: Project) -> None:
    project.install(
        "shop-a",
        """
        from litestar import get
        @get("/thing/{number:int}", opt=operation(name="fetch"))
        async def left(number: int) -> None: ...
        @get("/thing/{name:str}/more", opt=operation(name="fetch"))
        async def right(name: str) -> None: ...
        @hookimpl
        def register_routes(scope): return [left, right]
        """,
    )
    error = conflict(project)
    assert "fetch" in error.message
    for path in ("/thing/{number:int}", "/thing/{name:str}/more"):
        assert path in error.message
    assert error.distribution == "shop-a"


def test_several_conflicts_are_all_reported(shared: Project) -> None:
    source = """
        from shop_port import Item, Stock
        @hookimpl
        def register_models(scope): return Item
        @hookimpl
        def register_contract(scope): return Contract(Stock, object(), "1")
    """
    install_both(shared, source)
    assert [error.code for error in live(shared).errors] == ["conflict", "conflict"]


def test_the_loser_goes_and_the_first_stays(shared: Project) -> None:
    shared.configure("[plugins]\non_failure = 'isolate'\n")
    install_both(
        shared, "from shop_port import Item\n@hookimpl\ndef register_payload(scope): return PayloadHandler(Item, str, str)"
    )
    life = live(shared)
    assert life.boot.order == ["shop__a"]
    assert life.served


def test_the_loser_of_a_prefix_does_not_hide_the_first(project: Project) -> None:
    project.configure("plugins.on_failure = 'isolate'\n" + SAME_PREFIX)
    install_both(project, route("get('/thing')"))
    life = live(project)
    assert life.boot.order == ["shop__a"]
    assert life.served

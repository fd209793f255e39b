"""A scope's services, guards and dependencies are visible in the scopes inside it, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from host.common.errors import BootError, ConflictError, ContractError, FrozenError, ServiceError, TooEarlyError
from tests.distributions import Project
from tests.inprocess import running

#: Three levels, the middle one with a sibling; each answers at /see with the names it sees.
FAMILY = """
    from litestar import get

    class Base:
        services = {}
        children = ()
        @hookimpl
        def register_services(self, scope): return self.services
        @hookimpl
        def register_plugins(self, scope): return self.children
        @hookimpl
        def register_routes(self, scope):
            @get("/see", sync_to_thread=False)
            def see(plugin_scope: Scope) -> dict[str, str]:
                return dict(plugin_scope.services)
            return see

    class Leaf(Base):
        services = {"leaf": "leaf", "shade": "leaf"}

    class Middle(Base):
        services = {"middle": "middle"}
        children = [Child(Leaf, "leaf", "/leaf")]

    class Sibling(Base):
        services = {"sibling": "sibling"}

    class Root(Base):
        services = {"root": "root", "shade": "root"}
        children = [Child(Middle, "middle", "/middle"), Child(Sibling, "sibling", "/sibling")]

    plugin = Root()
"""


def answers(project: Project, *paths: str) -> list[Any]:
    """Return a started host's responses to some GET requests."""

    async def ask() -> list[Any]:
        async with running(project) as (_, client):
            return [(await client.get(path)).json() for path in paths]

    return asyncio.run(ask())


def boot_error(project: Project) -> Any:
    """Return the error of a start that fails."""

    async def start() -> None:
        async with running(project):
            pass

    with pytest.raises(BootError) as caught:
        asyncio.run(start())
    return caught.value.errors[0]


def test_services_are_inherited_downwards_only(project: Project) -> None:
    project.install("acme-tree", FAMILY, target="acme_tree:plugin")
    root, middle, leaf, sibling = answers(
        project, *(f"/acme__tree{path}/see" for path in ("", "/middle", "/middle/leaf", "/sibling"))
    )
    assert root == {"root": "root", "shade": "root"}
    assert middle == {"middle": "middle", "root": "root", "shade": "root"}
    assert leaf == {"leaf": "leaf", "shade": "leaf", "middle": "middle", "root": "root"}
    assert sibling == {"sibling": "sibling", "root": "root", "shade": "root"}


def test_handlers_get_the_services_that_their_scope_sees(project: Project) -> None:
    project.install(
        "acme-tree",
        FAMILY
        + """
    def handler(path, names):
        def see(**seen): return seen
        return see

    class Asking(Leaf):
        @hookimpl
        def register_routes(self, scope):
            @get("/ask", sync_to_thread=False)
            def ask(root: str, middle: str, shade: str, plugin_scope: Scope) -> list[str]:
                return [root, middle, shade, plugin_scope.key]
            return ask

    Middle.children = [Child(Asking, "leaf", "/leaf")]
    """,
        target="acme_tree:plugin",
    )
    assert answers(project, "/acme__tree/middle/leaf/ask") == [["root", "middle", "leaf", "acme__tree.middle.leaf"]]


SHARING = """
    from litestar import get
    from litestar.exceptions import NotAuthorizedException

    def see():
        @get("/see", sync_to_thread=False)
        def see(plugin_scope: Scope) -> list[str]:
            return sorted(plugin_scope.services)
        return see

    def refuse(connection, handler):
        raise NotAuthorizedException("nobody")

    class Database:
        @hookimpl
        def register_services(self, scope): return {"database": 1}
        @hookimpl
        def register_layer(self, scope): return Layer(guards=[refuse])

    class Reports:
        @hookimpl
        def register_routes(self, scope): return see()

    class Inner:
        @hookimpl
        def register_plugins(self, scope): return [Child(Database, "database", shared=True), Child(Reports, "reports", "/reports")]
        @hookimpl
        def register_routes(self, scope): return see()

    @hookimpl
    def register_plugins(scope): return [Child(Reports, "beside", "/beside"), Child(Inner, "inner", "/inner")]
    @hookimpl
    def register_routes(scope): return see()
"""


def test_the_services_of_a_shared_child_are_visible_one_level_up_and_no_further(project: Project) -> None:
    project.install("acme-shop", SHARING.replace("raise NotAuthorizedException", "print"))
    paths = [f"/acme__shop{path}/see" for path in ("", "/beside", "/inner", "/inner/reports")]
    assert answers(project, *paths) == [[], [], ["database"], ["database"]]


def test_the_guard_of_a_shared_child_applies_one_level_up_and_no_further(project: Project) -> None:
    project.install("acme-shop", SHARING)

    async def statuses() -> list[int]:
        async with running(project) as (_, client):
            paths = ("", "/beside", "/inner", "/inner/reports")
            return [(await client.get(f"/acme__shop{path}/see")).status_code for path in paths]

    assert asyncio.run(statuses()) == [200, 200, 401, 401]


def test_the_services_of_a_shared_childs_shared_child_are_not_visible_two_levels_up(project: Project) -> None:
    project.install(
        "acme-shop",
        SHARING.replace('Child(Inner, "inner", "/inner")', 'Child(Inner, "inner", shared=True)')
        .replace("return see()", "return None")
        .replace(
            "class Inner:",
            """class Inner:
        @hookimpl
        def register_services(self, scope): return {"inner": 2}""",
        ),
    )

    async def names() -> dict[str, list[str]]:
        async with running(project) as (host, _):
            return {key: sorted(plugin.scope.services) for key, plugin in host.plugins.items()}

    seen = asyncio.run(names())
    assert seen["acme__shop"] == ["inner"]
    assert seen["acme__shop.beside"] == ["inner"]
    assert seen["acme__shop.inner.reports"] == ["database", "inner"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('def register_services(self, scope): return {"db": 1}', 'def register_services(self, scope): return {"db": 2}'),
        (
            'def register_services(self, scope): return {"db": 1}',
            'def register_layer(self, scope): return Layer(dependencies={"db": int})',
        ),
        ("def register_layer(self, scope): return Layer(exception_handlers={404: print})",) * 2,
        ('def register_layer(self, scope): return Layer(opt={"role": 1})',) * 2,
    ],
)
def test_a_scope_and_its_shared_children_define_a_name_once(project: Project, first: str, second: str) -> None:
    source = """
    class One:
        @hookimpl
        FIRST
    class Two:
        @hookimpl
        SECOND
    @hookimpl
    def register_plugins(scope): return [Child(One, "one", shared=True), Child(Two, "two", shared=TWO)]
    """.replace("FIRST", first).replace("SECOND", second)
    project.install("acme-shop", source.replace("TWO", "False"))
    project.install("acme-twice", source.replace("TWO", "True"))
    project.configure('[plugins]\non_failure = "isolate"\n')

    async def errors() -> dict[str, list[Any]]:
        async with running(project) as (host, _):
            return {key: host.boot.failures[key] for key in host.boot.failures}

    failures = asyncio.run(errors())
    (error,) = failures.pop("acme__twice.two")
    assert isinstance(error, ConflictError)
    assert error.owners == ("acme__twice.one", "acme__twice.two")
    assert failures.keys() == {"acme__twice", "acme__twice.one"}  # they fail with the plugin that is shared with them


@pytest.mark.parametrize(
    ("asking", "fix"),
    [
        ("acme__shop.beside", "register it in acme__shop, whose children see it"),
        ("acme__other", "share it through a contract"),
    ],
)
def test_the_error_for_a_missing_service_names_the_plugin_that_has_it(project: Project, asking: str, fix: str) -> None:
    project.install("acme-other", "")
    project.install("acme-shop", SHARING)

    async def ask() -> ServiceError:
        async with running(project) as (host, _):
            with pytest.raises(ServiceError) as caught:
                host.plugins[asking].scope.services["database"]
            return caught.value

    error = asyncio.run(ask())
    has = "acme__shop.inner.database has one, in the scope of acme__shop.inner"
    assert error.message == f"{asking} has no service 'database'; {has}"
    assert error.plugin == asking
    assert fix in error.fix


@pytest.mark.parametrize("service", ["Database()", "Service(Database)", "Service(connect)", "RequestService(connect)"])
@pytest.mark.parametrize("argument", ["db: Database", "db: NamedDependency[int]"])
def test_a_handler_that_needs_a_service_outside_its_scope_is_an_error(project: Project, argument: str, service: str) -> None:
    project.install(
        "acme-shop",
        f"""
        from litestar import get
        from litestar.di import NamedDependency

        class Database: ...

        def connect() -> Database: return Database()

        class Stock:
            @hookimpl
            def register_services(self, scope): return {{"db": {service}}}

        @get("/", sync_to_thread=False)
        def ask({argument}) -> None: ...

        @hookimpl
        def register_plugins(scope): return Child(Stock, "stock")
        @hookimpl
        def register_routes(scope): return ask
        """,
    )
    error = boot_error(project)
    assert isinstance(error, ServiceError)
    assert (error.plugin, error.hook) == ("acme__shop", "register_routes")
    assert (
        error.message
        == "ask takes 'db': acme__shop has no service 'db'; acme__shop.stock has one, in the scope of acme__shop.stock"
    )
    assert "shared=True" in error.fix


def test_a_handler_that_needs_an_undeclared_contract_is_an_error(project: Project) -> None:
    project.install(
        "acme-clock",
        """
        from typing import Protocol

        class Clock(Protocol):
            def now(self) -> int: ...

        class Fixed:
            def now(self) -> int: return 5

        @hookimpl
        def register_contract(scope): return Contract(Clock, Fixed(), "1")
        """,
    )
    project.install(
        "acme-shop",
        """
        from acme_clock import Clock
        from litestar import get

        @get("/", sync_to_thread=False)
        def ask(clock: Clock) -> None: ...

        @hookimpl
        def register_routes(scope): return ask
        """,
        requires=["acme-clock"],
    )
    error = boot_error(project)
    assert isinstance(error, ContractError)
    assert error.message == "ask takes 'clock', the contract Clock, and acme__shop does not declare that it uses it"
    assert error.fix == 'return Uses(Clock, "clock") from register_contract'


def test_a_query_parameter_may_have_the_name_of_another_plugins_service(project: Project) -> None:
    project.install("acme-stock", '@hookimpl\ndef register_services(scope): return {"limit": 5}\n')
    project.install(
        "acme-shop",
        """
        from litestar import get
        from litestar.params import FromQuery

        @get("/", sync_to_thread=False)
        def ask(limit: FromQuery[int]) -> int:
            return limit

        @hookimpl
        def register_routes(scope): return ask
        """,
    )
    assert answers(project, "/acme__shop?limit=7") == [7]


REQUEST = """
    from litestar import get

    class Basket(list):
        pass

    baskets = []

    def basket(stock: int, plugin_scope: Scope):
        baskets.append(Basket([stock, plugin_scope.key]))
        return baskets[-1]

    class Inner:
        @hookimpl
        def register_routes(self, scope):
            @get("/", sync_to_thread=False)
            def ask(basket: list) -> list:
                basket.append("x")
                return [len(baskets), basket]
            return ask

    @hookimpl
    def register_services(scope): return {"stock": 3, "basket": RequestService(basket)}
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", "/inner")
"""


def test_a_request_service_is_created_for_each_request(project: Project) -> None:
    project.install("acme-shop", REQUEST)
    first, second = answers(project, "/acme__shop/inner", "/acme__shop/inner")
    assert first == [1, [3, "acme__shop.inner", "x"]]
    assert second == [2, [3, "acme__shop.inner", "x"]]


def test_a_request_service_is_not_in_the_scope(project: Project) -> None:
    project.install("acme-shop", REQUEST)

    async def ask() -> None:
        async with running(project) as (host, _):
            services = host.plugins.acme__shop.inner.scope.services
            assert "basket" not in services
            assert services.get("basket") is None
            with pytest.raises(ServiceError, match="created for each request"):
                services["basket"]

    asyncio.run(ask())


def test_services_cannot_be_set(project: Project) -> None:
    project.install("acme-shop", SHARING)

    async def ask() -> None:
        async with running(project) as (host, _):
            with pytest.raises(FrozenError) as caught:
                host.plugins["acme__shop"].scope.services["late"] = 1
            assert "register_services" in caught.value.fix

    asyncio.run(ask())


def test_a_parents_service_is_not_available_during_registration(project: Project) -> None:
    project.install(
        "acme-shop",
        """
        class Inner:
            @hookimpl
            def register_routes(self, scope): scope.services["pool"]
        @hookimpl
        def register_services(scope): return {"pool": Service(list)}
        @hookimpl
        def register_plugins(scope): return Child(Inner, "inner")
        """,
    )
    error = boot_error(project)
    assert isinstance(error, TooEarlyError | ServiceError)
    assert error.plugin == "acme__shop.inner"

"""Services by name: unique in a scope, and one instance for each request (rows F18, F19)."""

from __future__ import annotations

import pytest

from hookspecs import RequestService
from host import Host
from host.common.errors import ConflictError, FrozenError, ServiceError, TooEarlyError
from tests.conformance.kit import error, errors, get, in_host
from tests.distributions import Project
from tests.inprocess import client_of

DEFINING = """
    class One:
        @hookimpl
        def register_services(self, scope): return {"db": 1}
    class Two:
        @hookimpl
        def register_services(self, scope): return {"db": 2}
    @hookimpl
    def register_plugins(scope): return [Child(One, "one", shared=True), Child(Two, "two", shared=SHARED)]
"""


def test_F18_one_name_twice_in_a_scope_is_a_conflict(project: Project) -> None:
    project.install("acme-shop", DEFINING.replace("SHARED", "True"))
    failure = next(error for error in errors(project) if isinstance(error, ConflictError))
    assert failure.owners == ("acme__shop.one", "acme__shop.two")
    assert "'db'" in failure.message


def test_F18_a_child_may_shadow_a_service_of_its_parent(project: Project) -> None:
    project.install("acme-shop", DEFINING.replace("SHARED", "False"))

    async def values(host: Host) -> list[int]:
        return [host.plugins[key].scope.services["db"] for key in ("acme__shop", "acme__shop.two")]

    assert in_host(project, values) == [1, 2]


def test_F18_the_presence_of_a_service_can_be_tested(project: Project) -> None:
    project.install("acme-shop", DEFINING.replace("SHARED", "False"))

    async def look_up(host: Host) -> None:
        services = host.plugins["acme__shop"].scope.services
        assert "db" in services
        assert "dbs" not in services
        assert services.get("dbs", 5) == 5
        with pytest.raises(ServiceError) as caught:
            services["dbs"]
        assert caught.value.fix == "did you mean 'db'?"

    in_host(project, look_up)


def test_F18_a_service_may_be_created_from_another(project: Project) -> None:
    project.install(
        "acme-shop",
        """
        @hookimpl
        def register_services(scope):
            return {"url": "db://", "pool": Service(lambda scope: "pool of " + scope.services["url"])}
        """,
    )

    async def value(host: Host) -> str:
        return str(host.plugins["acme__shop"].scope.services["pool"])

    assert in_host(project, value) == "pool of db://"


def test_F18_reading_a_service_before_it_is_created_is_an_error(project: Project) -> None:
    project.install(
        "acme-shop",
        """
        @hookimpl
        def register_services(scope):
            return {"pool": Service(lambda scope: scope.services["url"]), "url": Service(lambda: "db://")}
        """,
    )
    failure = error(project)
    cause = failure if isinstance(failure, TooEarlyError) else failure.__cause__
    assert isinstance(cause, TooEarlyError)
    assert "'url'" in cause.message


def test_F18_services_cannot_be_added_after_the_start(project: Project) -> None:
    project.install("acme-shop", DEFINING.replace("SHARED", "False"))

    async def late(host: Host) -> None:
        with pytest.raises(FrozenError) as caught:
            host.plugins["acme__shop"].scope.services["late"] = 1
        assert "register_services" in caught.value.fix

    in_host(project, late)


BASKET = """
    from litestar import get

    class Basket:
        def __init__(self) -> None:
            self.items = []

    @get("/", sync_to_thread=False)
    def add(basket: Basket) -> int:
        basket.items.append("x")
        return len(basket.items)

    @hookimpl
    def register_services(scope): return {"basket": RequestService(FACTORY)}
    @hookimpl
    def register_routes(scope): return add
"""


def test_F19_each_request_gets_its_own_instance(project: Project) -> None:
    project.install("acme-shop", BASKET.replace("FACTORY", "Basket"))
    assert [answer.json() for answer in get(project, *["/acme__shop"] * 3)] == [1, 1, 1]


@pytest.mark.parametrize("value", [[], {}, object()], ids=["list", "dict", "object"])
def test_F19_a_value_that_requests_would_share_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="takes a factory, which is called for each request"):
        RequestService(value)  # type: ignore[arg-type]  # the error under test


def test_F19_the_refusal_names_the_plugin(project: Project) -> None:
    project.install("acme-shop", BASKET.replace("FACTORY", "Basket()"))
    failure = error(project)
    assert (failure.plugin, failure.hook) == ("acme__shop", "register_services")


def test_F19_a_generator_factory_is_closed_after_each_request(project: Project) -> None:
    project.install(
        "acme-shop",
        BASKET.replace("FACTORY", "open_basket")
        + """
    closed = []

    def open_basket():
        basket = Basket()
        yield basket
        closed.extend(basket.items)
    """,
    )

    async def closed(host: Host) -> list[str]:
        async with client_of(host) as client:
            await client.get("/acme__shop")
            await client.get("/acme__shop")
        items: list[str] = host.plugins["acme__shop"].object.closed
        return items

    assert in_host(project, closed) == ["x", "x"]

"""Services by name: each once in a scope, and each request's own."""

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


def test_F18_a_name_stands_once_in_a_scope(project: Project) -> None:
    project.install("acme-shop", DEFINING.replace("SHARED", "True"))
    found = next(one for one in errors(project) if isinstance(one, ConflictError))
    assert found.owners == ("acme__shop.one", "acme__shop.two")
    assert "'db'" in found.message


def test_F18_a_child_may_shadow_it(project: Project) -> None:
    project.install("acme-shop", DEFINING.replace("SHARED", "False"))

    async def values(host: Host) -> list[int]:
        return [host.plugins[key].scope.services["db"] for key in ("acme__shop", "acme__shop.two")]

    assert in_host(project, values) == [1, 2]


def test_F18_one_can_ask_whether_a_name_is_there(project: Project) -> None:
    project.install("acme-shop", DEFINING.replace("SHARED", "False"))

    async def asked(host: Host) -> None:
        services = host.plugins["acme__shop"].scope.services
        assert "db" in services
        assert "dbs" not in services
        assert services.get("dbs", 5) == 5
        with pytest.raises(ServiceError) as caught:
            services["dbs"]
        assert caught.value.fix == "did you mean 'db'?"

    in_host(project, asked)


def test_F18_a_service_may_be_made_from_others(project: Project) -> None:
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


def test_F18_a_service_asked_for_before_it_is_made_says_when(project: Project) -> None:
    project.install(
        "acme-shop",
        """
        @hookimpl
        def register_services(scope):
            return {"pool": Service(lambda scope: scope.services["url"]), "url": Service(lambda: "db://")}
        """,
    )
    found = error(project)
    cause = found if isinstance(found, TooEarlyError) else found.__cause__
    assert isinstance(cause, TooEarlyError)
    assert "'url'" in cause.message


def test_F18_nothing_is_put_into_a_scope_after_the_start(project: Project) -> None:
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
            self.things = []

    @get("/", sync_to_thread=False)
    def add(basket: Basket) -> int:
        basket.things.append("x")
        return len(basket.things)

    @hookimpl
    def register_services(scope): return {"basket": RequestService(FACTORY)}
    @hookimpl
    def register_routes(scope): return add
"""


def test_F19_each_request_gets_its_own(project: Project) -> None:
    project.install("acme-shop", BASKET.replace("FACTORY", "Basket"))
    assert [answer.json() for answer in get(project, *["/acme__shop"] * 3)] == [1, 1, 1]


@pytest.mark.parametrize("value", [[], {}, object()], ids=["list", "dict", "object"])
def test_F19_a_value_that_requests_would_share_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="takes a factory, which is called for each request"):
        RequestService(value)  # type: ignore[arg-type]  # that is the mistake


def test_F19_the_refusal_names_the_plugin(project: Project) -> None:
    project.install("acme-shop", BASKET.replace("FACTORY", "Basket()"))
    found = error(project)
    assert (found.plugin, found.hook) == ("acme__shop", "register_services")


def test_F19_what_a_request_opened_is_closed_after_it(project: Project) -> None:
    project.install(
        "acme-shop",
        BASKET.replace("FACTORY", "opened")
        + """
    closed = []

    def opened():
        basket = Basket()
        yield basket
        closed.extend(basket.things)
    """,
    )

    async def closed(host: Host) -> list[str]:
        async with client_of(host) as client:
            await client.get("/acme__shop")
            await client.get("/acme__shop")
        found: list[str] = host.plugins["acme__shop"].object.closed
        return found

    assert in_host(project, closed) == ["x", "x"]

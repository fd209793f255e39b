"""The scope, services and contracts in handlers."""

from __future__ import annotations

from tests.distributions import Project
from tests.host.running import client_of

CLOCK = """
    from typing import Protocol

    class Clock(Protocol):
        def now(self) -> int: ...

    class Fixed:
        def now(self) -> int:
            return 5

    @hookimpl
    def register_contract(scope):
        return Contract(Clock, Fixed(), "1.2.0")
"""


def test_the_scope_is_injected_as_plugin_scope(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get

        @get("/who", sync_to_thread=False)
        def who(plugin_scope: Scope) -> dict[str, str]:
            names = ("key", "author", "name", "version", "distribution", "prefix", "role")
            return {name: getattr(plugin_scope, name) for name in names}

        @hookimpl
        def register_routes(scope):
            return who
        """,
        version="1.4.0",
    )
    with client_of(project) as client:
        assert client.get("/shop__cart/who").json() == {
            "key": "shop__cart",
            "author": "shop",
            "name": "cart",
            "version": "1.4.0",
            "distribution": "shop-cart",
            "prefix": "/shop__cart",
            "role": "web",
        }


def test_a_contract_is_injected_by_its_protocol_in_handlers_and_in_their_dependencies(project: Project) -> None:
    project.install("shop-clock", CLOCK)
    project.install(
        "shop-cart",
        """
        from litestar import get
        from litestar.di import Provide
        from litestar.di import NamedDependency
        from shop_clock import Clock

        def doubled(clock: Clock) -> int:
            return 2 * clock.now()

        @get("/now", sync_to_thread=False, dependencies={"twice": Provide(doubled, sync_to_thread=False)})
        def now(clock: Clock, twice: NamedDependency[int]) -> list[int]:
            return [clock.now(), twice]

        @hookimpl
        def register_contract(scope):
            return Uses(Clock, "clock", version=">=1,<2")

        @hookimpl
        def register_routes(scope):
            return now
        """,
        requires=["shop-clock"],
    )
    with client_of(project) as client:
        assert client.get("/shop__cart/now").json() == [5, 10]


def test_an_absent_optional_contract_is_none(project: Project) -> None:
    project.install("shop-clock", CLOCK.partition("@hookimpl")[0])
    project.install(
        "shop-cart",
        """
        from litestar import get
        from shop_clock import Clock

        @get("/now", sync_to_thread=False)
        def now(clock: Clock | None) -> bool:
            return clock is None

        @hookimpl
        def register_contract(scope):
            return Uses(Clock, "clock", optional=True)

        @hookimpl
        def register_routes(scope):
            return now
        """,
    )
    with client_of(project) as client:
        assert client.get("/shop__cart/now").json() is True


def test_a_service_is_created_at_start_up_and_injected_by_name(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get

        async def connect(scope):
            return f"pool of {scope.key}"

        @get("/", sync_to_thread=False)
        def both(pool: str, plain: int) -> list[str | int]:
            return [pool, plain]

        @hookimpl
        def register_services(scope):
            return {"pool": Service(connect), "plain": 3}

        @hookimpl
        def register_routes(scope):
            return both
        """,
    )
    with client_of(project) as client:
        assert client.get("/shop__cart").json() == ["pool of shop__cart", 3]


def test_a_service_of_another_plugin_is_not_visible_and_the_error_names_its_plugin(project: Project) -> None:
    project.install("shop-clock", '@hookimpl\ndef register_services(scope):\n    return {"clock": 1}')
    project.install(
        "shop-cart",
        """
        from litestar import get

        @get("/", sync_to_thread=False)
        def ask(plugin_scope: Scope) -> str:
            try:
                return str(plugin_scope.services["clock"])
            except Exception as error:
                return str(error)

        @hookimpl
        def register_routes(scope):
            return ask
        """,
    )
    with client_of(project) as client:
        answer = client.get("/shop__cart").text
    assert "shop__cart has no service 'clock'" in answer
    assert "shop__clock has one" in answer


def test_middleware_wraps_only_the_routes_of_its_own_plugin(project: Project) -> None:
    routes = """
        from litestar import get

        @get("/", sync_to_thread=False)
        def root() -> str:
            return "here"

        @hookimpl
        def register_routes(scope):
            return root
    """
    middleware = """
        from litestar.middleware import ASGIMiddleware

        class Mark(ASGIMiddleware):
            async def handle(self, scope, receive, send, next_app):
                async def marked(message):
                    if message["type"] == "http.response.start":
                        message["headers"] = [*message["headers"], (b"x-mark", b"cart")]
                    await send(message)
                await next_app(scope, receive, marked)

        @hookimpl
        def register_middleware(scope):
            return Mark()
    """
    project.install("shop-cart", routes + middleware)
    project.install("shop-till", routes)
    with client_of(project) as client:
        assert client.get("/shop__cart").headers.get("x-mark") == "cart"
        assert "x-mark" not in client.get("/shop__till").headers

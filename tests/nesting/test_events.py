"""What is called around requests, and which handler an exception reaches (rows F28, F31)."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.distributions import Project
from tests.inprocess import running

EVENTS = """
    from litestar import Controller, Response, get

    LOG = []

    def note(name, answer=None):
        def called(request):
            LOG.append(name)
            return answer
        return called

    def add(name):
        def changed(response):
            response.headers["X-Order"] = response.headers.get("X-Order", "") + name
            return response
        return changed

    def read() -> list[str]:
        found = LOG[:]
        LOG.clear()
        return found

    class Own(Controller):
        path = "/controller"
        before_request = note("controller")
        @get("/", sync_to_thread=False)
        def inside(self) -> list[str]: return read()

    @get(["/handler", "/again"], before_request=note("handler"), sync_to_thread=False)
    def handler() -> list[str]: return read()

    @get("/plain", sync_to_thread=False)
    def plain() -> list[str]: return read()

    class Inner:
        @hookimpl
        def register_layer(self, scope):
            return Layer(before_request=note("inner"), after_request=add("i"))
        @hookimpl
        def register_routes(self, scope): return [Own, handler, plain]

    @hookimpl
    def register_layer(scope): return Layer(before_request=note("outer"), after_request=add("o"))
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", "/inner")
"""


def answers(project: Project, *paths: str) -> list[Any]:
    """The responses to GET requests."""

    async def ask() -> list[Any]:
        async with running(project) as (_, client):
            return [await client.get(path) for path in paths]

    return asyncio.run(ask())


def test_all_scopes_are_asked_before_what_a_handler_itself_says(project: Project) -> None:
    project.install("acme-shop", EVENTS)
    paths = [f"/acme__shop/inner/{path}" for path in ("plain", "handler", "again", "controller")]
    assert [one.json() for one in answers(project, *paths)] == [
        ["outer", "inner"],
        ["outer", "inner", "handler"],
        ["outer", "inner", "handler"],
        ["outer", "inner", "controller"],
    ]


def test_responses_come_through_all_scopes(project: Project) -> None:
    project.install("acme-shop", EVENTS)
    (one,) = answers(project, "/acme__shop/inner/plain")
    assert one.headers["X-Order"] == "oi"


def test_an_answer_of_an_outer_scope_is_the_answer(project: Project) -> None:
    project.install("acme-shop", EVENTS.replace('note("outer")', 'note("outer", Response("stop", status_code=401))'))
    paths = [f"/acme__shop/inner/{path}" for path in ("plain", "handler", "controller")]
    assert [one.status_code for one in answers(project, *paths)] == [401, 401, 401]


def test_a_layers_handler_of_all_http_errors_gets_what_a_handler_raises(project: Project) -> None:
    project.install(
        "acme-shop",
        """
        from litestar import Response, get
        from litestar.exceptions import HTTPException, NotFoundException

        @get("/thing", sync_to_thread=False)
        def thing() -> None: raise NotFoundException("no such thing")

        @hookimpl
        def register_routes(scope): return thing
        @hookimpl
        def register_layer(scope):
            return Layer(exception_handlers={HTTPException: lambda request, error: Response(error.detail, status_code=418)})
        """,
    )
    one, other = answers(project, "/acme__shop/thing", "/acme__shop/typo")
    assert (one.status_code, one.text) == (418, "no such thing")
    assert other.status_code == 404


def test_names_that_a_handler_provides_itself_are_nobody_elses(project: Project) -> None:
    project.install("acme-other", '@hookimpl\ndef register_services(scope): return {"item": Item()}\nclass Item: pass\n')
    project.install(
        "acme-shop",
        """
        from acme_other import Item
        from litestar import Controller, Router, get
        from litestar.di import NamedDependency, Provide

        def mine() -> Item: return Item()

        provided = {"item": Provide(mine, sync_to_thread=False)}

        @get("/handler", dependencies=provided, sync_to_thread=False)
        def handler(item: NamedDependency[Item]) -> str: return "mine"

        class Own(Controller):
            path = "/controller"
            dependencies = provided
            @get("/", sync_to_thread=False)
            def inside(self, item: NamedDependency[Item]) -> str: return "mine"

        @get("/inside", sync_to_thread=False)
        def inside(item: NamedDependency[Item]) -> str: return "mine"

        class Sharing:
            @hookimpl
            def register_layer(self, scope): return Layer(dependencies={"item": Provide(mine, sync_to_thread=False)})

        class Holding:
            @hookimpl
            def register_plugins(self, scope): return Child(Sharing, "sharing", shared=True)
            @hookimpl
            def register_routes(self, scope): return inside

        @hookimpl
        def register_routes(scope): return [handler, Own, Router("/router", route_handlers=[inside], dependencies=provided)]
        @hookimpl
        def register_plugins(scope): return Child(Holding, "holding", "/holding")
        """,
        requires=["acme-other"],
    )
    paths = [f"/acme__shop/{path}" for path in ("handler", "controller", "router/inside", "holding/inside")]
    assert [one.text for one in answers(project, *paths)] == ["mine"] * 4

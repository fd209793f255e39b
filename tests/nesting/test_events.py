"""Hooks around requests, and the exception handler that receives an exception."""

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
        entries = LOG[:]
        LOG.clear()
        return entries

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
    """Return the responses to GET requests."""

    async def ask() -> list[Any]:
        async with running(project) as (_, client):
            return [await client.get(path) for path in paths]

    return asyncio.run(ask())


def test_the_before_request_of_each_scope_runs_before_the_handlers_own(project: Project) -> None:
    project.install("acme-shop", EVENTS)
    paths = [f"/acme__shop/inner/{path}" for path in ("plain", "handler", "again", "controller")]
    assert [response.json() for response in answers(project, *paths)] == [
        ["outer", "inner"],
        ["outer", "inner", "handler"],
        ["outer", "inner", "handler"],
        ["outer", "inner", "controller"],
    ]


def test_responses_pass_through_all_scopes(project: Project) -> None:
    project.install("acme-shop", EVENTS)
    (response,) = answers(project, "/acme__shop/inner/plain")
    assert response.headers["X-Order"] == "oi"


def test_a_response_of_an_outer_scope_is_sent(project: Project) -> None:
    project.install("acme-shop", EVENTS.replace('note("outer")', 'note("outer", Response("stop", status_code=401))'))
    paths = [f"/acme__shop/inner/{path}" for path in ("plain", "handler", "controller")]
    assert [response.status_code for response in answers(project, *paths)] == [401, 401, 401]


def test_a_layers_exception_handler_for_all_http_errors_handles_a_handlers_exception(project: Project) -> None:
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
    raised, missing = answers(project, "/acme__shop/thing", "/acme__shop/typo")
    assert (raised.status_code, raised.text) == (418, "no such thing")
    assert missing.status_code == 404


def test_own_dependencies_may_have_the_name_of_another_plugins_service(project: Project) -> None:
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
    assert [response.text for response in answers(project, *paths)] == ["mine"] * 4

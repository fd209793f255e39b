"""Failures of a child plugin: which plugin is blamed, which paths respond, and which plugins continue."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from host.common.errors import HostError
from tests.distributions import Project
from tests.inprocess import running

ISOLATE = '[plugins]\non_failure = "isolate"\n'
ROUTE = """
    from litestar import get

    def answering(path):
        @get(path, sync_to_thread=False)
        def answer(plugin_scope: Scope) -> str:
            return plugin_scope.key
        return answer
"""


def isolated(project: Project, source: str, *paths: str) -> tuple[dict[str, list[HostError]], list[Any]]:
    """Return the failures under isolation, and the results of GET requests: the text of a 200, otherwise status and detail."""
    project.configure(ISOLATE)
    project.install("acme-shop", source)

    async def ask() -> tuple[dict[str, list[HostError]], list[Any]]:
        async with running(project) as (host, client):
            answers = [await client.get(path) for path in paths]
            results = [
                answer.text if answer.is_success else (answer.status_code, answer.json().get("detail")) for answer in answers
            ]
            return {key: host.boot.failures[key] for key in host.boot.failures}, results

    return asyncio.run(ask())


def test_a_failed_child_hides_no_route_of_its_parent(project: Project) -> None:
    failures, answers = isolated(
        project,
        ROUTE
        + """
    from litestar.params import FromPath

    class Failing:
        @hookimpl
        def register_routes(self, scope): raise ValueError("no")

    @get("/c/{number:int}", sync_to_thread=False)
    def numbered(number: FromPath[int]) -> int:
        return number

    @hookimpl
    def register_routes(scope): return [answering("/c"), numbered]
    @hookimpl
    def register_plugins(scope): return [Child(Failing, "c", "/c"), Child(Failing, "d", "/d"), Child(Failing, "e", "/d")]
    """,
        *(f"/acme__shop/{path}" for path in ("c", "c/5", "c/other/thing", "d/x", "typo")),
    )
    assert failures.keys() == {"acme__shop.c", "acme__shop.d", "acme__shop.e"}
    assert answers[:2] == ["acme__shop", "5"]
    assert answers[2] == (503, "the plugin acme__shop.c failed at start-up and is not available")
    assert answers[3] == (503, "the plugins acme__shop.d and acme__shop.e failed at start-up and are not available")
    assert answers[4][0] == 404


BAD_LAYER = """
    class Bad:
        @hookimpl
        def register_layer(self, scope): return Layer(dependencies={"x": 5})
    class Good:
        @hookimpl
        def register_routes(self, scope): return answering("/good")
    class Routed(Good, Bad): ...
"""


@pytest.mark.parametrize(
    ("children", "blamed", "along"),
    [
        ('[Child(Routed, "bad", "/bad"), Child(Good, "good")]', "acme__shop.bad", set()),
        ('[Child(Bad, "bad", shared=True), Child(Good, "good")]', "acme__shop.bad", {"acme__shop", "acme__shop.good"}),
        ('Child(Outer, "outer")', "acme__shop.outer", {"acme__shop.outer.good"}),
    ],
)
def test_a_layer_that_litestar_refuses_is_blamed_on_its_plugin(
    project: Project, children: str, blamed: str, along: set[str]
) -> None:
    source = f"""
    class Outer(Bad):
        @hookimpl
        def register_plugins(self, scope): return Child(Good, "good")
    @hookimpl
    def register_plugins(scope): return {children}
    @hookimpl
    def register_routes(scope): return answering("/here")
    """
    failures, _ = isolated(project, ROUTE + BAD_LAYER + source)
    assert failures.keys() == {blamed} | along
    assert failures[blamed][0].message.startswith("Litestar does not accept what register_routes, register_layer")
    assert "dependency-failed" in {error.code for key in along for error in failures[key]} or not along


def test_the_child_fails_if_litestar_refuses_it_together_with_its_parent(project: Project) -> None:
    source = """
    from litestar.params import FromPath

    class Mounting:
        @hookimpl
        def register_routes(self, scope):
            @get("/{name:str}", sync_to_thread=False)
            def named(name: FromPath[str]) -> str: return name
            return named
    @hookimpl
    def register_plugins(scope): return Child(Mounting, "inner", "/m")
    @hookimpl
    def register_routes(scope):
        from litestar.handlers import asgi
        @asgi("/m", is_mount=True, copy_scope=True)
        async def mounted(scope: dict, receive: object, send: object) -> None: ...
        return [mounted, answering("/here")]
    """
    failures, answers = isolated(project, ROUTE + source, "/acme__shop/here")
    assert failures.keys() == {"acme__shop.inner"}
    assert answers == ["acme__shop"]


@pytest.mark.parametrize("body", ["raise SystemExit(0)", "raise BaseException('x')", "raise ValueError('no')", "1 / 0"])
def test_a_class_that_cannot_be_instantiated_fails(project: Project, body: str) -> None:
    source = f"""
    class Failing:
        def __init__(self): {body}
    @hookimpl
    def register_plugins(scope): return Child(Failing, "failing")
    @hookimpl
    def register_routes(scope): return answering("/here")
    """
    failures, answers = isolated(project, ROUTE + source, "/acme__shop/here")
    assert [error.code for error in failures["acme__shop.failing"]] == ["import-failed"]
    assert answers == ["acme__shop"]


@pytest.mark.parametrize("hook", ["configure", "register_routes", "on_startup", "on_ready"])
def test_a_plain_hook_that_raises_a_cancellation_fails_alone(project: Project, hook: str) -> None:
    project.install("acme-other", ROUTE + '\n    @hookimpl\n    def register_routes(scope): return answering("/here")\n')
    source = f"""
    from asyncio import CancelledError
    @hookimpl
    def {hook}(scope): raise CancelledError
    """
    failures, answers = isolated(project, source, "/acme__other/here")
    assert [error.message for error in failures["acme__shop"]] == [f"{hook} raised CancelledError"]
    assert answers == ["acme__other"]


@pytest.mark.parametrize("child", ["Again", "Again()"])
def test_endless_nesting_is_refused(project: Project, child: str) -> None:
    source = f"""
    class Again:
        @hookimpl
        def register_plugins(self, scope): return [Child({child}, "a"), Child({child}, "b")]
    @hookimpl
    def register_plugins(scope): return Child(Again, "first")
    """
    failures, _ = isolated(project, source)
    messages = [error.message for key in failures for error in failures[key] if error.code == "hook-result"]
    assert any("which contains it" in message or "64 deep" in message for message in messages)


def test_on_startup_has_the_services_of_shared_children(project: Project) -> None:
    source = """
    class Database:
        @hookimpl
        def register_services(self, scope): return {"database": Service(lambda scope: scope.key)}
    @hookimpl
    def register_plugins(scope): return Child(Database, "db", shared=True)
    @hookimpl
    async def on_startup(scope): scope.services["database"].index("acme__shop.db")
    """
    failures, _ = isolated(project, source)
    assert failures == {}


def test_a_dependency_cycle_is_reported_once_for_each_plugin(project: Project) -> None:
    project.install("acme-other", "", requires=["acme-shop"])
    project.configure(ISOLATE)
    project.install("acme-shop", "", requires=["acme-other"])

    async def failures() -> dict[str, list[str]]:
        async with running(project) as (host, _):
            return {key: [error.code for error in host.boot.failures[key]] for key in host.boot.failures}

    assert asyncio.run(failures()) == {"acme__other": ["dependency-cycle"], "acme__shop": ["dependency-cycle"]}

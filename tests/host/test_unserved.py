"""Paths that no route serves: 503 under the prefix of a plugin that failed, the layer's own answer, or 404."""

from __future__ import annotations

import asyncio

import pytest

from tests.distributions import Project
from tests.inprocess import running

ISOLATE = '[plugins]\non_failure = "isolate"\n'
ROUTE = """
    from litestar import get

    @get("/here", sync_to_thread=False)
    def here() -> str:
        return "here"

    @hookimpl
    def register_routes(scope):
        return here
"""
FAILS_AT_START = "\n    @hookimpl\n    def on_startup(scope):\n        raise OSError('no disk')\n"
#: A child that fails, and a route of its parent under the child's prefix: the prefix is not the child's alone.
OVERLAPPED = """
    from litestar import get

    @get("/part/here", sync_to_thread=False)
    def here() -> str:
        return "here"

    class Part:
        @hookimpl
        def register_routes(self, scope):
            raise OSError("no disk")

    @hookimpl
    def register_routes(scope):
        return here

    @hookimpl
    def register_plugins(scope):
        return Child(Part, "part", "/part")
"""
BOTH_HANDLERS = """
    from litestar import Response, get
    from litestar.exceptions import NotFoundException

    def answering(text):
        return lambda request, error: Response(text, status_code=418)

    @hookimpl
    def register_layer(scope):
        return Layer(exception_handlers={NotFoundException: answering("class"), 404: answering("status")})
"""


def statuses(project: Project, *paths: str) -> list[int]:
    """Return the statuses of GET requests."""

    async def ask() -> list[int]:
        async with running(project) as (_, client):
            return [(await client.get(path)).status_code for path in paths]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "source", [pytest.param("raise OSError('no disk')", id="import"), pytest.param(ROUTE + FAILS_AT_START, id="on_startup")]
)
def test_a_failed_plugin_does_not_answer_for_a_longer_name_that_begins_with_its_prefix(project: Project, source: str) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", source)
    assert statuses(project, "/acme__a", "/acme__a/other", "/acme__ab", "/acme__ab/other") == [503, 503, 404, 404]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_a_failed_plugin_is_unavailable_for_every_method(project: Project, method: str) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", "raise OSError('no disk')")

    async def ask() -> list[int]:
        async with running(project) as (_, client):
            return [(await client.request(method, path)).status_code for path in ("/acme__a", "/acme__a/other/thing")]

    assert asyncio.run(ask()) == [503, 503]


def test_a_failed_plugin_does_not_answer_for_unknown_paths_of_a_plugin_whose_prefix_begins_with_its_own(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", ROUTE + FAILS_AT_START)
    project.install("acme-ab", ROUTE)
    assert statuses(project, "/acme__a/other", "/acme__ab/here", "/acme__ab/other") == [503, 200, 404]


def test_a_failed_plugin_hides_no_route_of_a_plugin_whose_prefix_begins_with_its_own(project: Project) -> None:
    named = """
    from litestar import get
    from litestar.params import FromPath

    @get("/{name:str}", sync_to_thread=False)
    def named(name: FromPath[str]) -> str:
        return name

    @hookimpl
    def register_routes(scope):
        return named
    """
    project.configure(ISOLATE)
    project.install("acme-a", "raise OSError('no disk')")
    project.install("acme-ab", named)
    assert statuses(project, "/acme__a/other", "/acme__ab/other") == [503, 200]


def test_a_failed_child_does_not_answer_for_a_longer_name_that_begins_with_its_prefix(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", OVERLAPPED)
    paths = ("/acme__a/part/here", "/acme__a/part/other", "/acme__a/part", "/acme__a/parts", "/acme__a/parts/other")
    assert statuses(project, *paths) == [200, 503, 503, 404, 404]


def test_a_layers_handler_for_the_status_takes_precedence_over_that_for_the_class_with_and_without_a_route(
    project: Project,
) -> None:
    source = """
    @get("/lost", sync_to_thread=False)
    def lost() -> None:
        raise NotFoundException("lost")

    @hookimpl
    def register_routes(scope):
        return lost
    """
    project.install("acme-a", BOTH_HANDLERS + source)

    async def ask() -> list[str]:
        async with running(project) as (_, client):
            return [(await client.get(path)).text for path in ("/acme__a/lost", "/acme__a/nothing")]

    assert asyncio.run(ask()) == ["status", "status"]

"""Hooks around requests, handlers for errors, and conflicts of routes (rows F28 to F31)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from host import Host
from host.common.errors import ConflictError
from tests.conformance.kit import ANSWERING, error, errors, get, in_host
from tests.distributions import Project
from tests.inprocess import client_of

#: A scope with two children; each of the three notes what is called around a request.
AROUND = """
    from litestar import get

    notes = []

    class Base:
        name = ""
        @hookimpl
        def register_middleware(self, scope):
            def wrap(app):
                async def noting(connection, receive, send):
                    notes.append(f"{self.name} middleware")
                    await app(connection, receive, send)
                return noting
            return wrap
        @hookimpl
        def register_layer(self, scope):
            def guard(connection, handler): notes.append(f"{self.name} guard")
            def before(request): notes.append(f"{self.name} before")
            def after(response):
                notes.append(f"{self.name} after")
                return response
            async def sent(request): notes.append(f"{self.name} sent")
            return Layer(guards=[guard], before_request=before, after_request=after, after_response=sent)
        @hookimpl
        def register_routes(self, scope):
            def route_guard(connection, handler): notes.append("route guard")
            @get("/", guards=[route_guard], sync_to_thread=False)
            def root() -> str:
                notes.append("handler")
                return self.name
            return root

    class Inner(Base):
        name = "inner"
    class Beside(Base):
        name = "beside"
    class Root(Base):
        name = "root"
        @hookimpl
        def register_plugins(self, scope): return [Child(Inner, "inner", "/inner"), Child(Beside, "beside", "/beside")]
"""


def notes_of_request(project: Project, path: str) -> list[str]:
    """Return what is called around a GET request, in this order."""
    project.install("acme-a", AROUND, target="acme_a:Root")

    async def ask(host: Host) -> list[str]:
        async with client_of(host) as client:
            assert (await client.get(path)).status_code == 200
        notes: list[str] = host.plugins["acme__a"].object.register_plugins.__globals__["notes"]
        return notes

    return in_host(project, ask)


def test_F28_hooks_of_outer_scopes_run_first_and_those_of_the_route_last(project: Project) -> None:
    """By Litestar's own rule only the innermost ``before_request`` and ``after_request`` would be called."""
    assert notes_of_request(project, "/acme__a/inner") == [
        *("root middleware", "inner middleware"),
        *("root guard", "inner guard", "route guard"),
        *("root before", "inner before", "handler"),
        *("root after", "inner after"),
        *("root sent", "inner sent"),
    ]


def test_F28_hooks_of_children_do_not_run_for_their_parent(project: Project) -> None:
    assert {line.split()[0] for line in notes_of_request(project, "/acme__a")} == {"root", "route", "handler"}


def test_F28_a_value_returned_by_before_request_is_the_response(project: Project) -> None:
    project.install(
        "acme-a",
        ANSWERING
        + """
    async def answer(request): return "early"
    @hookimpl
    def register_layer(scope): return Layer(before_request=answer)
    """,
    )
    project.install("acme-b", ANSWERING)
    first, second = get(project, "/acme__a", "/acme__b")
    assert (first.text, second.text) == ("early", "acme__b")


def test_F29_the_first_plugin_sees_the_routes_of_later_plugins(project: Project) -> None:
    """In Fastify a plugin that lists routes must be registered before all others; here the order does not matter."""
    project.install(
        "acme-a",
        """
        seen = []
        @hookimpl
        def app_built(app): seen.extend(route.path for route in app.routes)
        """,
    )
    project.install("acme-b", ANSWERING)

    async def paths(host: Host) -> list[str]:
        seen: list[str] = host.plugins["acme__a"].object.seen
        return seen

    assert "/acme__b" in in_host(project, paths)


def test_F29_the_list_of_routes_does_not_depend_on_the_order_of_plugins(project: Project) -> None:
    project.install("acme-a", ANSWERING)
    project.install("acme-b", ANSWERING)
    listed = []
    for rule in ("acme__a before acme__b", "acme__b before acme__a"):
        project.configure(f'[plugins]\norder = ["{rule}"]\n')
        outcome = project.host("routes", "--json")
        assert outcome.code == 0, outcome.stderr
        listed.append(json.loads(outcome.stdout)["routes"])
    assert listed[0] == listed[1]
    assert {route["path"] for route in listed[0]} >= {"/acme__a", "/acme__b"}


def test_F30_two_plugins_with_one_route_are_both_named(project: Project) -> None:
    """Litestar keeps the first of two equal routes silently, or names OPTIONS; Fastify names no plugin."""
    project.install(
        "acme-a",
        ANSWERING
        + """
    class Inner:
        @hookimpl
        def register_routes(self, scope): return root
    @hookimpl
    def register_plugins(scope): return [Child(Inner, "x"), Child(Inner, "y", "/y")]
    """,
    )
    failure = next(error for error in errors(project) if isinstance(error, ConflictError))
    assert failure.owners == ("acme__a", "acme__a.x")
    assert "GET /acme__a (root)" in failure.message


@pytest.mark.parametrize("second", ['"/a/{b:str}"', '"/a/{other:str}"', '["/x", "/a/{b:str}/"]'])
def test_F30_two_handlers_of_one_plugin_with_one_route_are_both_named(project: Project, second: str) -> None:
    project.install(
        "acme-a",
        f"""
        from litestar import get

        @get("/a/{{b:str}}", sync_to_thread=False)
        def first() -> None: ...
        @get({second}, sync_to_thread=False)
        def second() -> None: ...
        @hookimpl
        def register_routes(scope): return [first, second]
        """,
    )
    failure = error(project)
    assert isinstance(failure, ConflictError)
    for part in ("GET /acme__a/a/{b:str} (first)", "(second)", "both in acme__a"):
        assert part in failure.message


def test_F30_two_methods_of_one_path_are_not_a_conflict(project: Project) -> None:
    project.install(
        "acme-a",
        ANSWERING
        + """
    from litestar import post
    @post("/", sync_to_thread=False)
    def create() -> str: return "created"
    class Inner:
        @hookimpl
        def register_routes(self, scope): return create
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner")
    """,
    )

    async def ask(host: Host) -> list[str]:
        async with client_of(host) as client:
            return [(await client.get("/acme__a")).text, (await client.post("/acme__a")).text]

    assert in_host(project, ask) == ["acme__a", "created"]


HANDLING = """
    from litestar import Response, get
    from litestar.exceptions import NotFoundException

    def handler(label):
        def handle(request, error): return Response(f"{label}: {type(error).__name__}", status_code=418)
        return handle

    class Broken:
        handlers = {}
        children = ()
        @hookimpl
        def register_layer(self, scope): return Layer(exception_handlers=self.handlers)
        @hookimpl
        def register_plugins(self, scope): return self.children
        @hookimpl
        def register_routes(self, scope):
            @get("/broken", sync_to_thread=False)
            def broken() -> None: raise KeyError("x")
            return broken

    class Inner(Broken):
        handlers = {KeyError: handler("inner"), NotFoundException: handler("inner")}
    class Plain(Broken): ...
    class Root(Broken):
        handlers = {LookupError: handler("root"), 404: handler("root")}
        children = [Child(Inner, "inner", "/inner"), Child(Plain, "plain", "/plain")]
"""


def handled(project: Project, *paths: str) -> list[Any]:
    """Return the texts of the exception handlers, and the status codes of other responses."""
    project.install("acme-a", HANDLING, target="acme_a:Root")
    project.install("acme-b", HANDLING.replace("acme_a", "acme_b"), target="acme_b:Plain")
    return [answer.text if answer.status_code == 418 else answer.status_code for answer in get(project, *paths)]


def test_F31_the_innermost_scope_with_a_handler_for_the_error_responds(project: Project) -> None:
    paths = ("/acme__a/broken", "/acme__a/inner/broken", "/acme__a/plain/broken", "/acme__b/broken")
    assert handled(project, *paths) == ["root: KeyError", "inner: KeyError", "root: KeyError", 500]


def test_F31_an_unknown_path_is_answered_by_the_scope_with_its_prefix(project: Project) -> None:
    paths = ("/acme__a/nothing", "/acme__a/inner/nothing", "/acme__a/plain/nothing", "/acme__b/nothing", "/nothing", "/acme__abc")
    root, inner = "root: NotFoundException", "inner: NotFoundException"
    assert handled(project, *paths) == [root, inner, root, 404, 404, 404]

"""Middleware, routes, WebSockets and static files of a plugin (rows K15c, K15d, K15e, K15h)."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from tests.conformance.kit import ANSWERING, get, in_host, journal, response_texts
from tests.distributions import Project

MIDDLEWARE = """
    from journal import note
    from litestar import get

    def middleware(name):
        def wrap(app):
            async def called(scope, receive, send):
                note(name)
                await app(scope, receive, send)
            return called
        return wrap

    @get("/", sync_to_thread=False)
    def root() -> None: note("handler")
    class Inner:
        @hookimpl
        def register_middleware(self, scope): return middleware("inner")
        @hookimpl
        def register_routes(self, scope): return root
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", "/inner")
    @hookimpl
    def register_layer(scope): return Layer(guards=[lambda connection, handler: note("guard")])
    @hookimpl
    def register_middleware(scope): return [middleware("first"), middleware("second")]
    @hookimpl
    def register_routes(scope): return root
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/acme__todo", ["first", "second", "guard", "handler"]),
        ("/acme__todo/inner", ["first", "second", "inner", "guard", "handler"]),
        ("/acme__other", []),
    ],
)
def test_K15c_middleware_runs_before_the_plugins_own_routes(project: Project, path: str, expected: list[str]) -> None:
    """backendjs puts it in front of the routes of all modules; here it applies to the routes of its own plugin."""
    notes = journal(project)
    project.install("acme-todo", MIDDLEWARE)
    project.install("acme-other", ANSWERING)
    assert get(project, path)[0].is_success
    assert notes == expected


def test_K15d_routes_are_registered_before_the_first_request(project: Project) -> None:
    notes = journal(project)
    source = """
    from journal import note
    from litestar import get, post

    @get("/task", sync_to_thread=False)
    def task() -> str:
        note("request")
        return "task"
    @post("/task", sync_to_thread=False)
    def add() -> str: return "added"
    @hookimpl
    def register_routes(scope):
        note("routes")
        return [task, add]
    @hookimpl
    def on_startup(scope): note("startup")
    """
    project.install("acme-todo", source)
    assert [answer.status_code for answer in get(project, "/acme__todo/task", "/task")] == [200, 404]
    assert notes == ["routes", "startup", "request"]


async def websocket_replies(host: Host, path: str, *messages: str) -> list[Any]:
    """Return what a WebSocket sends after some messages, by calling the ASGI application in this event loop."""
    incoming: list[Any] = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": text} for text in messages)]
    outgoing: list[Any] = []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        outgoing.append(message)

    connection: Any = {"type": "websocket", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b""}
    connection |= {"headers": [(b"host", b"host")], "subprotocols": [], "scheme": "ws", "asgi": {"version": "3.0"}}
    await host.app(connection, receive, send)
    return [message["text"] for message in outgoing if message["type"] == "websocket.send"]


def test_K15e_a_websocket_has_the_prefix_the_scope_and_the_services_of_its_plugin(project: Project) -> None:
    """backendjs starts a separate server for WebSockets; here they are routes of the plugin."""
    source = """
    from litestar import WebSocket, websocket

    @websocket("/echo")
    async def echo(socket: WebSocket, plugin_scope: Scope, mark: str) -> None:
        await socket.accept()
        await socket.send_text(f"{plugin_scope.key} {await socket.receive_text()}{mark}")
        await socket.close()
    @hookimpl
    def register_services(scope): return {"mark": "!"}
    @hookimpl
    def register_routes(scope): return echo
    """
    project.install("acme-todo", source)

    async def talk(host: Host) -> list[Any]:
        return await websocket_replies(host, "/acme__todo/echo", "hello")

    assert in_host(project, talk) == ["acme__todo hello!"]


STATIC = """
    from litestar import get
    from litestar.params import FromPath

    @get("/static/routed.txt", sync_to_thread=False)
    def routed() -> str: return "the route"
    @get("/static/pages/{name:str}", sync_to_thread=False)
    def any_page(name: FromPath[str]) -> str: return f"the page {name}"
    @get("/deep.txt", sync_to_thread=False)
    def deep() -> str: return "the child's route"
    class Inner:
        @hookimpl
        def register_routes(self, scope): return deep
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", "/static")
    @hookimpl
    def register_static(scope): return Static("files")
    @hookimpl
    def register_routes(scope): return [routed, any_page]
"""


def test_K15h_a_static_file_hides_no_route(project: Project) -> None:
    project.install("acme-todo", STATIC)
    files = project.site.directory / "files"
    (files / "pages").mkdir(parents=True)
    names = ["routed.txt", "deep.txt", "pages/one", "free.txt"]
    for name in names:
        (files / name).write_text("the file", encoding="utf-8")
    paths = [f"/acme__todo/static/{name}" for name in names]
    assert response_texts(project, *paths) == ["the route", "the child's route", "the page one", "the file"]

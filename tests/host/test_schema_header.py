"""The header ``x-schema``: every response of a plugin lets a page check whether its TypeScript is up to date."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx
import pytest

from host import Host
from host.frontend.model import Generated
from tests.distributions import Project
from tests.inprocess import client_of

SHOP = """
from typing import Any
from hookspecs import Child, Static, hookimpl
from litestar import Response, asgi, get, post
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody
from litestar.response import ServerSentEvent

START = {"type": "http.response.start", "status": 200, "headers": []}

@get("/item")
async def items() -> list[str]: return []
@get("/lost")
async def lost() -> None: raise NotFoundException("lost")
@get("/broken")
async def broken() -> None: raise RuntimeError("broken")
@get("/same")
async def same() -> Response[None]: return Response(None, status_code=304)
@get("/events")
async def events() -> ServerSentEvent:
    async def lines():
        yield "one"
        yield "two"
    return ServerSentEvent(lines())
@post("/item")
async def create(data: JSONBody[dict[str, int]]) -> None: ...
@asgi("/raw", copy_scope=True)
async def raw(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": str(len(START["headers"])).encode()})
@get("/line")
async def line() -> str: return "line"

class Inner:
    @hookimpl
    def register_routes(self, scope): return [line]

@hookimpl
def register_routes(scope): return [items, lost, broken, same, events, create, raw]
@hookimpl
def register_plugins(scope): return Child(Inner(), "inner", prefix="/inner")
@hookimpl
def register_static(scope): return Static(STATIC)
"""


@dataclass(frozen=True)
class Exchange:
    """A host's responses, and the file that it generated; ``None`` if it did not generate one."""

    answers: list[httpx.Response]
    generated: Generated | None

    def header(self, key: str) -> str:
        """Return the expected header of a plugin's responses."""
        assert self.generated is not None
        return f"{self.generated.digest}, {key}={self.generated.digests[key]}"


def ask(project: Project, *requests: tuple[str, str], generate: bool = True) -> Exchange:
    """Start a host with the shop, and send requests one after the other."""
    static = project.directory / "static"
    static.mkdir()
    (static / "page.html").write_text("page", encoding="utf-8")
    project.install("acme-shop", {"acme_shop.py": SHOP.replace("STATIC", repr(str(static)))})

    async def run() -> Exchange:
        async with Host(project.settings) as host, client_of(host) as client:
            generated = host.generate() if generate else None
            return Exchange([await client.request(method, path) for method, path in requests], generated)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/item", 200),
        ("GET", "/lost", 404),
        ("GET", "/broken", 500),
        ("GET", "/same", 304),
        ("GET", "/events", 200),
        ("POST", "/item", 400),
        ("OPTIONS", "/item", 204),
        ("GET", "/raw", 200),
        ("GET", "/static/page.html", 200),
        ("GET", "/gone", 404),
        ("PUT", "/item", 405),
    ],
)
def test_every_response_of_a_plugin_has_the_header(project: Project, method: str, path: str, status: int) -> None:
    asked = ask(project, (method, f"/acme__shop{path}"))
    (answer,) = asked.answers
    assert (answer.status_code, answer.headers["x-schema"]) == (status, asked.header("acme__shop"))


def test_a_child_plugin_has_its_own_digest(project: Project) -> None:
    asked = ask(project, ("GET", "/acme__shop/inner/line"), ("GET", "/acme__shop/inner/gone"))
    assert [response.headers["x-schema"] for response in asked.answers] == [asked.header("acme__shop.inner")] * 2


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/acme__shopping", "/schema/openapi.json"])
def test_responses_that_belong_to_no_plugin_do_not_have_the_header(project: Project, path: str) -> None:
    assert "x-schema" not in ask(project, ("GET", path)).answers[0].headers


def test_the_header_occurs_once_in_each_response(project: Project) -> None:
    """This holds even if a plugin's own application sends the same message object repeatedly, which is not modified."""
    asked = ask(project, *[("GET", "/acme__shop/raw")] * 3)
    assert [(len(response.headers.get_list("x-schema")), response.text) for response in asked.answers] == [(1, "0")] * 3


def test_there_is_no_header_if_the_file_is_not_generated(project: Project) -> None:
    assert "x-schema" not in ask(project, ("GET", "/acme__shop/item"), generate=False).answers[0].headers


def test_the_header_has_the_digests_of_the_file(project: Project) -> None:
    asked = ask(project, ("GET", "/acme__shop/item"))
    whole, _, own = asked.answers[0].headers["x-schema"].partition(", acme__shop=")
    assert asked.generated is not None
    assert f'export const schemaHash = "{whole}";' in asked.generated.text
    assert f'  schema: "{own}",\n' in asked.generated.parts["acme__shop"]

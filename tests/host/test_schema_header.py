"""The header ``x-schema``: a page learns from any answer of a plugin whether its TypeScript still fits."""

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
class Asked:
    """What a host has answered, and what it has generated; ``None`` where nobody asked for it."""

    answers: list[httpx.Response]
    made: Generated | None

    def header(self, key: str) -> str:
        """What the answers of a plugin should say."""
        assert self.made is not None
        return f"{self.made.digest}, {key}={self.made.digests[key]}"


def ask(project: Project, *requests: tuple[str, str], generate: bool = True) -> Asked:
    """Start a host with the shop, and ask it one after the other."""
    static = project.directory / "static"
    static.mkdir()
    (static / "page.html").write_text("page", encoding="utf-8")
    project.install("acme-shop", {"acme_shop.py": SHOP.replace("STATIC", repr(str(static)))})

    async def run() -> Asked:
        async with Host(project.settings) as host, client_of(host) as client:
            made = host.generate() if generate else None
            return Asked([await client.request(method, path) for method, path in requests], made)

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
def test_every_answer_of_a_plugin_has_it(project: Project, method: str, path: str, status: int) -> None:
    asked = ask(project, (method, f"/acme__shop{path}"))
    (answer,) = asked.answers
    assert (answer.status_code, answer.headers["x-schema"]) == (status, asked.header("acme__shop"))


def test_a_plugin_inside_another_has_its_own(project: Project) -> None:
    asked = ask(project, ("GET", "/acme__shop/inner/line"), ("GET", "/acme__shop/inner/gone"))
    assert [one.headers["x-schema"] for one in asked.answers] == [asked.header("acme__shop.inner")] * 2


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/acme__shopping", "/schema/openapi.json"])
def test_what_is_nobodys_has_none(project: Project, path: str) -> None:
    assert "x-schema" not in ask(project, ("GET", path)).answers[0].headers


def test_it_is_there_once_in_each_answer(project: Project) -> None:
    """Also where a plugin's own application sends one and the same message again, which stays as it is."""
    asked = ask(project, *[("GET", "/acme__shop/raw")] * 3)
    assert [(len(one.headers.get_list("x-schema")), one.text) for one in asked.answers] == [(1, "0")] * 3


def test_who_does_not_ask_for_the_file_does_not_wait_for_it(project: Project) -> None:
    assert "x-schema" not in ask(project, ("GET", "/acme__shop/item"), generate=False).answers[0].headers


def test_it_is_what_stands_in_the_file(project: Project) -> None:
    asked = ask(project, ("GET", "/acme__shop/item"))
    whole, _, own = asked.answers[0].headers["x-schema"].partition(", acme__shop=")
    assert asked.made is not None
    assert f'export const schemaHash = "{whole}";' in asked.made.text
    assert f'  schema: "{own}",\n' in asked.made.parts["acme__shop"]

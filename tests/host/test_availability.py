"""503 with ``Retry-After``: while the host starts or stops, and under the prefix of a plugin that failed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from host import Host
from tests.distributions import Project
from tests.host.gates import WAITS, asgi_client_of, reached, soon, starting
from tests.inprocess import running

ISOLATE = '[plugins]\non_failure = "isolate"\n'
ROUTE = """
    from litestar import get

    @get("/", sync_to_thread=False)
    def root() -> str:
        return "here"

    @hookimpl
    def register_routes(scope):
        return root
"""
#: A plugin with two children; ``{trouble}`` goes into the class of the one at ``/bad``.
FAMILY = """
    from litestar import get

    class Good:
        @hookimpl
        def register_routes(self, scope):
            @get("/", sync_to_thread=False)
            def root() -> str:
                return "here"
            return root

    class Bad:
{trouble}

    @hookimpl
    def register_plugins(scope):
        return [Child(Bad, "bad", "/bad"), Child(Good, "good", "/good")]
"""
IN_IMPORT = """
        def __init__(self):
            raise OSError("no disk")
"""
IN_ROUTES = """
        @hookimpl
        def register_routes(self, scope):
            raise OSError("no disk")
"""
IN_START = """
        @hookimpl
        def register_routes(self, scope):
            return Good().register_routes(scope)

        @hookimpl
        async def on_startup(self, scope):
            raise OSError("no disk")
"""


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    """Return status, type and text of a problem, which must have ``Retry-After``."""
    assert int(answer.headers["retry-after"]) > 0
    return answer.status_code, answer.headers["content-type"], answer.json()["detail"]


async def connect(app: Any, path: str) -> list[Any]:
    """Try to open a WebSocket, and return the application's messages."""
    answers: list[Any] = []
    asked: asyncio.Queue[Any] = asyncio.Queue()
    asked.put_nowait({"type": "websocket.connect"})

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "subprotocols": [],
        "scheme": "ws",
        "server": ("host", 80),
        "client": ("client", 1),
        "root_path": "",
        "http_version": "1.1",
        "asgi": {"version": "3.0"},
        "extensions": {},
    }
    await soon(app(scope, asked.get, send))
    return answers


def test_while_a_plugin_is_starting_responses_name_it(project: Project) -> None:
    project.install("shop-slow", WAITS.format(hook="on_startup"))
    project.install("shop-fast", ROUTE)

    async def story() -> None:
        async with starting(project, "shop_slow") as (host, slow, start), asgi_client_of(host) as client:
            answer = problem(await client.get("/shop__fast"))
            assert answer == (503, "application/problem+json", "the host is starting; it waits for the plugin shop__slow")
            slow.go.set()
            await soon(start)
            assert (await client.get("/shop__fast")).text == "here"

    asyncio.run(story())


def test_while_a_plugin_is_stopping_responses_name_it(project: Project) -> None:
    project.install("shop-slow", WAITS.format(hook="on_shutdown"))
    project.install("shop-fast", ROUTE)

    async def story() -> None:
        host = Host(project.settings)
        await host.start()
        closing = asyncio.create_task(host.close())
        slow = await reached("shop_slow")
        async with asgi_client_of(host) as client:
            answer = problem(await client.get("/shop__fast"))
        assert answer == (503, "application/problem+json", "the host is stopping; it waits for the plugin shop__slow")
        slow.go.set()
        await soon(closing)

    asyncio.run(story())


def test_a_websocket_is_refused_while_the_host_is_starting(project: Project) -> None:
    project.install("shop-slow", WAITS.format(hook="on_startup"))

    async def story() -> None:
        async with starting(project, "shop_slow") as (host, _, _):
            [answer] = await connect(host.asgi, "/shop__slow")
            assert (answer["type"], answer["code"]) == ("websocket.close", 1013)

    asyncio.run(story())


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("raise OSError('no disk')", id="import"),
        pytest.param("@hookimpl\ndef register_routes(scope):\n    raise OSError('no disk')\n", id="register_routes"),
        pytest.param(
            ROUTE + "\n    @hookimpl\n    async def on_startup(scope):\n        raise OSError('no disk')\n", id="on_startup"
        ),
    ],
)
def test_an_isolated_plugin_is_named_under_its_prefix(project: Project, source: str) -> None:
    project.configure(ISOLATE)
    project.install("shop-bad", source)
    project.install("shop-good", ROUTE)

    async def story() -> None:
        async with running(project) as (_, client):
            for path in ("/shop__bad", "/shop__bad/"):
                answer = problem(await client.get(path))
                assert answer == (503, "application/problem+json", "the plugin shop__bad failed at start-up and is not available")
            assert (await client.get("/shop__good")).text == "here"

    asyncio.run(story())


@pytest.mark.parametrize(
    "trouble",
    [pytest.param(IN_IMPORT, id="import"), pytest.param(IN_ROUTES, id="register_routes"), pytest.param(IN_START, id="on_startup")],
)
def test_an_isolated_child_is_named_under_its_prefix(project: Project, trouble: str) -> None:
    project.configure(ISOLATE)
    project.install("shop-family", FAMILY.format(trouble=trouble))

    async def story() -> None:
        async with running(project) as (_, client):
            status, _, detail = problem(await client.get("/shop__family/bad"))
            assert (status, detail) == (503, "the plugin shop__family.bad failed at start-up and is not available")
            assert (await client.get("/shop__family/good")).text == "here"

    asyncio.run(story())


def test_an_isolated_parent_is_named_under_the_prefixes_of_its_children_too(project: Project) -> None:
    project.configure(ISOLATE)
    failing = (
        FAMILY.format(trouble=" " * 8 + "pass") + "\n    @hookimpl\n    def configure(scope):\n        raise OSError('no disk')\n"
    )
    project.install("shop-family", failing)

    async def story() -> None:
        async with running(project) as (_, client):
            _, _, detail = problem(await client.get("/shop__family/good"))
            assert detail == "the plugin shop__family failed at start-up and is not available"

    asyncio.run(story())


def test_a_websocket_of_an_isolated_plugin_is_refused(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("shop-bad", "raise OSError('no disk')")

    async def story() -> None:
        async with running(project) as (host, _):
            [answer] = await connect(host.asgi, "/shop__bad/feed")
            assert (answer["type"], answer["code"]) == ("websocket.close", 1013)

    asyncio.run(story())

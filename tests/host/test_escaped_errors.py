"""Errors that no exception handler catches: the server only ends the connection, so the host logs them."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from host import Host
from tests.distributions import Project
from tests.host.gates import asgi_client_of

SOURCE = """
    from litestar import get
    from litestar.response import Stream
    class Late:
        def __init__(self, app): self.app = app
        async def __call__(self, scope, receive, send):
            await self.app(scope, receive, send)
            if scope["path"].endswith("late"): raise ValueError("too late")
    async def rows():
        yield b"first"
        raise ValueError("no more rows")
    @get("/stream")
    async def stream() -> Stream: return Stream(rows())
    @get("/late")
    async def late() -> str: return "fine"
    @get("/exit")
    async def leave() -> str: raise SystemExit(3)
    @hookimpl
    def register_middleware(scope): return [Late]
    @hookimpl
    def register_routes(scope): return [stream, late, leave]
"""


@pytest.mark.parametrize(
    ("path", "error"), [("stream", "no more rows"), ("late", "too late"), ("exit", "SystemExit: 3")], ids=["stream", "late", "exit"]
)
def test_an_error_that_nothing_answers_is_logged_with_its_plugin(
    project: Project, caplog: pytest.LogCaptureFixture, path: str, error: str
) -> None:
    project.install("acme-a", SOURCE)

    async def request() -> None:
        async with Host(project.settings) as host, asgi_client_of(host) as client:
            with contextlib.suppress(SystemExit):  # the client answers for the server, except this
                await client.get(f"/acme__a/{path}", headers={"X-Request-Id": "abc"})

    asyncio.run(request())
    (record,) = [record for record in caplog.records if record.name == "host.web"]
    assert record.getMessage() == f"GET /acme__a/{path} of acme__a failed, request abc"
    assert error in caplog.text


def test_a_request_that_the_server_cancels_is_not_logged(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    source = """
        import asyncio
        from litestar import get
        reached = asyncio.Event()
        @get("/wait")
        async def wait() -> str:
            reached.set()
            await asyncio.sleep(60)
        @hookimpl
        def register_routes(scope): return wait
    """
    project.install("acme-a", source)

    async def cancel() -> None:
        async with Host(project.settings) as host, asgi_client_of(host) as client:
            request = asyncio.create_task(client.get("/acme__a/wait"))
            await host.plugins.acme__a.object.reached.wait()
            request.cancel()
            await asyncio.wait({request})

    asyncio.run(cancel())
    assert [record for record in caplog.records if record.name == "host.web"] == []

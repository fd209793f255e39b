"""Every error is logged under the request id that the client gets, wherever the error comes from."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from litestar.exceptions import WebSocketDisconnect

from tests.distributions import Project
from tests.host.running import client_of

#: Functions that fail, and a route at ``/`` with the options of a test.
SOURCE = """
    from litestar import Response, WebSocket, get, websocket
    from litestar.di import NamedDependency, Provide
    from litestar.exceptions import HTTPException, InternalServerException, NotFoundException
    from pymongo.errors import AutoReconnect

    def unavailable(*arguments): raise HTTPException("try later", status_code=503)
    def broken(*arguments): raise ValueError("the password is hunter2")
    def dependency() -> int: raise HTTPException("try later", status_code=503)
    def response(request, error): return Response("own", status_code=418)

    def failing_middleware(app):
        async def fail(scope, receive, send):
            raise HTTPException("try later", status_code=503)
        return fail

    def copying_middleware(app):
        async def copy(scope, receive, send):
            await app(dict(scope), receive, send)
        return copy

    {around}

    @get("/", sync_to_thread=False, {options})
    def handler({arguments}) -> object:
        {body}

    @hookimpl
    def register_routes(scope): return handler
"""
UNAVAILABLE = "unavailable()"
LAYER = "@hookimpl\n    def register_layer(scope): return Layer({})"
MIDDLEWARE = "@hookimpl\n    def register_middleware(scope): return {}"


def source(body: str = "return None", *, around: str = "", options: str = "", arguments: str = "") -> str:
    return SOURCE.format(body=body, around=around, options=options, arguments=arguments)


LOGGED = {
    "an HTTP error of the handler": (source(UNAVAILABLE), 503),
    "another HTTP error of the handler": (source("raise HTTPException('upstream', status_code=502)"), 502),
    "an internal error that Litestar knows": (source("raise InternalServerException('hunter2')"), 500),
    "an unexpected error": (source("broken()"), 500),
    "a result that cannot be serialized": (source("return object()"), 500),
    "a database that does not answer": (source("raise AutoReconnect('connection closed')"), 503),
    "a guard": (source(options="guards=[unavailable]"), 503),
    "a guard of the layer": (source(around=LAYER.format("guards=[unavailable]")), 503),
    "a dependency": (
        source(options="dependencies={'it': Provide(dependency, sync_to_thread=False)}", arguments="it: NamedDependency[int]"),
        503,
    ),
    "before_request": (source(options="before_request=unavailable"), 503),
    "after_request": (source(options="after_request=broken"), 500),
    "middleware of the route": (source(options="middleware=[failing_middleware]"), 503),
    "middleware of the plugin": (source(around=MIDDLEWARE.format("failing_middleware")), 503),
    "a handler behind middleware that copies the scope": (source("broken()", around=MIDDLEWARE.format("copying_middleware")), 500),
    "a handler beside an exception handler for other errors": (
        source(UNAVAILABLE, options="exception_handlers={KeyError: response}"),
        503,
    ),
    "an exception handler that raises an HTTP error": (
        source("broken()", options="exception_handlers={ValueError: unavailable}"),
        503,
    ),
    "an exception handler of the layer that fails": (
        source(UNAVAILABLE, around=LAYER.format("exception_handlers={HTTPException: broken}")),
        500,
    ),
    "an exception handler for everything that fails": (source("broken()", options="exception_handlers={Exception: broken}"), 500),
    "an exception handler that returns no response": (
        source(UNAVAILABLE, options="exception_handlers={503: lambda request, error: 'later'}"),
        500,
    ),
}


def ids(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the request ids in the log, one per entry."""
    matches = [re.search(r" of shop__cart failed, request (\S+?)(: |$)", record.getMessage()) for record in caplog.records]
    return [match[1] if match else "" for match in matches]


@pytest.mark.parametrize("place", LOGGED)
def test_an_error_is_logged_once_under_the_id_that_the_client_gets(
    project: Project, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    plugin, status = LOGGED[place]
    project.install("shop-cart", plugin)
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        answer = client.get("/shop__cart")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["requestId"] == answer.headers["x-request-id"]
    assert ids(caplog) == [answer.headers["x-request-id"]]
    assert "hunter2" not in answer.text


def test_each_request_has_an_id_of_its_own(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("shop-cart", source(UNAVAILABLE))
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        answers = [client.get("/shop__cart").json()["requestId"] for _ in range(3)]
    assert ids(caplog) == answers
    assert len(set(answers)) == 3


def test_a_failing_handler_for_paths_without_a_route_gets_a_response_and_is_logged_too(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("shop-cart", source(around=LAYER.format("exception_handlers={404: broken}")))
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        answer = client.get("/shop__cart/nothing")
    assert answer.status_code == 500
    assert f"GET /shop__cart/nothing of host failed, request {answer.json()['requestId']}" in caplog.text


def test_the_response_of_a_successful_exception_handler_is_sent_and_nothing_is_logged(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("shop-cart", source(UNAVAILABLE, options="exception_handlers={503: response}"))
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        answer = client.get("/shop__cart")
    assert (answer.status_code, answer.text, ids(caplog)) == (418, "own", [])


def test_a_client_error_has_a_request_id_and_is_not_logged(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("shop-cart", source("raise HTTPException('no room', status_code=409)"))
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        answer = client.get("/shop__cart")
    assert answer.json()["requestId"] == answer.headers["x-request-id"]
    assert ids(caplog) == []


WEBSOCKET: dict[str, Any] = {
    "before it is accepted": "broken()",
    "after it is accepted": "await socket.accept()\n        broken()",
    "an HTTP error": "unavailable()",
}


@pytest.mark.parametrize("when", WEBSOCKET)
def test_an_error_of_a_websocket_is_logged_under_the_id_that_the_client_sent(
    project: Project, caplog: pytest.LogCaptureFixture, when: str
) -> None:
    handler = f"""
    @websocket("/feed")
    async def feed(socket: WebSocket) -> None:
        {WEBSOCKET[when]}

    @hookimpl
    def register_plugins(scope):
        class Feed:
            @hookimpl
            def register_routes(self, scope): return feed
        return Child(Feed, "feed")
    """
    project.install("shop-cart", source(around=handler))
    with (
        caplog.at_level(logging.ERROR, "host.web"),
        client_of(project) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/shop__cart/feed", headers={"X-Request-Id": "abc-1"}) as socket,
    ):
        socket.receive_text()
    assert [record.getMessage() for record in caplog.records] == [
        "WEBSOCKET /shop__cart/feed of shop__cart.feed failed, request abc-1"
    ]

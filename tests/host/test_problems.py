"""The response to a request that fails."""

from __future__ import annotations

import logging

import pytest
from litestar.exceptions import WebSocketDisconnect

from tests.distributions import Project
from tests.host.running import client_of

SOURCE = """
    from litestar import get
    from litestar.exceptions import HTTPException
    from litestar.params import FromPath, FromQuery

    @get("/boom", sync_to_thread=False)
    def boom() -> None:
        raise ValueError("the password is hunter2")

    @get("/full", sync_to_thread=False)
    def full() -> None:
        raise HTTPException("no room", status_code=402, extra={"limit": 3})

    @get("/number/{number:int}", sync_to_thread=False)
    def number(number: FromPath[int], factor: FromQuery[int]) -> int:
        return number * factor

    @hookimpl
    def register_routes(scope):
        return [boom, full, number]
"""


def test_a_problem_is_rfc_9457_with_the_id_of_the_request(project: Project) -> None:
    project.install("shop-cart", SOURCE)
    with client_of(project) as client:
        answer = client.get("/shop__cart/full", headers={"X-Request-Id": "abc-1"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Payment Required",
        "status": 402,
        "detail": "no room",
        "requestId": "abc-1",
        "extra": {"limit": 3},
    }


def test_an_unexpected_error_reveals_nothing_and_is_logged_with_its_plugin(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("shop-cart", SOURCE)
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        answer = client.get("/shop__cart/boom")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert f"GET /shop__cart/boom of shop__cart failed, request {answer.json()['requestId']}" in caplog.text


@pytest.mark.parametrize(
    ("path", "status"), [("/shop__cart/number/2", 400), ("/shop__cart/number/x?factor=1", 404), ("/nowhere", 404)]
)
def test_an_invalid_request_and_an_unknown_path_are_problems(project: Project, path: str, status: int) -> None:
    project.install("shop-cart", SOURCE)
    with client_of(project) as client:
        answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_a_request_id_that_could_forge_a_log_line_is_replaced(project: Project) -> None:
    project.install("shop-cart", SOURCE)
    with client_of(project) as client:
        answer = client.get("/nowhere", headers={"X-Request-Id": "a b\tc"})
    assert answer.json()["requestId"] != "a b\tc"


def test_a_path_that_could_forge_a_log_line_is_logged_as_it_was_sent(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get
        from litestar.params import FromPath

        @get("/named/{name:str}", sync_to_thread=False)
        def named(name: FromPath[str]) -> None:
            raise ValueError("boom")

        @hookimpl
        def register_routes(scope):
            return named
        """,
    )
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        client.get("/shop__cart/named/a%0AERROR%20forged")
    assert [record.getMessage().partition(" of ")[0] for record in caplog.records] == ["GET /shop__cart/named/a%0AERROR%20forged"]


def test_a_plugins_own_server_error_is_logged_and_litestars_is_hidden(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install(
        "shop-cart",
        """
        from litestar import get
        from litestar.exceptions import HTTPException, InternalServerException

        @get("/busy", sync_to_thread=False)
        def busy() -> None:
            raise HTTPException("try later", status_code=503)

        @get("/internal", sync_to_thread=False)
        def internal() -> None:
            raise InternalServerException("the password is hunter2")

        @hookimpl
        def register_routes(scope):
            return [busy, internal]
        """,
    )
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        assert client.get("/shop__cart/busy").json()["detail"] == "try later"
        assert "hunter2" not in client.get("/shop__cart/internal").text
    assert [record.getMessage().partition(" failed")[0] for record in caplog.records] == [
        "GET /shop__cart/busy of shop__cart",
        "GET /shop__cart/internal of shop__cart",
    ]


SOCKETS = """
    from litestar import WebSocket, websocket
    from litestar.exceptions import PermissionDeniedException

    @websocket("/broken")
    async def broken(socket: WebSocket) -> None:
        await socket.accept()
        raise ValueError("the password is hunter2")

    @websocket("/refused")
    async def refused(socket: WebSocket) -> None:
        raise PermissionDeniedException("not you")

    @websocket("/left")
    async def left(socket: WebSocket) -> None:
        await socket.accept()
        await socket.receive_text()

    @hookimpl
    def register_routes(scope):
        return [broken, refused, left]
"""


def test_an_unexpected_error_of_a_websocket_reveals_nothing_and_is_logged_with_its_plugin(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("shop-cart", SOCKETS)
    with (
        caplog.at_level(logging.ERROR, "host.web"),
        client_of(project) as client,
        client.websocket_connect("/shop__cart/broken") as socket,
        pytest.raises(WebSocketDisconnect) as closed,
    ):
        socket.receive_text()
    assert "hunter2" not in closed.value.detail
    assert "WEBSOCKET /shop__cart/broken of shop__cart failed" in caplog.text
    assert "ValueError: the password is hunter2" in caplog.text


def test_a_websocket_that_is_refused_or_left_is_not_logged(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("shop-cart", SOCKETS)
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/shop__cart/refused"):
            pass
        with client.websocket_connect("/shop__cart/left"):
            pass
    assert [record.getMessage() for record in caplog.records] == []


LOST = """
    from litestar import get, post
    from pymongo.errors import AutoReconnect, ServerSelectionTimeoutError

    @get("/read")
    async def read() -> None:
        raise ServerSelectionTimeoutError("127.0.0.1:27017: connection refused")

    @post("/write")
    async def write() -> None:
        raise AutoReconnect("127.0.0.1:27017: connection closed")

    @hookimpl
    def register_routes(scope):
        return [read, write]
"""


@pytest.mark.parametrize(("method", "path", "unknown"), [("GET", "read", False), ("POST", "write", True)])
def test_a_database_that_does_not_respond_is_a_503_with_retry_after(
    project: Project, caplog: pytest.LogCaptureFixture, method: str, path: str, unknown: bool
) -> None:
    project.install("shop-cart", LOST)
    with caplog.at_level(logging.ERROR, "host.web"), client_of(project) as client:
        answer = client.request(method, f"/shop__cart/{path}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "the database does not answer" in answer.json()["detail"]
    assert ("whether the request was carried out is not known" in answer.json()["detail"]) is unknown
    assert "127.0.0.1" not in answer.text
    assert f"{method} /shop__cart/{path} of shop__cart failed, request {answer.json()['requestId']}" in caplog.text


def test_a_plugins_own_exception_handler_takes_precedence_over_the_hosts_for_the_database(project: Project) -> None:
    layer = """
    from hookspecs import Layer
    from litestar import Response

    @hookimpl
    def register_layer(scope):
        return Layer(exception_handlers={Exception: lambda request, error: Response("own", status_code=418)})
    """
    project.install("shop-cart", LOST + layer)
    with client_of(project) as client:
        assert client.get("/shop__cart/read").status_code == 418

"""Paths, queries, methods and headers that no well-behaved client sends."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from tests.bad_input.answers import TASKS, check_problem
from tests.serverkit import Server


@pytest.mark.parametrize(
    "identifier",
    ["not-a-uuid", "1", "a" * 5000, "%00", "%ff", "..%2f..%2fetc%2fpasswd", '{"$ne":1}', "%F0%9F%92%A9", "a/b/c/d"],
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_id_that_is_not_a_uuid_is_a_404(client: httpx.Client, method: str, identifier: str) -> None:
    """No route matches it, so nothing exists at that path."""
    check_problem(client.request(method, f"{TASKS}/{identifier}", json={"title": "a"} if method == "PATCH" else None), 404)


@pytest.mark.parametrize(
    "query",
    [
        "title=%00",
        "limit=0",
        "limit=99999999999999999999999",
        "limit=1e3",
        "limit[$gt]=1&limit=x",
        "cursor=%00",
        "cursor=AAAA",
        "cursor=" + "A" * 3000,
        "sort=$where",
        "sort=-_id",
        "deleted=maybe",
        "status={%22$ne%22:%22open%22}",
    ],
)
def test_an_invalid_query_is_a_400(client: httpx.Client, query: str) -> None:
    check_problem(client.get(f"{TASKS}?{query}"), 400)


@pytest.mark.parametrize(
    "query", ["title=%ff", "title=%ED%A0%80", "title=(((((", "tag=%7B%22$gt%22:%22%22%7D", "tag=%00", "title=$where"]
)
def test_a_filter_is_treated_as_a_string_only(client: httpx.Client, query: str) -> None:
    client.post(TASKS, json={"title": "Anything"})
    answer = client.get(f"{TASKS}?{query}")
    assert (answer.status_code, answer.json()["body"]["items"]) == (200, [])


@pytest.mark.parametrize("query", ["=&&&=", "%", "&" * 2000, "a=" + "b" * 60_000])
def test_an_empty_query_changes_nothing(client: httpx.Client, query: str) -> None:
    assert client.get(f"{TASKS}?{query}").json() == client.get(TASKS).json()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "BREW"])
def test_an_unsupported_method_is_a_405_that_lists_the_supported_methods(client: httpx.Client, method: str) -> None:
    answer = client.request(method, TASKS)
    check_problem(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("identifier", ["a b", "a%0d%0aSet-Cookie:x=1", "a" * 200, "\xe9"])
def test_a_request_id_with_unsafe_characters_is_replaced(client: httpx.Client, identifier: str) -> None:
    answer = client.get(f"{TASKS}/x", headers={"X-Request-Id": identifier.encode("latin-1")})
    assert check_problem(answer, 404)["requestId"] != identifier
    assert "set-cookie" not in answer.headers


GET = f"GET {TASKS} HTTP/1.1\r\nHost: x\r\n".encode()
POST = f"POST {TASKS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"\x16\x03\x01\x02\x00\r\n\r\n", 400, id="TLS"),
        pytest.param(GET + b"X: a\0b\r\n\r\n", 400, id="NUL in a header"),
        pytest.param(GET.replace(b"task", b"\xff\xfe") + b"\r\n", 400, id="bytes in the path"),
        pytest.param(GET + b"".join(b"X-%d: a\r\n" % number for number in range(2000)) + b"\r\n", 431, id="many headers"),
        pytest.param(GET.replace(b"task", b"task?a=" + b"a" * 900_000) + b"\r\n", 431, id="long URL"),
        pytest.param(POST + b"Content-Length: -1\r\n\r\n", 400, id="negative length"),
        pytest.param(POST + b"Content-Length: 20000000\r\n\r\n", 413, id="announced length"),
        pytest.param(POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, id="two lengths"),
        pytest.param(CHUNKED + b"ZZ\r\n\r\n", 400, id="chunk without a length"),
        pytest.param(CHUNKED + (b"100000\r\n" + b"a" * 2**20 + b"\r\n") * 11, 413, id="long chunks"),
    ],
)
def test_malformed_http_is_refused(server: Server, sent: bytes, status: int) -> None:
    assert _status(server, sent) == status


def _status(server: Server, sent: bytes) -> int:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(sent)
        answer = b""
        while b"\r\n" not in answer and (more := connection.recv(65536)):
            answer += more
    return int(answer.split()[1])


def test_bad_input_logs_no_server_error(server: Server) -> None:
    """This runs after the tests above, and also holds on its own."""
    assert "Traceback" not in server.stderr
    assert httpx.get(f"{server.url}/health/ready").json()["status"] == "ready"

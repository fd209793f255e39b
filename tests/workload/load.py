"""Many concurrent requests, and their results."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from tests.serverkit import Server

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT = 32
TASKS = "/acme__todo/task"

#: Only these two plugins; the free plan has a limit.
TOML = """
[plugins]
enabled = ["acme-todo", "acme-billing"]

[plugins.acme__billing]
options = {{ limits = {{ free = {limit} }} }}
"""


class Http:
    """Send requests, each on a connection that no other request uses at the same time.

    This is a pool of clients with one connection each: the time that a client takes for a request grows with its connections.

    Args:
        url: the URL of the server.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._context = ssl.create_default_context()
        self._free: list[httpx.AsyncClient] = []

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request and return the response; a connection on which it failed is not used again."""
        connection = self._free.pop() if self._free else httpx.AsyncClient(base_url=self._url, timeout=30, verify=self._context)
        try:
            answer = await connection.request(method, path, **more)
        except httpx.TransportError:
            await connection.aclose()
            raise
        self._free.append(connection)
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Send GET."""
        return await self.request("GET", path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        """Send POST."""
        return await self.request("POST", path, **more)

    async def patch(self, path: str, **more: Any) -> httpx.Response:
        """Send PATCH."""
        return await self.request("PATCH", path, **more)

    async def delete(self, path: str) -> httpx.Response:
        """Send DELETE."""
        return await self.request("DELETE", path)

    async def close(self) -> None:
        """Close all connections."""
        for connection in self._free:
            await connection.aclose()


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Http]:
    """Yield a client that is closed at the end."""
    http = Http(url)
    try:
        yield http
    finally:
        await http.close()


def run(server: Server, work: Callable[[Http], Awaitable[R]]) -> R:
    """Run a coroutine function with a client of the server."""

    async def begin() -> R:
        async with client(server.url) as http:
            return await work(http)

    return asyncio.run(begin())


async def each(function: Callable[[T], Awaitable[R]], values: Iterable[T]) -> list[R]:
    """Call a function for each value, at most 32 at a time.

    Returns:
        The results, in the order of the values.
    """
    waiting = list(enumerate(values))[::-1]
    results: dict[int, R] = {}

    async def work() -> None:
        while waiting:
            index, value = waiting.pop()
            results[index] = await function(value)

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return [results[index] for index in sorted(results)]


async def create(http: Http, **fields: Any) -> dict[str, Any]:
    """Create a task and return its row."""
    answer = await http.post(TASKS, json=fields)
    assert answer.status_code == 201, answer.text
    (item,) = answer.json()["body"]["items"]
    return item


async def all_pages(http: Http, between: Callable[[], Awaitable[None]] | None = None, **query: Any) -> list[dict[str, Any]]:
    """Return all rows of a list, page by page.

    Args:
        http: the client.
        between: awaited after each page.
        query: filters and order.
    """
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = await http.get(TASKS, params={**query, **({} if cursor is None else {"cursor": cursor})})
        assert answer.status_code == 200, answer.text
        body = answer.json()["body"]
        items += body["items"]
        cursor = body["page"]["next"]
        if cursor is None:
            return items
        if between is not None:
            await between()


async def used(http: Http) -> int:
    """Return how many units of the quota are reserved."""
    answer = await http.get("/acme__billing/quota")
    assert answer.status_code == 200, answer.text
    return answer.json()["used"]


def ids(items: Iterable[dict[str, Any]]) -> set[str]:
    """Return the ids of rows, each of which must occur once."""
    counted = Counter(item["id"] for item in items)
    assert not (twice := [identifier for identifier, times in counted.items() if times > 1]), f"{len(twice)} tasks came twice"
    return set(counted)

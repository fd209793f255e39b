"""Clients of channels that speak ASGI to a host in this process: what they send and take is under a test's control."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from host import Host

#: Seconds that anything may take.
PATIENCE = 10.0


@dataclass
class Client:
    """One connection."""

    sent: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    given: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    #: While it is not set, the client takes nothing.
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def receive(self) -> Any:
        """What the application reads."""
        return await self.sent.get()

    async def send(self, event: Any) -> None:
        """What the application writes."""
        await self.takes.wait()
        self.given.put_nowait(event)

    async def event(self) -> Any:
        """The next thing that the application writes."""
        async with asyncio.timeout(PATIENCE):
            return await self.given.get()

    async def gone(self) -> None:
        """Wait until the application is done with the connection."""
        assert self.task is not None
        async with asyncio.timeout(PATIENCE):
            await self.task


class Socket(Client):
    """A WebSocket."""

    def tell(self, what: Any) -> None:
        """Send a message: text as it is, bytes as a binary one, anything else as JSON."""
        kind = "bytes" if isinstance(what, bytes) else "text"
        self.sent.put_nowait({"type": "websocket.receive", kind: what if isinstance(what, str | bytes) else json.dumps(what)})

    async def hear(self) -> Any:
        """The next message."""
        event = await self.event()
        assert event["type"] == "websocket.send", event
        return json.loads(event["text"])

    async def ask(self, what: Any) -> Any:
        """Send a message, and get the next one."""
        self.tell(what)
        return await self.hear()

    async def subscribe(self, *channels: str) -> None:
        """Subscribe, and wait until that is done."""
        for channel in channels:
            assert await self.ask({"subscribe": channel, "ack": True}) == {"subscribed": channel}

    async def quiet(self) -> bool:
        """Whether nothing was written before now."""
        answer = await self.ask({"ping": "quiet"})
        return bool(answer == {"pong": "quiet"})

    async def closed(self) -> tuple[int, str]:
        """Code and reason of the close, whatever comes before."""
        while (event := await self.event())["type"] != "websocket.close":
            continue
        return event["code"], event["reason"]

    def leave(self) -> None:
        """Close from this side."""
        self.sent.put_nowait({"type": "websocket.disconnect", "code": 1000})


class Stream(Client):
    """Server-sent events."""

    status = 0
    headers: Mapping[str, str] = {}
    text = ""

    async def begin(self) -> None:
        """Wait for the head of the answer."""
        head = await self.event()
        self.status = head["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in head["headers"]}

    async def hear(self) -> str:
        """The next block between two empty lines."""
        while "\n\n" not in self.text:
            event = await self.event()
            assert event.get("more_body") or event["body"], "the stream has ended"
            self.text += event["body"].decode()
        block, _, self.text = self.text.partition("\n\n")
        return block

    async def message(self) -> tuple[str, Any]:
        """Id and data of the next message."""
        fields = dict(line.split(": ", 1) for line in (await self.hear()).split("\n"))
        return fields["id"], json.loads(fields["data"])

    async def rest(self) -> str:
        """All that comes until the end."""
        while (event := await self.event()).get("more_body"):
            self.text += event["body"].decode()
        return self.text + str(event["body"].decode())

    def leave(self) -> None:
        """Close from this side."""
        self.sent.put_nowait({"type": "http.disconnect"})


def _scope(kind: str, path: str, query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    scope |= {"method": "GET"} if kind == "http" else {"subprotocols": []}
    return scope


async def broadcast(host: Host, channel: str, *messages: Any) -> None:
    """Have the plugin that declares a channel broadcast some messages.

    Args:
        host: started.
        channel: its name on the wire.
        messages: in their order.
    """
    plugin, _, key = channel.partition("--")
    for message in messages:
        await host.plugins[plugin].scope.broadcast(key, message)


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: {what}"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def _connected(client: Client, host: Host, scope: dict[str, Any], *, door: bool) -> AsyncIterator[None]:
    client.takes.set()
    application: Any = host.asgi if door else host.app
    client.task = asyncio.create_task(application(scope, client.receive, client.send))
    try:
        yield
    finally:
        client.takes.set()
        client.leave()  # type: ignore[attr-defined]  # both kinds have it
        await asyncio.wait({client.task}, timeout=PATIENCE)
        assert client.task.done(), "the connection goes on"


@asynccontextmanager
async def socket(host: Host, headers: Mapping[str, str] | None = None, *, door: bool = False) -> AsyncIterator[Socket]:
    """A WebSocket to ``/channels`` that is accepted.

    Args:
        host: started.
        headers: of the request.
        door: whether it comes through the door that a server uses.
    """
    client = Socket()
    client.sent.put_nowait({"type": "websocket.connect"})
    async with _connected(client, host, _scope("websocket", "/channels", "", headers or {}), door=door):
        event = await client.event()
        assert event["type"] == "websocket.accept", event
        yield client


@asynccontextmanager
async def stream(
    host: Host, *channels: str, headers: Mapping[str, str] | None = None, door: bool = False, **query: Any
) -> AsyncIterator[Stream]:
    """Server-sent events of some channels; the head of the answer has come.

    Args:
        host: started.
        channels: their names on the wire.
        headers: of the request.
        door: whether it comes through the door that a server uses.
        query: further parameters.
    """
    client = Stream()
    client.sent.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    text = urlencode([*(("channel", one) for one in channels), *query.items()])
    async with _connected(client, host, _scope("http", "/channels/events", text, headers or {}), door=door):
        await client.begin()
        yield client

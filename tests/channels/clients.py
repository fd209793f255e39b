"""Clients of channels that speak ASGI to a host in this process, so that a test controls what they send and when they read."""

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

#: Seconds after which a test stops waiting.
PATIENCE = 60.0


@dataclass
class Client:
    """One connection."""

    sent: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    written: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    #: While it is not set, the client does not read.
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def receive(self) -> Any:
        """Return the next event for the application."""
        return await self.sent.get()

    async def send(self, event: Any) -> None:
        """Accept an event from the application."""
        await self.reading.wait()
        self.written.put_nowait(event)

    async def next_event(self) -> Any:
        """Return the next event that the application has written."""
        async with asyncio.timeout(PATIENCE):
            return await self.written.get()

    async def ended(self) -> None:
        """Wait until the application has ended the connection."""
        assert self.task is not None
        async with asyncio.timeout(PATIENCE):
            await self.task


class Socket(Client):
    """A WebSocket."""

    def send_message(self, what: Any) -> None:
        """Send a message: a string as text, bytes as a binary message, anything else as JSON."""
        kind = "bytes" if isinstance(what, bytes) else "text"
        self.sent.put_nowait({"type": "websocket.receive", kind: what if isinstance(what, str | bytes) else json.dumps(what)})

    async def next_message(self) -> Any:
        """Return the next message."""
        event = await self.next_event()
        assert event["type"] == "websocket.send", event
        return json.loads(event["text"])

    async def request(self, what: Any) -> Any:
        """Send a message and return the next one that arrives."""
        self.send_message(what)
        return await self.next_message()

    async def subscribe(self, *channels: str) -> None:
        """Subscribe to channels and wait for the acknowledgements."""
        for channel in channels:
            assert await self.request({"subscribe": channel, "ack": True}) == {"subscribed": channel}

    async def received_nothing(self) -> bool:
        """Return whether nothing was written up to now."""
        answer = await self.request({"ping": "quiet"})
        return bool(answer == {"pong": "quiet"})

    async def closed(self) -> tuple[int, str]:
        """Skip everything up to the close; return its code and reason."""
        while (event := await self.next_event())["type"] != "websocket.close":
            continue
        return event["code"], event["reason"]

    def disconnect(self) -> None:
        """Disconnect from the side of the client."""
        self.sent.put_nowait({"type": "websocket.disconnect", "code": 1000})


class Stream(Client):
    """Server-sent events."""

    status = 0
    headers: Mapping[str, str] = {}
    text = ""

    async def begin(self) -> None:
        """Wait for the status and the headers."""
        head = await self.next_event()
        self.status = head["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in head["headers"]}

    async def next_block(self) -> str:
        """Return the next block between two empty lines."""
        while "\n\n" not in self.text:
            event = await self.next_event()
            assert event.get("more_body") or event["body"], "the stream has ended"
            self.text += event["body"].decode()
        block, _, self.text = self.text.partition("\n\n")
        return block

    async def next_message(self) -> tuple[str, Any]:
        """Return id and data of the next message."""
        fields = dict(line.split(": ", 1) for line in (await self.next_block()).split("\n"))
        return fields["id"], json.loads(fields["data"])

    async def rest(self) -> str:
        """Return everything up to the end of the stream."""
        while (event := await self.next_event()).get("more_body"):
            self.text += event["body"].decode()
        return self.text + str(event["body"].decode())

    def disconnect(self) -> None:
        """Disconnect from the side of the client."""
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
    """Have the plugin that declares a channel broadcast messages.

    Args:
        host: a started host.
        channel: the wire name of the channel.
        messages: the messages, in order.
    """
    plugin, _, key = channel.partition("--")
    for message in messages:
        await host.plugins[plugin].scope.broadcast(key, message)


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: {what}"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def _connected(client: Client, host: Host, scope: dict[str, Any], *, gated: bool) -> AsyncIterator[None]:
    client.reading.set()
    application: Any = host.asgi if gated else host.app
    client.task = asyncio.create_task(application(scope, client.receive, client.send))
    try:
        yield
    finally:
        client.reading.set()
        client.disconnect()  # type: ignore[attr-defined]  # both kinds have it
        await asyncio.wait({client.task}, timeout=PATIENCE)
        assert client.task.done(), "the connection goes on"


@asynccontextmanager
async def socket(host: Host, headers: Mapping[str, str] | None = None, *, gated: bool = False) -> AsyncIterator[Socket]:
    """Yield an accepted WebSocket to ``/channels``.

    Args:
        host: a started host.
        headers: the headers of the request.
        gated: whether the request passes the readiness gate, as it does on a server.
    """
    client = Socket()
    client.sent.put_nowait({"type": "websocket.connect"})
    async with _connected(client, host, _scope("websocket", "/channels", "", headers or {}), gated=gated):
        event = await client.next_event()
        assert event["type"] == "websocket.accept", event
        yield client


@asynccontextmanager
async def stream(
    host: Host, *channels: str, headers: Mapping[str, str] | None = None, gated: bool = False, **query: Any
) -> AsyncIterator[Stream]:
    """Yield an event stream of some channels, whose status and headers have arrived.

    Args:
        host: a started host.
        channels: the wire names of the channels.
        headers: the headers of the request.
        gated: whether the request passes the readiness gate, as it does on a server.
        query: further query parameters.
    """
    client = Stream()
    client.sent.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    text = urlencode([*(("channel", channel) for channel in channels), *query.items()])
    async with _connected(client, host, _scope("http", "/channels/events", text, headers or {}), gated=gated):
        await client.begin()
        yield client

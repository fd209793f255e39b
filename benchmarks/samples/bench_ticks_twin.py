"""A hand-written application with Litestar's channels, used as its documentation shows."""

from __future__ import annotations

from bench_ticks import PATH, tick
from litestar import Litestar, Router, WebSocket, get, websocket
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.di import NamedDependency

CHANNEL = "bench__ticks--tick"


@get(PATH)
async def send(channels: NamedDependency[ChannelsPlugin], size: int = 64) -> None:
    await channels.wait_published(tick(size), CHANNEL)


@websocket("/channels")
async def listen(socket: WebSocket, channels: NamedDependency[ChannelsPlugin]) -> None:
    await socket.accept()
    async with (
        channels.start_subscription(CHANNEL) as subscriber,
        subscriber.run_in_background(socket.send_text),
    ):
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass


app = Litestar(
    [Router("/bench__ticks", route_handlers=[send]), listen],
    plugins=[ChannelsPlugin(MemoryChannelsBackend(), channels=[CHANNEL])],
)

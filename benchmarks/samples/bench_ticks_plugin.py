"""The plugin of :mod:`bench_ticks`: each HTTP request makes it broadcast."""

from __future__ import annotations

from bench_ticks import PATH, Tick, tick
from litestar import get
from litestar.handlers import HTTPRouteHandler

from hookspecs import Channel, Scope, hookimpl


@get(PATH)
async def send(plugin_scope: Scope, size: int = 64) -> None:
    await plugin_scope.broadcast("tick", tick(size))


@hookimpl
def register_routes() -> HTTPRouteHandler:
    return send


@hookimpl
def register_channels() -> Channel:
    return Channel("tick", Tick)

"""The plugin of :mod:`bench_echo`."""

from __future__ import annotations

from bench_echo import echo
from litestar.handlers import HTTPRouteHandler

from hookspecs import hookimpl


@hookimpl
def register_routes() -> HTTPRouteHandler:
    return echo

"""The plugin of :mod:`bench_orders`."""

from __future__ import annotations

from collections.abc import Sequence

from bench_orders import Order, OrderController

from hookspecs import hookimpl


@hookimpl
def register_models() -> Sequence[type[Order]]:
    return [Order]


@hookimpl
def register_routes() -> Sequence[type[OrderController]]:
    return [OrderController]

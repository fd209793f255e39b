"""Measure a route five scopes deep that inherits a guard and a service, against equally nested Litestar routers.

The method is that of :mod:`benchmarks.throughput`.
"""

from __future__ import annotations

from typing import Final

from benchmarks.report import Figure
from benchmarks.throughput import Pair, compared

_DEEP: Final = Pair(
    "deep",
    "/bench__deep/second/third/fourth/fifth/echo/42?text=hello",
    "requests per second, five scopes deep, plugins : Litestar",
)


def measure(*, quick: bool = False) -> list[Figure]:
    """Load both servers in turns."""
    return [compared(_DEEP, quick=quick)]

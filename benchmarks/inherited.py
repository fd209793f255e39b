"""A route five scopes deep with a guard and a service of the outermost, against the same nesting of Litestar's own routers.

Measured as :mod:`benchmarks.throughput` does it.
"""

from __future__ import annotations

from typing import Final

from benchmarks.report import Figure
from benchmarks.throughput import Pair, compared

_DEEP: Final = Pair(
    "deep",
    "/bench__deep/second/third/fourth/fifth/echo/42?text=hello",
    "requests a second, five scopes deep, plugins : Litestar",
)


def measure(*, quick: bool = False) -> list[Figure]:
    """Load both servers in turns."""
    return [compared(_DEEP, quick=quick)]

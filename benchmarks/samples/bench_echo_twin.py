"""A hand-written application with the same handler under the same prefix."""

from __future__ import annotations

from bench_echo import echo
from litestar import Litestar, Router

app = Litestar([Router("/bench__echo", route_handlers=[echo])])

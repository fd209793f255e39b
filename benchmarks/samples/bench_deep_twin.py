"""A hand-written application with the same handler, guard, service and nesting."""

from __future__ import annotations

from bench_deep import Words, echo, guard
from litestar import Litestar, Router
from litestar.di import Provide

WORDS = Words("some", "words")


def words() -> Words:
    return WORDS


fifth = Router("/fifth", route_handlers=[echo])
fourth = Router("/fourth", route_handlers=[fifth])
third = Router("/third", route_handlers=[fourth])
second = Router("/second", route_handlers=[third])
first = Router(
    "/bench__deep", route_handlers=[second], guards=[guard], dependencies={"words": Provide(words, sync_to_thread=False)}
)

app = Litestar([first])

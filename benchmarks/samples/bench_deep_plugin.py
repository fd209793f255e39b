"""The plugin of :mod:`bench_deep`: four more lie in each other in it."""

from __future__ import annotations

from bench_deep import Words, echo, guard
from litestar.handlers import HTTPRouteHandler

from hookspecs import Child, Layer, hookimpl

NAMES = ("second", "third", "fourth", "fifth")


class Inner:
    """A plugin with the rest of them in it.

    Args:
        names: of the rest, from the outside in.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    @hookimpl
    def register_plugins(self) -> list[Child]:
        return children(self.names)

    @hookimpl
    def register_routes(self) -> HTTPRouteHandler | None:
        return None if self.names else echo


def children(names: tuple[str, ...]) -> list[Child]:
    """The first of some plugins, with the rest in it."""
    return [Child(Inner(names[1:]), names[0], f"/{names[0]}")] if names else []


@hookimpl
def register_plugins() -> list[Child]:
    return children(NAMES)


@hookimpl
def register_layer() -> Layer:
    return Layer(guards=[guard])


@hookimpl
def register_services() -> dict[str, Words]:
    return {"words": Words("some", "words")}

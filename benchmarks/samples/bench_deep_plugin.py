"""The plugin of :mod:`bench_deep`, with four more plugins nested in each other."""

from __future__ import annotations

from bench_deep import Words, echo, guard
from litestar.handlers import HTTPRouteHandler

from hookspecs import Child, Layer, hookimpl

NAMES = ("second", "third", "fourth", "fifth")


class Inner:
    """A plugin that contains the remaining ones.

    Args:
        names: the names of the remaining plugins, outermost first.
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
    """Return the first of these plugins, which contains the others."""
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

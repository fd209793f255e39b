"""The typed calls and sockets of a few handlers, as they stand in the file."""

from __future__ import annotations

from typing import Any

from litestar import Router

from host.frontend.emit import generate
from tests.frontend.building import plugin


def part(*handlers: Any, package: str, **layer: Any) -> str:
    """What the file says of a plugin ``acme__x`` with these handlers.

    Args:
        handlers: of Litestar.
        package: that of the plugin.
        layer: options of a router around them.
    """
    around = [Router("/", route_handlers=list(handlers), **layer)] if layer else handlers
    return generate([plugin("acme__x", *around, package=package)]).parts["acme__x"]


def signature(*handlers: Any, package: str, **layer: Any) -> str:
    """The type of the only call or socket of these handlers."""
    kinds = ("Read<", "Write<", "Socket<")
    (line,) = (line for line in part(*handlers, package=package, **layer).splitlines() if any(f": {one}" in line for one in kinds))
    return line.partition(": ")[2].rstrip(";")

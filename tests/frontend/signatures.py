"""The typed calls and sockets of a few handlers, as the generated file writes them."""

from __future__ import annotations

from typing import Any

from litestar import Router

from host.frontend.emit import generate
from tests.frontend.building import plugin


def part(*handlers: Any, package: str, **layer: Any) -> str:
    """Return the generated part of a plugin ``acme__x`` with these handlers.

    Args:
        handlers: Litestar handlers.
        package: the plugin's package.
        layer: options of a router around them.
    """
    around = [Router("/", route_handlers=list(handlers), **layer)] if layer else handlers
    return generate([plugin("acme__x", *around, package=package)]).parts["acme__x"]


def signature(*handlers: Any, package: str, **layer: Any) -> str:
    """Return the type of the only call or socket of these handlers."""
    kinds = ("Read<", "Write<", "Socket<")
    (line,) = (
        line for line in part(*handlers, package=package, **layer).splitlines() if any(f": {kind}" in line for kind in kinds)
    )
    return line.partition(": ")[2].rstrip(";")

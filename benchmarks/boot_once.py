"""Assemble one application and print how many seconds that took; ``scale`` runs this in a process of its own.

``host`` discovers, loads, registers and assembles the installed plugins. ``bare`` passes the handlers of the same modules to
``Litestar``; unlike the host's, its time does not include importing them. Both also print the number of routes, which shows
that both assemble the same application.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import beanie  # noqa: F401 - imported here because the time must not include it
from litestar import Litestar

if TYPE_CHECKING:
    from collections.abc import Sequence


def assemble_host(directory: Path) -> tuple[float, Litestar]:
    """Run phases 1 to 4 of a start."""
    from host.common.settings import load_settings
    from host.lifecycle.generation import booted

    start = time.perf_counter()
    _, app = booted(load_settings(directory))
    return time.perf_counter() - start, app


def assemble_bare(modules: Sequence[str]) -> tuple[float, Litestar]:
    """Create one Litestar application from the handlers of these modules."""
    handlers = [handler for name in modules for handler in import_module(name).HANDLERS]
    start = time.perf_counter()
    app = Litestar(handlers)
    return time.perf_counter() - start, app


def main() -> None:
    """Assemble the side that the first argument names, with the number of plugins in the second."""
    side, plugins = sys.argv[1], int(sys.argv[2])
    took, app = assemble_host(Path.cwd()) if side == "host" else assemble_bare([f"bench_plugin{n}" for n in range(plugins)])
    benchmark_routes = sum("/benchmark" in route.path for route in app.routes)
    print(json.dumps({"seconds": took, "routes": benchmark_routes}))


if __name__ == "__main__":
    main()

"""Puts one application together and prints how many seconds that took; run in a process of its own by ``scale``.

``host`` discovers, loads, registers and assembles the installed plugins. ``bare`` gives the handlers of the same modules to
``Litestar`` itself; importing them is not in its time, as it is in the host's. Both print the number of handlers too, so that
it is seen that both put the same together.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import beanie  # noqa: F401 - what both import before the clock runs
from litestar import Litestar

if TYPE_CHECKING:
    from collections.abc import Sequence


def assemble_host(directory: Path) -> tuple[float, Litestar]:
    """The phases 1 to 4 of a start."""
    from host.common.settings import load_settings
    from host.lifecycle.generation import booted

    start = time.perf_counter()
    _, app = booted(load_settings(directory))
    return time.perf_counter() - start, app


def assemble_bare(modules: Sequence[str]) -> tuple[float, Litestar]:
    """The handlers of some modules in one application of Litestar's."""
    handlers = [handler for name in modules for handler in import_module(name).HANDLERS]
    start = time.perf_counter()
    app = Litestar(handlers)
    return time.perf_counter() - start, app


def main() -> None:
    """Do what the first argument says, with the number of plugins in the second."""
    side, plugins = sys.argv[1], int(sys.argv[2])
    took, app = assemble_host(Path.cwd()) if side == "host" else assemble_bare([f"bench_plugin{n}" for n in range(plugins)])
    ours = sum("/benchmark" in route.path for route in app.routes)
    print(json.dumps({"seconds": took, "routes": ours}))


if __name__ == "__main__":
    main()

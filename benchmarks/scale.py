"""Boot 1,000 plugins of three routes each, against ``Litestar([...])`` with the same 3,000 handlers.

The handlers have a path parameter and a query parameter. Litestar's own time is quadratic in the number of routes, so its side
runs in fewer rounds of half a minute each.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.distributions import install_plugin
from benchmarks.growth import LIMIT as GROWTH
from benchmarks.growth import Installed, assembled
from benchmarks.report import Figure, median_ratio, progress, seconds

FEW: Final = 100
MANY: Final = 1000
ROUTES: Final = 3
LIMIT: Final = 1.3

_PLUGIN: Final = '''"""A plugin."""

from litestar import get

from hookspecs import hookimpl


@get("/benchmark{number}/first/{{id:int}}", sync_to_thread=False)
def first(id: int, q: str = "x") -> dict[str, int]:
    return {{"first": id}}


@get("/benchmark{number}/second/{{id:int}}", sync_to_thread=False)
def second(id: int, q: str = "x") -> dict[str, int]:
    return {{"second": id}}


@get("/benchmark{number}/third/{{id:int}}", sync_to_thread=False)
def third(id: int, q: str = "x") -> dict[str, int]:
    return {{"third": id}}


HANDLERS = [first, second, third]


@hookimpl
def register_routes(scope):
    return HANDLERS
'''


def measure(*, quick: bool = False) -> list[Figure]:
    """Time all sides alternately, each time in a fresh process."""
    rounds, bare_rounds = (2, 1) if quick else (7, 3)
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        few, many = _site(Path(name, "few"), FEW), _site(Path(name, "many"), MANY)
        for installed in (few, many):
            assembled("host", installed)  # compiles the modules first, as pip does
        took: dict[str, list[float]] = {"few": [], "many": [], "bare": []}
        for number in range(rounds):
            progress(f"scale: round {number + 1} of {rounds}")
            # Before and after the long run, so that both see the same machine.
            before = assembled("host", few)
            took["many"].append(assembled("host", many))
            took["few"].append((before + assembled("host", few)) / 2)
            if number < bare_rounds:
                took["bare"].append(assembled("bare", many))
    against = median_ratio(took["many"][:bare_rounds], took["bare"])
    sides = {side: seconds(times) for side, times in took.items()}
    return [
        Figure(
            f"{MANY} plugins x {ROUTES} routes assembled : bare Litestar",
            f"{sides['many']} : {sides['bare']}",
            against,
            at_most=LIMIT,
        ),
        Figure(
            f"{MANY} plugins : {FEW} plugins",
            f"{sides['many']} : {sides['few']}",
            median_ratio(took["many"], took["few"]),
            at_most=GROWTH,
        ),
    ]


def _site(site: Path, plugins: int) -> Installed:
    site.mkdir()
    for number in range(plugins):
        install_plugin(site, f"bench-plugin{number}", f"bench_plugin{number}", source=_PLUGIN.format(number=number))
    return Installed(site, plugins, ROUTES)

"""Boot a chain of 1,000 plugins, each of which requires the previous one, against 100: boot is linear and does not recurse."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.distributions import install_plugin
from benchmarks.growth import Installed, growth
from benchmarks.report import Figure

FEW: Final = 100
MANY: Final = 1000

_PLUGIN: Final = '''"""A plugin."""

from litestar import get

from hookspecs import hookimpl


@get("/benchmark{number}", sync_to_thread=False)
def answer() -> dict[str, int]:
    return {{"number": {number}}}


@hookimpl
def register_services():
    return {{"number": {number}}}


@hookimpl
def register_routes():
    return answer
'''


def measure(*, quick: bool = False) -> list[Figure]:
    """Time both chains alternately."""
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        few, many = _chain(Path(name, "few"), FEW), _chain(Path(name, "many"), MANY)
        return [growth("each requires another", few, many, rounds=2 if quick else 7)]


def _chain(site: Path, plugins: int) -> Installed:
    """Install a chain in which the last plugin by name loads first, so that sorting by name does not help."""
    site.mkdir()
    for number in range(plugins):
        requires = [f"bench-plugin{number + 1}>=1"] if number + 1 < plugins else []
        source = _PLUGIN.format(number=number)
        install_plugin(site, f"bench-plugin{number}", f"bench_plugin{number}", requires=requires, source=source)
    return Installed(site, plugins)

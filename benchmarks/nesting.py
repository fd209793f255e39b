"""Boot 200 plugins that are nested ten levels deep, against 20; each has a route, a service and a guard.

There are two shapes: many installed plugins with one line of descendants each, and one installed plugin that contains all others.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.distributions import install_plugin
from benchmarks.growth import Installed, growth
from benchmarks.report import Figure

FEW: Final = 20
MANY: Final = 200
DEPTH: Final = 10

_PLUGIN: Final = '''"""A plugin with lines of nested plugins."""

from litestar import get

from hookspecs import Child, Layer, hookimpl


class Node:
    def __init__(self, number, lines):
        self.number, self.lines = number, lines

    @hookimpl
    def register_plugins(self):
        for position, length in enumerate(self.lines):
            below = Node(self.number + 1, [length - 1] if length > 1 else [])
            yield Child(below, f"inner{{position}}", f"/inner{{position}}")

    @hookimpl
    def register_services(self):
        return {{"nearest": str(self.number), f"number{{self.number}}": self.number}}

    @hookimpl
    def register_layer(self):
        return Layer(guards=[lambda connection, handler: None])

    @hookimpl
    def register_routes(self):
        @get("/benchmark", sync_to_thread=False)
        def answer(nearest: str, number0: int) -> str:
            return f"{{nearest}} of {{number0}}"

        return answer


plugin = Node(0, {lines})
'''


def measure(*, quick: bool = False) -> list[Figure]:
    """Time both shapes, few and many plugins alternately."""
    rounds = 3 if quick else 9
    figures = []
    for shape, install in (("lines of nested plugins", _many_installed), ("all in one", _one_installed)):
        with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
            few, many = install(Path(name, "few"), FEW), install(Path(name, "many"), MANY)
            figures.append(growth(f"{shape}, {DEPTH} deep", few, many, rounds=rounds))
    return figures


def _many_installed(site: Path, plugins: int) -> Installed:
    site.mkdir()
    for number in range(plugins // DEPTH):
        _install(site, number, [DEPTH - 1])
    return Installed(site, plugins)


def _one_installed(site: Path, plugins: int) -> Installed:
    site.mkdir()
    lines, rest = divmod(plugins - 1, DEPTH - 1)
    _install(site, 0, [DEPTH - 1] * lines + [rest])
    return Installed(site, plugins)


def _install(site: Path, number: int, lines: list[int]) -> None:
    """Install a plugin with lines of nested plugins.

    Args:
        site: the directory to install it in.
        number: its number.
        lines: the length of each line.
    """
    install_plugin(site, f"bench-plugin{number}", f"bench_plugin{number}:plugin", source=_PLUGIN.format(lines=lines))

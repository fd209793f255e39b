"""Time ``host plugins list`` with 300 installed distributions against ``python -c "import rich_click"``, as whole processes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.distributions import install, install_plugin
from benchmarks.processes import MeasurementError, environment, output, script, timed
from benchmarks.report import Figure, median_ratio, progress, seconds

DISTRIBUTIONS: Final = 300
PLUGINS: Final = 30
LIMIT: Final = 2.5

_PLUGIN = "raise RuntimeError('plugins list imports no plugin')\n"


def measure(*, quick: bool = False) -> list[Figure]:
    """Time both commands alternately.

    Raises:
        MeasurementError: the list is incomplete.
    """
    rounds = 7 if quick else 31
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        site, project = Path(name, "site"), Path(name, "project")
        site.mkdir()
        project.mkdir()
        _install(site)
        env = environment([site])
        commands = {"list": [script("host"), "plugins", "list"], "import": [sys.executable, "-c", "import rich_click"]}
        listed = output([*commands["list"], "--json"], directory=project, env=env).count('"status": "enabled"')
        if listed != PLUGINS:
            raise MeasurementError(f"{listed} plugins are listed as enabled, not {PLUGINS}")
        timed(commands["import"], directory=project, env=env)
        progress(f"cli: {rounds} rounds, {DISTRIBUTIONS} distributions, {PLUGINS} of them plugins")
        took: dict[str, list[float]] = {side: [] for side in commands}
        for _ in range(rounds):
            for side, command in commands.items():
                took[side].append(timed(command, directory=project, env=env))
    ratio = median_ratio(took["list"], took["import"])
    sides = f"{seconds(took['list'])} : {seconds(took['import'])}"
    return [Figure(f"host plugins list, {DISTRIBUTIONS} distributions : import rich_click", sides, ratio, at_most=LIMIT)]


def _install(site: Path) -> None:
    for number in range(DISTRIBUTIONS - PLUGINS):
        needs = [f"bench-library-{other}>=0.5,<3" for other in range(number % 7)]
        entry_points = {"console_scripts": {f"library{number}": f"library{number}:main"}} if number % 3 == 0 else None
        install(site, f"bench-library-{number}", requires=needs, entry_points=entry_points)
    for number in range(PLUGINS):
        needs = [f"bench-library-{number}>=0.5", *([f"bench-plugin{number - 1}>=1"] if number % 3 else [])]
        install_plugin(site, f"bench-plugin{number}", f"bench_plugin{number}", requires=needs, source=_PLUGIN)

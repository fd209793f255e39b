"""Measure how the boot time grows when there is ten times as much to boot; each boot runs in a fresh process."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.processes import ROOT, MeasurementError, environment, output
from benchmarks.report import Figure, median_ratio, progress, seconds

#: The limit for ten times as much; the part above ten allows for a busy machine.
LIMIT: Final = 11.0


@dataclass(frozen=True, slots=True)
class Installed:
    """Installed plugins.

    Args:
        site: the directory in which they are installed.
        plugins: how many there are, including nested plugins.
        routes: the number of routes of each.
    """

    site: Path
    plugins: int
    routes: int = 1


def assembled(side: str, installed: Installed) -> float:
    """Return the seconds that it takes to assemble an application from plugins.

    Args:
        side: ``host``, or ``bare`` for Litestar alone.
        installed: the plugins.

    Raises:
        MeasurementError: some of their routes are missing.
    """
    command = [sys.executable, "-m", "benchmarks.boot_once", side, str(installed.plugins)]
    result = json.loads(output(command, directory=installed.site.parent, env=environment([installed.site, ROOT])))
    if result["routes"] != installed.plugins * installed.routes:
        raise MeasurementError(f"{side} assembled {result['routes']} routes, not {installed.plugins * installed.routes}")
    return float(result["seconds"])


def growth(name: str, few: Installed, many: Installed, *, rounds: int) -> Figure:
    """Time both alternately.

    Args:
        name: their name in the table.
        few: the smaller set.
        many: the larger set, about ten times as many.
        rounds: the number of rounds.
    """
    took: dict[str, list[float]] = {"few": [], "many": []}
    for installed in (few, many):
        assembled("host", installed)  # compiles the modules first, as pip does
    for number in range(rounds):
        progress(f"{name}: round {number + 1} of {rounds}")
        # Before and after the long run, so that both see the same machine.
        before = assembled("host", few)
        took["many"].append(assembled("host", many))
        took["few"].append((before + assembled("host", few)) / 2)
    sides = f"{seconds(took['many'])} : {seconds(took['few'])}"
    ratio = median_ratio(took["many"], took["few"])
    return Figure(f"{name}, {many.plugins} plugins : {few.plugins}", sides, ratio, at_most=LIMIT)

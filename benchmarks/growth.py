"""How much longer the host takes for ten times as much: each time in a fresh process, the few and the many in turns."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.processes import ROOT, MeasurementError, environment, output
from benchmarks.report import Figure, median_ratio, progress, seconds

#: For ten times as much; what is left of it above ten is for a busy machine.
LIMIT: Final = 11.0


@dataclass(frozen=True, slots=True)
class Installed:
    """Plugins that are installed.

    Args:
        site: the directory in which they are.
        plugins: how many there are, those inside others too.
        routes: how many each of them has.
    """

    site: Path
    plugins: int
    routes: int = 1


def assembled(side: str, what: Installed) -> float:
    """How many seconds it takes to put an application of plugins together.

    Args:
        side: ``host``, or ``bare`` for Litestar alone.
        what: the plugins.

    Raises:
        MeasurementError: some of their routes are missing.
    """
    command = [sys.executable, "-m", "benchmarks.boot_once", side, str(what.plugins)]
    result = json.loads(output(command, directory=what.site.parent, env=environment([what.site, ROOT])))
    if result["routes"] != what.plugins * what.routes:
        raise MeasurementError(f"{side} assembled {result['routes']} routes, not {what.plugins * what.routes}")
    return float(result["seconds"])


def growth(name: str, few: Installed, many: Installed, *, rounds: int) -> Figure:
    """Time both in turns.

    Args:
        name: what they are, for the table.
        few: the one.
        many: the other, about ten times as many.
        rounds: how often.
    """
    took: dict[str, list[float]] = {"few": [], "many": []}
    for what in (few, many):
        assembled("host", what)  # leaves the compiled modules behind, as pip does
    for number in range(rounds):
        progress(f"{name}: round {number + 1} of {rounds}")
        # On both sides of the long one, so that both see the same machine.
        before = assembled("host", few)
        took["many"].append(assembled("host", many))
        took["few"].append((before + assembled("host", few)) / 2)
    sides = f"{seconds(took['many'])} : {seconds(took['few'])}"
    ratio = median_ratio(took["many"], took["few"])
    return Figure(f"{name}, {many.plugins} plugins : {few.plugins}", sides, ratio, at_most=LIMIT)

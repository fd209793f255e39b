"""From an assembled application to the TypeScript: the host's file, against Litestar's OpenAPI and openapi-typescript of the same.

Every route has models of its own, half of them msgspec's, half pydantic's. Both sides start from the same assembled application,
which each side assembles in a process of its own; openapi-typescript's process is in its side's time, as it is in a developer's.
The times are of the processor, which other work on the machine stretches less; those of the clock stand beside them.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.generated_app import PLUGINS
from benchmarks.peers import Described, describe, described, install_peers, openapi_typescript
from benchmarks.report import Figure, median_ratio, progress, seconds

FEW: Final = min(PLUGINS)
MANY: Final = max(PLUGINS)
LIMIT: Final = 0.2
#: How much longer one route may take among 2,000 than among 50: constant, and what a busy machine adds.
GROWTH: Final = 1.2
MEMORY: Final = 250.0


def measure(*, quick: bool = False) -> list[Figure]:
    """Describe the same application by both, in turns."""
    install_peers()
    figures, a_route = [], {}
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        for routes in sorted(PLUGINS):
            if quick and FEW < routes < MANY:
                continue
            rounds = 1 if quick else 11 if routes == FEW else 3
            what = described(Path(name, str(routes)), routes)
            describe(what, "host")  # leaves the compiled modules behind, as pip does
            told = [_round(what, f"generation: {routes} routes, round {number + 1} of {rounds}") for number in range(rounds)]
            a_route[routes] = [one["processor"] / routes * 1000 for one, _ in told]
            figures += _figures(routes, [one for one, _ in told], [other for _, other in told])
    ratio = statistics.median(a_route[MANY]) / statistics.median(a_route[FEW])
    sides = " : ".join(f"{statistics.median(a_route[routes]):.3f} ms" for routes in (MANY, FEW))
    return [*figures, Figure(f"one route among {MANY} : among {FEW}", sides, ratio, at_most=GROWTH)]


def _round(what: Described, doing: str) -> tuple[dict[str, float], dict[str, float]]:
    """Both sides once: what each took."""
    progress(doing)
    ours, document, types = describe(what, "host"), describe(what, "openapi"), openapi_typescript(what)
    theirs = {
        "seconds": document["seconds"] + types.seconds,
        "processor": document["processor"] + types.processor,
        "after": max(document["after"], types.memory),
    }
    return ours, theirs


def _figures(routes: int, ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> list[Figure]:
    processor, clock = (([one[kind] for one in ours], [one[kind] for one in theirs]) for kind in ("processor", "seconds"))
    limit, memory = (LIMIT, MEMORY) if routes == MANY else (None, None)
    peak = statistics.median(one["after"] for one in ours)
    added = statistics.median(one["after"] - one["before"] for one in ours)
    other = statistics.median(one["after"] for one in theirs)
    name = f"{routes} routes to TypeScript : OpenAPI + openapi-typescript"
    return [
        Figure(f"{name}, processor", _sides(*processor), median_ratio(*processor), at_most=limit),
        Figure("  the same, clock", _sides(*clock), median_ratio(*clock), at_most=limit),
        Figure(f"  peak memory, {added:.0f} MB of it generating", f"{peak:.0f} MB : {other:.0f} MB", peak, "MB", at_most=memory),
    ]


def _sides(ours: list[float], theirs: list[float]) -> str:
    return f"{seconds(ours)} : {seconds(theirs)}"

"""Time the step from an assembled application to TypeScript, against Litestar's OpenAPI with openapi-typescript.

Every route has its own models, half of them msgspec's, half pydantic's. Each side starts from the same application, assembled in
a process of its own; the other side's time includes the process of openapi-typescript, which a developer runs too. Limits apply
to processor time, which depends less on other work on the machine; the clock time is printed below it.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.generated_app import PLUGINS
from benchmarks.peers import DescribedApplication, describe, install_peers, openapi_typescript, write_application
from benchmarks.report import Figure, median_ratio, progress, seconds

FEW: Final = min(PLUGINS)
MANY: Final = max(PLUGINS)
LIMIT: Final = 0.2
#: How much longer one route may take among 2,000 than among 50: constant time, plus the noise of a busy machine.
GROWTH: Final = 1.2
MEMORY: Final = 250.0


def measure(*, quick: bool = False) -> list[Figure]:
    """Describe the same application with both sides, alternately."""
    install_peers()
    figures, per_route = [], {}
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        for routes in sorted(PLUGINS):
            if quick and FEW < routes < MANY:
                continue
            rounds = 1 if quick else 11 if routes == FEW else 3
            application = write_application(Path(name, str(routes)), routes)
            describe(application, "host")  # compiles the modules first, as pip does
            results = [
                _round(application, f"generation: {routes} routes, round {number + 1} of {rounds}") for number in range(rounds)
            ]
            per_route[routes] = [host["processor"] / routes * 1000 for host, _ in results]
            figures += _figures(routes, [host for host, _ in results], [peer for _, peer in results])
    ratio = statistics.median(per_route[MANY]) / statistics.median(per_route[FEW])
    sides = " : ".join(f"{statistics.median(per_route[routes]):.3f} ms" for routes in (MANY, FEW))
    return [*figures, Figure(f"one route among {MANY} : among {FEW}", sides, ratio, at_most=GROWTH)]


def _round(application: DescribedApplication, description: str) -> tuple[dict[str, float], dict[str, float]]:
    """Run both sides once and return the cost of each."""
    progress(description)
    ours, document, types = describe(application, "host"), describe(application, "openapi"), openapi_typescript(application)
    theirs = {
        "seconds": document["seconds"] + types.seconds,
        "processor": document["processor"] + types.processor,
        "after": max(document["after"], types.memory),
    }
    return ours, theirs


def _figures(routes: int, ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> list[Figure]:
    processor, clock = (
        ([result[kind] for result in ours], [result[kind] for result in theirs]) for kind in ("processor", "seconds")
    )
    limit, memory = (LIMIT, MEMORY) if routes == MANY else (None, None)
    peak = statistics.median(result["after"] for result in ours)
    added = statistics.median(result["after"] - result["before"] for result in ours)
    peer_peak = statistics.median(result["after"] for result in theirs)
    name = f"{routes} routes to TypeScript : OpenAPI + openapi-typescript"
    return [
        Figure(f"{name}, processor", _sides(*processor), median_ratio(*processor), at_most=limit),
        Figure("  the same, clock", _sides(*clock), median_ratio(*clock), at_most=limit),
        Figure(
            f"  peak memory, {added:.0f} MB of it generating", f"{peak:.0f} MB : {peer_peak:.0f} MB", peak, "MB", at_most=memory
        ),
    ]


def _sides(ours: list[float], theirs: list[float]) -> str:
    return f"{seconds(ours)} : {seconds(theirs)}"

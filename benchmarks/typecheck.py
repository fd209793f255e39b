"""``tsc --noEmit`` on the file of 2,000 routes, against openapi-typescript's of the same application; TypeScript 6 and 7.

Ours holds the calls, the channels and the runtime too, theirs types alone. Whole processes, in turns; the time is of the processor,
in all threads, because TypeScript 7 uses as many processors as are free; that of the clock stands beside it.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.generated_app import PLUGINS
from benchmarks.peers import COMPILERS, Cost, describe, described, install_peers, openapi_typescript, tsc
from benchmarks.report import Figure, median_ratio, progress, seconds

ROUTES: Final = max(PLUGINS)
LIMIT: Final = 1.1


def measure(*, quick: bool = False) -> list[Figure]:
    """Check both files, in turns."""
    install_peers()
    rounds = 1 if quick else 7
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        what = described(Path(name, str(ROUTES)), ROUTES)
        progress(f"typecheck: describing {ROUTES} routes")
        describe(what, "host")
        describe(what, "openapi")
        openapi_typescript(what)
        took: dict[str, list[tuple[Cost, Cost]]] = {compiler: [] for compiler in COMPILERS}
        for number in range(rounds):
            for compiler in COMPILERS:
                progress(f"typecheck: {COMPILERS[compiler]}, round {number + 1} of {rounds}")
                took[compiler].append((tsc(compiler, what.host), tsc(compiler, what.types)))
    return [figure for compiler, pairs in took.items() for figure in _figures(COMPILERS[compiler], pairs)]


def _figures(compiler: str, pairs: list[tuple[Cost, Cost]]) -> list[Figure]:
    processor, clock, memory = (
        ([getattr(one, kind) for one, _ in pairs], [getattr(other, kind) for _, other in pairs])
        for kind in ("processor", "seconds", "memory")
    )
    megabytes = " : ".join(f"{statistics.median(side):.0f} MB" for side in memory)
    return [
        Figure(
            f"{compiler}, {ROUTES} routes : openapi-typescript, processor",
            _sides(*processor),
            median_ratio(*processor),
            at_most=LIMIT,
        ),
        Figure("  the same, clock", _sides(*clock), median_ratio(*clock)),
        Figure("  peak memory", megabytes, median_ratio(*memory), at_most=LIMIT),
    ]


def _sides(ours: list[float], theirs: list[float]) -> str:
    return f"{seconds(ours)} : {seconds(theirs)}"

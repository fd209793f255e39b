"""Run ``tsc --noEmit`` on the file of 2,000 routes, against openapi-typescript's file; TypeScript 6 and 7.

The host's file also contains the calls, the channels and the runtime, the other one types only. Whole processes are timed,
alternately. The limit applies to the processor time of all threads, because TypeScript 7 uses as many processors as are free; the
clock time is printed below it.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.generated_app import PLUGINS
from benchmarks.peers import COMPILERS, Cost, describe, install_peers, openapi_typescript, tsc, write_application
from benchmarks.report import Figure, median_ratio, progress, seconds

ROUTES: Final = max(PLUGINS)
LIMIT: Final = 1.1


def measure(*, quick: bool = False) -> list[Figure]:
    """Check both files, alternately."""
    install_peers()
    rounds = 1 if quick else 7
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        application = write_application(Path(name, str(ROUTES)), ROUTES)
        progress(f"typecheck: describing {ROUTES} routes")
        describe(application, "host")
        describe(application, "openapi")
        openapi_typescript(application)
        took: dict[str, list[tuple[Cost, Cost]]] = {compiler: [] for compiler in COMPILERS}
        for number in range(rounds):
            for compiler in COMPILERS:
                progress(f"typecheck: {COMPILERS[compiler]}, round {number + 1} of {rounds}")
                took[compiler].append((tsc(compiler, application.host), tsc(compiler, application.types)))
    return [figure for compiler, pairs in took.items() for figure in _figures(COMPILERS[compiler], pairs)]


def _figures(compiler: str, pairs: list[tuple[Cost, Cost]]) -> list[Figure]:
    processor, clock, memory = (
        ([getattr(host, kind) for host, _ in pairs], [getattr(peer, kind) for _, peer in pairs])
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

"""Time ``host run`` until its first 200, with three plugins that have models, against a hand-written application.

The hand-written Litestar and Beanie application is started by the command ``granian``, on a MongoDB that is already running.
``host run`` also starts its embedded MongoDB and writes ``generated-config.ts``. Its data directory exists; the first start,
which creates it, is measured separately. The cost of the embedded database is the difference to a start on the running MongoDB.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.distributions import install_plugin
from benchmarks.processes import ROOT, MeasurementError, environment, free_port, script, started, wait_for_answer
from benchmarks.report import Figure, median_difference, median_ratio, progress, seconds
from host.common.settings import STATE
from host.database.embedded.layout import Layout
from host.database.embedded.lease import start
from host.database.embedded.locks import open_lock, try_lock

SAMPLES: Final = ROOT / "benchmarks" / "samples"
LIMIT: Final = 1.5
DATABASE_LIMIT: Final = 0.7

_PLUGINS: Final = ("people", "orders", "stock")
_ENDING: Final = 30.0
_POLL: Final = 0.05


def measure(*, quick: bool = False) -> list[Figure]:
    """Start all sides alternately."""
    rounds, first_rounds = (3, 1) if quick else (15, 3)
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name, start(Path(name, "running")) as lease:
        bench = _Bench(Path(name), lease.wait().partition("?")[0])
        sides: dict[str, Callable[[], float]] = {"twin": bench.twin, "running": bench.running, "embedded": bench.embedded}
        for run in sides.values():
            run()  # creates the compiled modules, the data directory and the generated file
        took: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(rounds):
            progress(f"startup: round {number + 1} of {rounds}")
            for side, run in sides.items():
                took[side].append(run())
        first = [bench.first() for _ in range(first_rounds)]
    return _figures(took, first)


def _figures(took: dict[str, list[float]], first: list[float]) -> list[Figure]:
    embedded, running, twin = (took[side] for side in ("embedded", "running", "twin"))
    ours, on_running, theirs = (seconds(times) for times in (embedded, running, twin))
    database = median_difference(embedded, running)
    return [
        Figure("host run until 200 : Litestar + Beanie", f"{ours} : {theirs}", median_ratio(embedded, twin), at_most=LIMIT),
        Figure("  of which the embedded database", f"{ours} - {on_running}", database, unit="s", at_most=DATABASE_LIMIT),
        Figure("  on a running MongoDB : Litestar + Beanie", f"{on_running} : {theirs}", median_ratio(running, twin)),
        Figure("  the first start, which creates the database", seconds(first), statistics.median(first), unit="s"),
    ]


@dataclass
class _Bench:
    """The directories and commands of this measurement.

    Args:
        directory: an empty directory.
        url: the URL of the running MongoDB.
    """

    directory: Path
    url: str
    _site: Path = field(init=False)
    _firsts: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._site = self._directory("site")
        for plugin in _PLUGINS:
            install_plugin(self._site, f"bench-{plugin}", f"bench_{plugin}_plugin")

    def twin(self) -> float:
        command = [script("granian"), "--interface", "asgi", "--no-log", "bench_twin:app"]
        return self._until_answer(command, "/person/", self._directory("twin"), {"TWIN_DATABASE_URL": self.url})

    def running(self) -> float:
        return self._host(self._directory("on-running"), {"HOST_DATABASE_URL": self.url})

    def embedded(self) -> float:
        return self._embedded(self._directory("embedded"))

    def first(self) -> float:
        self._firsts += 1
        return self._embedded(self._directory(f"first{self._firsts}"))

    def _embedded(self, project: Path) -> float:
        took = self._host(project, {})
        _wait_for_end(project)
        return took

    def _host(self, project: Path, more: dict[str, str]) -> float:
        return self._until_answer([script("host"), "run"], "/bench__people/person/", project, more)

    def _until_answer(self, command: list[str], path: str, project: Path, more: dict[str, str]) -> float:
        port = free_port()
        env = environment([self._site, SAMPLES], more)
        begin = time.perf_counter()
        with started([*command, "--port", str(port)], directory=project, env=env) as process:
            wait_for_answer(process, port, path, directory=project)
            return time.perf_counter() - begin

    def _directory(self, name: str) -> Path:
        directory = self.directory / name
        directory.mkdir(exist_ok=True)
        return directory


def _wait_for_end(project: Path) -> None:
    """Wait until the embedded MongoDB of a host that ended is gone, so that the next host has to start its own."""
    alive = Layout(project / STATE / "mongodb").supervisor_lock
    deadline = time.monotonic() + _ENDING
    while time.monotonic() < deadline:
        lock = open_lock(alive)
        try:
            if try_lock(lock):
                return
        finally:
            os.close(lock)
        time.sleep(_POLL)
    raise MeasurementError(f"the embedded MongoDB did not end within {_ENDING:g} s")

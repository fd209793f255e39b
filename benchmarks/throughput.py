"""Measure a plugin's JSON route under ``host run`` against the same handler in a hand-written Litestar application on granian.

Two processes of the same program differ in speed by some percent for their whole life, so both servers are restarted several
times. In between, they are loaded alternately in short rounds; each pair of rounds gives a ratio.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.distributions import install_plugin
from benchmarks.load import requests_per_second, tool
from benchmarks.processes import LOOPBACK, ROOT, environment, free_port, script, started, wait_for_answer
from benchmarks.report import Figure, median_ratio, progress

SAMPLES: Final = ROOT / "benchmarks" / "samples"
LIMIT: Final = 0.97

_ROUND: Final = 1.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A plugin and an equivalent application.

    Args:
        name: the name of both in ``samples``: the distribution is ``bench-<name>``, the modules are ``bench_<name>_plugin`` and
            ``bench_<name>_twin``, whose application is called ``app``.
        path: a path that both serve.
        title: the name of the measurement in the table.
    """

    name: str
    path: str
    title: str


_ECHO: Final = Pair("echo", "/bench__echo/echo/42?text=hello", "requests per second, plugin : Litestar")


def measure(*, quick: bool = False) -> list[Figure]:
    """Load both servers alternately."""
    return [compared(_ECHO, quick=quick)]


def compared(pair: Pair, *, quick: bool) -> Figure:
    """Load the servers of a pair alternately.

    Args:
        pair: the plugin and the application.
        quick: whether to run few rounds only.
    """
    starts, rounds = (1, 4) if quick else (6, 8)
    rates: dict[str, list[float]] = {"host": [], "twin": []}
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        site = Path(name, "site")
        site.mkdir()
        install_plugin(site, f"bench-{pair.name}", f"bench_{pair.name}_plugin")
        for start in range(starts):
            progress(f"{pair.name}: start {start + 1} of {starts}, {rounds} rounds, load by {tool()}")
            _load(pair, Path(name), rounds, rates)
    ratio = median_ratio(rates["host"], rates["twin"])
    sides = " : ".join(f"{statistics.median(rates[side]):.0f}/s" for side in ("host", "twin"))
    return Figure(pair.title, sides, ratio, at_least=LIMIT)


def _load(pair: Pair, directory: Path, rounds: int, rates: dict[str, list[float]]) -> None:
    """Start both servers and load them alternately, in alternating order."""
    env = environment([directory / "site", SAMPLES])
    ports = {"host": free_port(), "twin": free_port()}
    twin = f"bench_{pair.name}_twin:app"
    commands = {
        "host": [script("host"), "run", "--port", str(ports["host"])],
        "twin": [script("granian"), "--interface", "asgi", "--no-log", "--port", str(ports["twin"]), twin],
    }
    urls = {side: f"http://{LOOPBACK}:{port}{pair.path}" for side, port in ports.items()}
    with ExitStack() as stack:
        for side, command in commands.items():
            home = directory / side
            home.mkdir(exist_ok=True)
            process = stack.enter_context(started(command, directory=home, env=env))
            wait_for_answer(process, ports[side], pair.path, directory=home)
            requests_per_second(urls[side], _ROUND)
        for number in range(rounds):
            for side in sorted(ports, reverse=number % 2 == 1):
                rates[side].append(requests_per_second(urls[side], _ROUND))

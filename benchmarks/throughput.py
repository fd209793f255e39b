"""A JSON route of a plugin under ``host run``, against the same handler in a hand-written Litestar application on granian.

Two processes of one program differ in speed by some percent for as long as they live, so both servers are started anew several
times. In between, short rounds of load go to the one and the other in turns; each pair gives a ratio.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.distributions import install_plugin
from benchmarks.load import requests_per_second, tool
from benchmarks.processes import LOOPBACK, ROOT, environment, free_port, script, started, wait_for_answer
from benchmarks.report import Figure, median_ratio, progress

SAMPLES: Final = ROOT / "benchmarks" / "samples"
LIMIT: Final = 0.97

_PATH: Final = "/bench__echo/echo/42?text=hello"
_ROUND: Final = 1.0


def measure(*, quick: bool = False) -> list[Figure]:
    """Load both servers in turns."""
    starts, rounds = (1, 4) if quick else (6, 8)
    rates: dict[str, list[float]] = {"host": [], "twin": []}
    with tempfile.TemporaryDirectory(prefix="host-bench-") as name:
        site = Path(name, "site")
        site.mkdir()
        install_plugin(site, "bench-echo", "bench_echo_plugin")
        for start in range(starts):
            progress(f"throughput: start {start + 1} of {starts}, {rounds} rounds, load by {tool()}")
            _load(Path(name), site, rounds, rates)
    ratio = median_ratio(rates["host"], rates["twin"])
    sides = " : ".join(f"{statistics.median(rates[side]):.0f}/s" for side in ("host", "twin"))
    return [Figure("requests a second, plugin : Litestar", sides, ratio, at_least=LIMIT)]


def _load(directory: Path, site: Path, rounds: int, rates: dict[str, list[float]]) -> None:
    """Start both servers and load them in turns, the first of a pair being now the one and now the other."""
    env = environment([site, SAMPLES])
    ports = {"host": free_port(), "twin": free_port()}
    commands = {
        "host": [script("host"), "run", "--port", str(ports["host"])],
        "twin": [script("granian"), "--interface", "asgi", "--no-log", "--port", str(ports["twin"]), "bench_echo_twin:app"],
    }
    with ExitStack() as stack:
        for side, command in commands.items():
            home = directory / side
            home.mkdir(exist_ok=True)
            process = stack.enter_context(started(command, directory=home, env=env))
            wait_for_answer(process, ports[side], _PATH, directory=home)
            requests_per_second(_url(ports[side]), _ROUND)
        for number in range(rounds):
            for side in sorted(ports, reverse=number % 2 == 1):
                rates[side].append(requests_per_second(_url(ports[side]), _ROUND))


def _url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}{_PATH}"

"""Compare this revision with another one by the processor time that the server spends on a request.

Wall-clock rates of two servers differ by some percent from start to start; the processor time of one request hardly does. Each pair
starts both servers again, one after the other in alternating order, and loads them equally:

``python -m benchmarks.revisions OTHER_PYTHON [--pairs 15]``

OTHER_PYTHON is the interpreter of a virtual environment in which the other revision is installed.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.distributions import install_plugin
from benchmarks.load import CONNECTIONS
from benchmarks.processes import LOOPBACK, ROOT, MeasurementError, environment, free_port, output, started, wait_for_answer
from benchmarks.report import progress

_SAMPLES: Final = ROOT / "benchmarks" / "samples"
_ROUND: Final = 3.0
#: Student's t for a two-sided 95 % interval; 14 degrees of freedom, and the value for many pairs is smaller.
_T: Final = 2.145


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to a plugin of ``samples``.

    Args:
        name: the distribution is ``bench-<name>``, the module ``bench_<name>_plugin``.
        path: the path that is requested.
    """

    name: str
    path: str


LOADS: Final = (Load("echo", "/bench__echo/echo/42?text=hello"), Load("jobs", "/bench__jobs/job"))


def microseconds(python: str, load: Load, directory: Path) -> float:
    """Start a server, load it, and return its processor time per request in microseconds.

    Args:
        python: the interpreter whose host is started.
        load: the requests.
        directory: the server's directory; must not exist yet.
    """
    directory.mkdir()
    site = directory / "site"
    site.mkdir()
    install_plugin(site, f"bench-{load.name}", f"bench_{load.name}_plugin")
    port = free_port()
    command = [python, "-c", "from host.cli import main; main()", "run", "--port", str(port)]
    url = f"http://{LOOPBACK}:{port}{load.path}"
    with started(command, directory=directory, env=environment([site, _SAMPLES])) as process:
        wait_for_answer(process, port, load.path, directory=directory)
        _requests(url, 1.0)
        before = _seconds(process.pid)
        requests = _requests(url, _ROUND)
        return (_seconds(process.pid) - before) / requests * 1e6


def _seconds(pid: int) -> float:
    """Return the processor time of a server and its workers; the embedded MongoDB is not a child of theirs."""
    root = psutil.Process(pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True)) if process.name() != "mongod"]
    return sum(spent.user + spent.system for spent in times)


def _requests(url: str, seconds: float) -> int:
    """Send requests for some time and return the number of responses."""
    printed = output(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", url], directory=Path.cwd(), env=environment())
    answered = re.search(r"(\d+) requests in", printed)
    if answered is None or "Non-2xx" in printed or "Socket errors" in printed:
        raise MeasurementError(f"wrk printed:\n{printed}")
    return int(answered[1])


def compare(other: str, load: Load, pairs: int) -> str:
    """Return a line with the median of both sides and the mean ratio with its 95 % interval."""
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory(prefix="host-bench-", ignore_cleanup_errors=True) as name:
        for number in range(pairs):
            sides = [("ours", sys.executable, ours), ("theirs", other, theirs)]
            for side, python, values in sides[:: -1 if number % 2 else 1]:
                values.append(microseconds(python, load, Path(name, f"{side}-{number}")))
            progress(f"{load.name}: pair {number + 1} of {pairs}: {ours[-1]:.1f} : {theirs[-1]:.1f} us")
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    mean, half = statistics.mean(ratios), _T * statistics.stdev(ratios) / len(ratios) ** 0.5
    medians = f"{statistics.median(ours):.1f} : {statistics.median(theirs):.1f} us"
    return f"{load.name:6} {medians}  ratio {mean:.3f} ({mean - half:.3f} to {mean + half:.3f}, {pairs} pairs)"


def main() -> None:
    """Compare each load and print a line for it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.revisions", description="This revision : another one.")
    parser.add_argument("other", metavar="OTHER_PYTHON", help="an interpreter in whose environment the other revision is installed")
    parser.add_argument("--pairs", type=int, default=15, help="at least 15 to judge; the default is 15")
    arguments = parser.parse_args()
    for load in LOADS:
        print(compare(arguments.other, load, arguments.pairs), flush=True)


if __name__ == "__main__":
    main()

"""The tools of npm that the generated TypeScript is measured against and with, and what a command costs.

They are pinned in ``typescript_peers/package-lock.json`` and come by ``npm ci`` when a measurement first needs them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.generated_app import PLUGINS, install
from benchmarks.processes import ROOT, MeasurementError, environment, output
from tests.frontend.compile import node, npm

PEERS: Final = ROOT / "benchmarks" / "typescript_peers"
MODULES: Final = PEERS / "node_modules"

#: Package in ``node_modules`` → what it is.
COMPILERS: Final = {"typescript-6": "TypeScript 6", "typescript-7": "TypeScript 7"}

_MEGABYTE: Final = 1024 if sys.platform == "linux" else 1024 * 1024  # macOS counts bytes where Linux counts KB
_LIBRARIES: Final = "es2022,dom,dom.iterable"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took.

    Args:
        seconds: of the clock, from its start to its end.
        processor: seconds of the processor, in all its processes and threads.
        memory: the peak of its largest process, in MB.
    """

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class Described:
    """An application, and what is said of it.

    Args:
        site: its plugins.
        host: the file of the host, ``generated-config.ts``.
        openapi: Litestar's document.
        types: what openapi-typescript makes of that.
    """

    site: Path
    host: Path
    openapi: Path
    types: Path


def install_peers() -> None:
    """Run ``npm ci`` where that has not been done for this ``package-lock.json``.

    Raises:
        MeasurementError: it failed.
    """
    lock, done = (PEERS / "package-lock.json").read_bytes(), MODULES / ".installed"
    if not done.is_file() or done.read_bytes() != lock:
        output([*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], directory=PEERS, env=dict(os.environ))
        done.write_bytes(lock)


def cost(command: Sequence[str], *, directory: Path, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command and ask the operating system what it took.

    Raises:
        MeasurementError: it failed.
    """
    log = directory / "process.log"
    start = time.perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=directory, env=env, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise MeasurementError(f"{' '.join(command)} exited with {process.returncode}:\n{log.read_text(encoding='utf-8')[-4000:]}")
    return Cost(took, used.ru_utime + used.ru_stime, used.ru_maxrss / _MEGABYTE)


def described(place: Path, routes: int) -> Described:
    """Where the application of so many routes and its descriptions lie; the application is written."""
    place.mkdir(exist_ok=True)
    site = install(place / "site", PLUGINS[routes])
    return Described(site, place / "generated-config.ts", place / "openapi.json", place / "openapi.ts")


def describe(what: Described, side: str) -> dict[str, float]:
    """Assemble the application in a process of its own, and describe it there.

    Args:
        what: the application.
        side: ``host`` or ``openapi``.

    Returns:
        what :mod:`benchmarks.generate_once` prints.
    """
    file = what.host if side == "host" else what.openapi
    command = [sys.executable, "-m", "benchmarks.generate_once", side, str(file)]
    told: dict[str, float] = json.loads(output(command, directory=what.site.parent, env=environment([what.site, ROOT])))
    return told


def openapi_typescript(what: Described) -> Cost:
    """Turn Litestar's document into types."""
    script = MODULES / "openapi-typescript" / "bin" / "cli.js"
    return cost([node(), str(script), str(what.openapi), "--output", str(what.types)], directory=what.site.parent)


def tsc(compiler: str, file: Path) -> Cost:
    """Check one file, under the strict flags that the host's is made for."""
    flags = ["--ignoreConfig", "--noEmit", "--target", "es2022", "--lib", _LIBRARIES, "--strict"]
    flags += ["--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--isolatedModules", "--verbatimModuleSyntax"]
    return cost([node(), str(MODULES / compiler / "bin" / "tsc"), *flags, str(file)], directory=file.parent)


def write_project(place: Path, page: str) -> Path:
    """Write a page, and the ``tsconfig.json`` with which an editor opens it.

    Returns:
        the page.
    """
    options = {"strict": True, "noEmit": True, "target": "es2022", "lib": _LIBRARIES.split(","), "module": "esnext"}
    options |= {"moduleResolution": "bundler", "types": []}
    (place / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["page.ts"]}), encoding="utf-8")
    file = place / "page.ts"
    file.write_text(page, encoding="utf-8")
    return file

"""The npm tools that the generated TypeScript is compared with, and the cost of running a command.

They are pinned in ``typescript_peers/package-lock.json`` and installed by ``npm ci`` when a measurement first needs them.
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

#: Package in ``node_modules`` → its name in the table.
COMPILERS: Final = {"typescript-6": "TypeScript 6", "typescript-7": "TypeScript 7"}

_MEGABYTE: Final = 1024 if sys.platform == "linux" else 1024 * 1024  # macOS reports bytes, Linux KB
_LIBRARIES: Final = "es2022,dom,dom.iterable"


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a command.

    Args:
        seconds: clock time from its start to its end.
        processor: processor time of all its processes and threads, in seconds.
        memory: the peak of its largest process, in MB.
    """

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class DescribedApplication:
    """An application and its descriptions.

    Args:
        site: the directory with its plugins.
        host: the host's file, ``generated-config.ts``.
        openapi: Litestar's OpenAPI document.
        types: the types that openapi-typescript generates from that document.
    """

    site: Path
    host: Path
    openapi: Path
    types: Path


def install_peers() -> None:
    """Run ``npm ci`` unless it was done for this ``package-lock.json``.

    Raises:
        MeasurementError: it failed.
    """
    lock, done = (PEERS / "package-lock.json").read_bytes(), MODULES / ".installed"
    if not done.is_file() or done.read_bytes() != lock:
        output([*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], directory=PEERS, env=dict(os.environ))
        done.write_bytes(lock)


def cost(command: Sequence[str], *, directory: Path, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return its cost as the operating system reports it.

    Raises:
        MeasurementError: it failed.
    """
    log = directory / "process.log"
    start = time.perf_counter()
    with log.open("wb") as printed:
        process = subprocess.Popen(command, cwd=directory, env=env, stdout=printed, stderr=printed, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise MeasurementError(f"{' '.join(command)} exited with {process.returncode}:\n{log.read_text(encoding='utf-8')[-4000:]}")
    return Cost(took, used.ru_utime + used.ru_stime, used.ru_maxrss / _MEGABYTE)


def write_application(directory: Path, routes: int) -> DescribedApplication:
    """Write an application with this many routes and return it with the paths of its future descriptions."""
    directory.mkdir(exist_ok=True)
    site = install(directory / "site", PLUGINS[routes])
    return DescribedApplication(site, directory / "generated-config.ts", directory / "openapi.json", directory / "openapi.ts")


def describe(application: DescribedApplication, side: str) -> dict[str, float]:
    """Assemble the application in a process of its own and describe it there.

    Args:
        application: the application.
        side: ``host`` or ``openapi``.

    Returns:
        The output of :mod:`benchmarks.generate_once`.
    """
    file = application.host if side == "host" else application.openapi
    command = [sys.executable, "-m", "benchmarks.generate_once", side, str(file)]
    costs: dict[str, float] = json.loads(
        output(command, directory=application.site.parent, env=environment([application.site, ROOT]))
    )
    return costs


def openapi_typescript(application: DescribedApplication) -> Cost:
    """Generate types from Litestar's document."""
    script = MODULES / "openapi-typescript" / "bin" / "cli.js"
    return cost(
        [node(), str(script), str(application.openapi), "--output", str(application.types)], directory=application.site.parent
    )


def tsc(compiler: str, file: Path) -> Cost:
    """Check one file with the strict flags for which the host's file is made."""
    flags = ["--ignoreConfig", "--noEmit", "--target", "es2022", "--lib", _LIBRARIES, "--strict"]
    flags += ["--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--isolatedModules", "--verbatimModuleSyntax"]
    return cost([node(), str(MODULES / compiler / "bin" / "tsc"), *flags, str(file)], directory=file.parent)


def write_project(directory: Path, page: str) -> Path:
    """Write a page and the ``tsconfig.json`` that an editor opens it with.

    Returns:
        The page.
    """
    options = {"strict": True, "noEmit": True, "target": "es2022", "lib": _LIBRARIES.split(","), "module": "esnext"}
    options |= {"moduleResolution": "bundler", "types": []}
    (directory / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["page.ts"]}), encoding="utf-8")
    file = directory / "page.ts"
    file.write_text(page, encoding="utf-8")
    return file

"""Run something with libraries that have renamed what the host uses of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.distributions import Project

ROOT = Path(__file__).parents[2]


def environment(names: str) -> dict[str, str]:
    """The variables for a Python whose libraries have other names: ``"pymongo:_get_bound_session litestar:one,another"``."""
    paths = [str(Path(__file__).parent / "renamed"), str(ROOT)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "RENAMED_NAMES": names}


def run(names: str, *arguments: str, cwd: Path = ROOT) -> str:
    """What a Python with these names renamed prints; it must end well."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment(names), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def run_tests(names: str, *arguments: str) -> None:
    """Run tests of this repository with these names renamed; all must pass."""
    run(names, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *arguments)


def warnings(names: str, module: str) -> list[str]:
    """What the host warns of at its start, of the names of one compatibility module."""
    program = (
        f"from host.common.compat.{module} import FEATURES\n"
        "from host.common.compat.probe import warnings_of\n"
        "print(*warnings_of(FEATURES), sep='\\n')"
    )
    return run(names, "-c", program).splitlines()


def rename_in(project: Project, names: str) -> None:
    """Let the commands of a project run with these names renamed."""
    variables = environment(names)
    project.environ["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(project.site.directory)])
    project.environ["RENAMED_NAMES"] = names


def host(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a new interpreter: the renaming is done when Python starts."""
    command = [sys.executable, "-m", "host", *arguments]
    return subprocess.run(
        command, cwd=project.directory, env=project.environment(), capture_output=True, text=True, timeout=120, check=False
    )

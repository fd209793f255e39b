"""Another `host` or `hookspecs` on the path, and the three ways to run the command if another program is called `host`."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

import host
from tests.distributions import Outcome, Project

ROOT = Path(host.__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
SCRIPT_NAMES = ("host", "litestar-host")
MODULES = ("host", "litestar_host")

#: Files that shadow a package, and the path that the error names.
SHADOWS = [
    pytest.param("hookspecs.py", "hookspecs.py", id="hookspecs.py"),
    pytest.param("hookspecs/__init__.py", "hookspecs", id="hookspecs as a package"),
    pytest.param("host.py", "host.py", id="host.py"),
    pytest.param("host/__init__.py", "host", id="host as a package"),
]
OF_HOOKSPECS = SHADOWS[:2]


def run(project: Project, *command: str | Path, path: Sequence[Path] = ()) -> Outcome:
    """Run a program in the project's directory, with these directories in ``PYTHONPATH``."""
    environ = project.environment() | {"PYTHONPATH": ":".join(map(str, (*path, project.site.directory)))}
    done = subprocess.run(
        list(map(str, command)), cwd=project.directory, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def write(directory: Path, file: str, content: str = "hookspec = None\n") -> None:
    (directory / file).parent.mkdir(parents=True, exist_ok=True)
    (directory / file).write_text(content, encoding="utf-8")


def check_block(outcome: Outcome, other: Path, fix: str) -> None:
    """Check that there is one block, which names both packages and a fix."""
    package = other.stem
    lines = [" ".join(line.split()) for line in outcome.stderr.splitlines()]
    message = f"{other} comes first on sys.path and hides the package {package} of litestar-host"
    assert lines == [
        f"error[shadowed-package]: {message}",
        f"shadowing {other}",
        f"shadowed {ROOT / package}",
        f"fix rename {other}{fix}",
    ]
    assert outcome.code == 2


@pytest.mark.parametrize(("file", "named"), SHADOWS)
@pytest.mark.parametrize("script", SCRIPT_NAMES)
def test_a_package_on_pythonpath_is_named(project: Project, tmp_path: Path, file: str, named: str, script: str) -> None:
    write(tmp_path / "other", file)
    outcome = run(project, SCRIPTS / script, "plugins", "list", path=[tmp_path / "other"])
    check_block(outcome, tmp_path / "other" / named, f", or take {tmp_path / 'other'} out of PYTHONPATH")


@pytest.mark.parametrize(("file", "named"), OF_HOOKSPECS)
@pytest.mark.parametrize("module", MODULES)
def test_a_hookspecs_in_the_working_directory_is_named_by_python_m(project: Project, file: str, named: str, module: str) -> None:
    write(project.directory, file)
    outcome = run(project, sys.executable, "-m", module, "plugins", "list")
    other = "; the scripts host and litestar-host, unlike python -m, import nothing from the working directory"
    check_block(outcome, project.directory / named, other)


@pytest.mark.parametrize(("file", "named"), SHADOWS[2:])
def test_a_host_in_the_working_directory_is_named_by_python_m_litestar_host(project: Project, file: str, named: str) -> None:
    write(project.directory, file)
    outcome = run(project, sys.executable, "-m", "litestar_host", "plugins", "list")
    other = "; the scripts host and litestar-host, unlike python -m, import nothing from the working directory"
    check_block(outcome, project.directory / named, other)


@pytest.mark.parametrize(("file", "named"), SHADOWS)
@pytest.mark.parametrize("script", SCRIPT_NAMES)
def test_the_scripts_import_nothing_from_the_working_directory(project: Project, file: str, named: str, script: str) -> None:
    project.install("shop-cart")
    write(project.directory, file)
    outcome = run(project, SCRIPTS / script, "plugins", "list")
    assert (outcome.code, outcome.stderr) == (0, ""), named
    assert "shop__cart" in outcome.stdout


@pytest.mark.parametrize("name", ["host", "hookspecs"])
@pytest.mark.parametrize("command", [[SCRIPTS / "host"], [sys.executable, "-m", "host"]], ids=["script", "python -m"])
def test_a_directory_that_is_not_a_package_shadows_nothing(
    project: Project, tmp_path: Path, name: str, command: list[str | Path]
) -> None:
    project.install("shop-cart")
    for directory in (project.directory, tmp_path / "other"):
        write(directory, f"{name}/deploy.py")
    outcome = run(project, *command, "plugins", "list", path=[tmp_path / "other"])
    assert (outcome.code, outcome.stderr) == (0, "")
    assert "shop__cart" in outcome.stdout


@pytest.mark.parametrize(("file", "named"), OF_HOOKSPECS)
@pytest.mark.parametrize("line", ["from host import Host", "from host.data import Document", "import hookspecs, host"])
def test_a_program_beside_another_hookspecs_fails_at_its_import_of_host(project: Project, file: str, named: str, line: str) -> None:
    write(project.directory, file)
    write(project.directory, "program.py", f"{line}\n")
    outcome = run(project, sys.executable, "program.py")
    message, fix = outcome.stderr.splitlines()[-2:]
    assert message.endswith(
        f"ShadowedPackageError: {project.directory / named} comes first on sys.path and hides the package"
        " hookspecs of litestar-host"
    )
    assert fix.startswith(f"fix: rename {project.directory / named}")
    assert outcome.code == 1


@pytest.mark.parametrize(
    "command",
    [["litestar-host"], [sys.executable, "-m", "host"], [sys.executable, "-m", "litestar_host"]],
    ids=["litestar-host", "python -m host", "python -m litestar_host"],
)
def test_the_command_has_other_names_if_host_is_another_program(project: Project, tmp_path: Path, command: list[str]) -> None:
    """``host`` is Debian's DNS tool; here it is first on the ``PATH``."""
    project.install("shop-cart")
    write(tmp_path / "bin", "host", "#!/bin/sh\necho 'Usage: host [-aCdilrTvVw] [-c class] hostname'\n")
    (tmp_path / "bin" / "host").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{SCRIPTS}"
    project.environ["PATH"] = path
    assert run(project, "/bin/sh", "-c", 'PATH="$1"; host plugins list', "sh", path).stdout.startswith("Usage: host [-aC")
    outcome = run(project, "/bin/sh", "-c", 'PATH="$1"; shift; exec "$@"', "sh", path, *command, "plugins", "list")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert "shop__cart" in outcome.stdout

"""The checks and the demonstrations: ``nox -l`` lists them."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests", "typescript"]
nox.options.default_venv_backend = "virtualenv"  # brings a recent pip: before 23.3 it looks for the host on PyPI
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
PLUGINS = [str(path.parent) for path in sorted((ROOT / "sample_plugins").glob("*/pyproject.toml"))]


def install_all(session: nox.Session, extras: str) -> None:
    """Install the host and the sample plugins, as a user does."""
    session.install("-e", f".[{extras}]", *PLUGINS)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff and mypy."""
    install_all(session, "test")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, on a real MongoDB and real processes."""
    install_all(session, "embedded,test")
    session.run("pytest", *session.posargs)


@nox.session
def typescript(session: nox.Session) -> None:
    """The generated file of the sample plugins under the strict flags of TypeScript."""
    install_all(session, "embedded,test")
    output = Path(session.create_tmp()).resolve() / "generated-config.ts"
    session.run("host", "generate-config", "--output", str(output))
    session.run("host", "generate-config", "--output", str(output), "--check")
    session.run("python", "-m", "tests.frontend.compile", str(output))


@nox.session
def bench(session: nox.Session) -> None:
    """Ratios against hand-written twins, both sides in one run."""
    install_all(session, "embedded,test")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Serve the sample plugins on the embedded database."""
    install_all(session, "embedded")
    project = Path(session.create_tmp()).resolve() / "project"
    project.mkdir(exist_ok=True)
    host = shutil.which("host", path=session.bin)
    session.chdir(project)
    session.run(str(host), "run", *session.posargs)

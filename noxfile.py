"""The checks and the demonstrations: ``nox -l`` lists them."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import nox

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["lint", "tests", "typescript"]
nox.options.default_venv_backend = "virtualenv"  # brings a recent pip: before 23.3 it looks for the host on PyPI
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
PLUGINS = [str(path.parent) for path in sorted((ROOT / "sample_plugins").glob("*/pyproject.toml"))]
#: What depends most on the libraries, in some minutes.
CORE = (
    "tests/unit",
    "tests/nesting",
    "tests/host",
    "tests/data/test_document.py",
    "tests/data/test_crud.py",
    "tests/data/test_transactions.py",
    "tests/channels/test_socket.py",
    "tests/channels/test_events.py",
    "tests/frontend/test_calls.py",
    "tests/frontend/test_sockets.py",
    "tests/errors/test_signals.py",
    "tests/e2e/test_private_tasks.py",
)
WORKERS = min(max(2, os.cpu_count() or 2), 4)  # each has servers and databases of its own


@nox.session(default=False)
def environment(session: nox.Session) -> None:
    """The host and the sample plugins, installed as a user does; once, for all other sessions."""
    session.install("-e", ".[embedded,test]", *PLUGINS)


def run(session: nox.Session, program: str, *arguments: str) -> None:
    """Run a program of that environment."""
    programs = Path(session.cache_dir).resolve().parent / "environment" / ("Scripts" if os.name == "nt" else "bin")
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    session.run(str(programs / program), *arguments, env={"PATH": path}, external=True)


@nox.session(requires=["environment"], venv_backend="none")
def lint(session: nox.Session) -> None:
    """Ruff, mypy and the contracts about imports."""
    run(session, "ruff", "check")
    run(session, "ruff", "format", "--check")
    run(session, "mypy")
    run(session, "lint-imports", "--no-cache")


@nox.session(requires=["environment"], venv_backend="none")
def tests(session: nox.Session) -> None:
    """All tests, on a real MongoDB and real processes."""
    run(session, "pytest", f"--numprocesses={WORKERS}", "--dist=loadfile", *session.posargs)


@nox.session(requires=["environment"], venv_backend="none")
def typescript(session: nox.Session) -> None:
    """The generated file of the sample plugins under the strict flags of TypeScript."""
    output = Path(session.create_tmp()).resolve() / "generated-config.ts"
    run(session, "host", "generate-config", "--output", str(output))
    run(session, "host", "generate-config", "--output", str(output), "--check")
    run(session, "python", "-m", "tests.frontend.compile", str(output))


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """A sample of small changes to the code, each of which a test must notice; further arguments: ``nox -s mutants -- --help``."""
    session.install("-e", ".[embedded,test]", "mutmut==3.8.*", *PLUGINS)
    session.run("python", "-m", "tests.mutation", str(Path(session.create_tmp()).resolve() / "copy"), *session.posargs)


@nox.session(requires=["environment"], venv_backend="none")
def bench(session: nox.Session) -> None:
    """Ratios against hand-written twins, both sides in one run."""
    run(session, "python", "-m", "benchmarks", *session.posargs)


@nox.session(requires=["environment"], venv_backend="none")
def demo(session: nox.Session) -> None:
    """Serve the sample plugins on the embedded database."""
    project = Path(session.create_tmp()).resolve() / "project"
    project.mkdir(exist_ok=True)
    session.chdir(project)
    run(session, "host", "run", *session.posargs)


@nox.session(default=False)
@nox.parametrize("versions", ["lowest", "newest"])
def compat(session: nox.Session, versions: str) -> None:
    """The core of the tests on the lowest, and on the newest, version of each dependency that is allowed."""
    constraints = Path(session.create_tmp()).resolve() / "constraints.txt"
    constraints.write_text("\n".join(lowest() if versions == "lowest" else []), encoding="utf-8")
    session.install("--upgrade", "--upgrade-strategy=eager", "-c", str(constraints), "-e", ".[embedded,test]", *PLUGINS)
    session.run("python", "-m", "pip", "list", "--format=freeze")
    session.run("pytest", f"--numprocesses={WORKERS}", "--dist=loadfile", *(session.posargs or CORE))


def lowest() -> list[str]:
    """Each direct dependency at its lower bound: ``litestar==2.23``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # One without a lower bound would be left out: the resolver takes the newest then, and the test of the documents fails.
    bounds = (re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", dependency) for dependency in project["dependencies"])
    return [f"{bound[1]}=={bound[2]}" for bound in bounds if bound]

"""``pip install -e`` adds a path, so type checkers find the types of the host and of the sample plugins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ("auth", "billing", "todo")

PLUGIN = """
    from acme_auth.models import User
    from acme_billing.models import Account
    from acme_todo.models import Task
    from host import Host
    from host.data import Document
    from hookspecs import Channel, Payload, Scope, hookimpl


    class Note(Document):
        text: str


    @hookimpl
    def register_channels(scope: Scope) -> Channel:
        return Channel("noteCreated", Payload[Note])


    def show(host: Host, task: Task, account: Account, user: User, note: Note) -> None:
        reveal_type(host.settings.environment)
        reveal_type(task.title)
        reveal_type(account.id)
        reveal_type(user.email)
        reveal_type(note.text)
        Channel(3, Payload[Note])
"""


class Environment:
    """A virtual environment with editable installations, without their dependencies: mypy takes their types as ``Any``."""

    def __init__(self, directory: Path) -> None:
        venv.create(directory / "venv", with_pip=True)
        self.python = directory / "venv" / "bin" / "python"
        self.source = directory / "source"
        for name in ("host", "hookspecs"):
            shutil.copytree(ROOT / name, self.source / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE", "litestar_host.py"):
            shutil.copy(ROOT / name, self.source)
        for name in SAMPLES:
            ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info", "node_modules")
            shutil.copytree(ROOT / "sample_plugins" / name, self.source / "sample_plugins" / name, ignore=ignored)
        self.projects = [self.source, *(self.source / "sample_plugins" / name for name in SAMPLES)]
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        editable = [argument for project in self.projects for argument in ("-e", str(project))]
        self.run("-m", "pip", "--quiet", "install", "--no-deps", *editable)

    @property
    def site(self) -> Path:
        (site,) = self.python.parents[1].glob("lib/python*/site-packages")
        return site

    def run(self, *arguments: str) -> None:
        subprocess.run([self.python, *arguments], check=True, env=self.variables, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("editable"))


def test_an_editable_installation_is_a_path(environment: Environment) -> None:
    paths = [file.read_text(encoding="utf-8").strip() for file in environment.site.glob("__editable__*.pth")]
    assert sorted(paths) == sorted(str(project.resolve()) for project in environment.projects)


def test_mypy_finds_the_types_of_an_editable_installation(environment: Environment, tmp_path: Path) -> None:
    file = tmp_path / "acme_notes.py"
    file.write_text(dedent(PLUGIN), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", str(environment.python), "--cache-dir", ".mypy", file.name],
        cwd=tmp_path,
        env=environment.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    notes = [line.partition(": note: ")[2] for line in done.stdout.splitlines() if ": note: " in line]
    errors = [line.partition(": error: ")[2] for line in done.stdout.splitlines() if ": error: " in line]
    assert notes == ['Revealed type is "str"'] * 5, done.stdout
    assert errors == ['Argument 1 to "Channel" has incompatible type "int"; expected "str"  [arg-type]'], done.stdout

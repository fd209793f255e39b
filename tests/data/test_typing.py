"""The examples of ``docs/data.md`` pass a strict type checker."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Examples that begin with their file name are whole modules.
MODULE = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<source>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """The examples, as modules in a directory."""
    for example in MODULE.finditer((ROOT / "docs" / "data.md").read_text(encoding="utf-8")):
        (tmp_path / example["name"]).write_text(example["source"], encoding="utf-8")
    return tmp_path


def mypy(directory: Path, cache: Path) -> str:
    """Return what ``mypy --strict`` reports about the modules in a directory."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(cache), "."]
    # Type checkers do not look into editable installations.
    environment = {**os.environ, "MYPYPATH": os.pathsep.join([str(ROOT), str(ROOT / "sample_plugins" / "billing")])}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=600).stdout


def test_the_documented_ways_to_use_crud_pass_mypy(modules: Path, mypy_cache: Path) -> None:
    assert {path.name for path in modules.glob("*.py")} == {"acme_todo.py", "acme_todo_controller.py", "acme_todo_service.py"}
    assert mypy(modules, mypy_cache) == ""


def test_misuse_of_a_crud_controller_is_reported_by_mypy(modules: Path, mypy_cache: Path) -> None:
    module = modules / "acme_todo_controller.py"
    source = module.read_text(encoding="utf-8")
    module.write_text(source.replace('exclude=["deleteHard"]', "exclude=1").replace("CrudController[Task]", "CrudController[int]"))
    report = mypy(modules, mypy_cache)
    assert "[arg-type]" in report
    assert "[type-var]" in report

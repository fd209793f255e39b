"""The search for the mongod to run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from host.database.embedded.binary import find_mongod


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def test_the_configured_binary_takes_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "path" / "mongod")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    given = program(tmp_path / "given" / "mongod-8")
    assert find_mongod(str(given)) == given


def test_a_configured_name_is_looked_up_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = program(tmp_path / "mongod-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mongod("mongod-8") == there


def test_the_binary_on_the_path_takes_precedence_over_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = program(tmp_path / "path" / "mongod")
    program(tmp_path / "site" / "fiftyone" / "db" / "bin" / "mongod")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert find_mongod() == there


@pytest.mark.parametrize("package", ["fiftyone/__init__.py", "fiftyone/db/__init__.py"], ids=["with fiftyone", "alone"])
def test_the_binary_in_the_wheel_is_found_without_an_import(tmp_path: Path, package: str) -> None:
    there = program(tmp_path / "fiftyone" / "db" / "bin" / "mongod")
    (tmp_path / package).write_text("raise RuntimeError('imported')")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from host.database.embedded.binary import find_mongod; print(find_mongod())"
    )
    environment = os.environ | {"PATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(there)

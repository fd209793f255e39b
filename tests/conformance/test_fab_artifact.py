"""FAB's deterministic artifact and its typed plugins (rows B15 and B17)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

import hookspecs
import host
from tests.distributions import Project
from tests.frontend.compile import COMPILERS, compile_files

TODO = """
    from dataclasses import dataclass
    from litestar import get, post
    from litestar.params import JSONBody

    @dataclass
    class Task:
        title: str
        tags: frozenset[str] = frozenset({"b", "a", "c"})

    @get("/task")
    async def tasks() -> list[Task]: return []
    @post("/task")
    async def create(data: JSONBody[Task]) -> Task: return data
    @hookimpl
    def register_routes(scope): return [tasks, create]
    @hookimpl
    def generate_frontend(scope): return Frontend(custom={"z": 1, "a": {"y": [True, None], "b": 2}})
"""

TYPED = """
    from __future__ import annotations

    from typing import Any

    from hookspecs import Channel, Frontend, Payload, Scope, hookimpl
    from litestar import get


    @get("/task")
    async def tasks(plugin_scope: Scope) -> list[str]:
        await plugin_scope.broadcast("changed", "x")
        return [plugin_scope.key]


    @hookimpl
    def register_routes(scope: Scope) -> list[Any]:
        return [tasks]


    @hookimpl
    def register_channels(scope: Scope) -> Channel:
        return Channel("changed", str)


    @hookimpl
    def generate_frontend(scope: Scope) -> Frontend:
        return Frontend(custom={"page": 1})


    def titles(payload: Payload[str]) -> list[str]:
        return [title.upper() for title in payload.body.items]
"""


def _artifact(project: Project) -> dict[str, bytes]:
    done = project.host("build", "--output", "artifact")
    assert done.code == 0, done.stderr
    root = project.directory / "artifact"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_B15_the_same_inputs_give_the_same_bytes(project: Project, tmp_path: Path) -> None:
    other = Project.at(tmp_path / "elsewhere" / "deeper")
    for each in (project, other):
        each.install("acme-todo", TODO)
    project.environ |= {"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata"}
    other.environ |= {"PYTHONHASHSEED": "77", "TZ": "America/New_York"}
    assert _artifact(project) == _artifact(other)


def test_B15_a_second_build_changes_no_file(project: Project) -> None:
    project.install("acme-todo", TODO)
    first = _artifact(project)
    before = {path: path.stat().st_mtime_ns for path in (project.directory / "artifact").rglob("*")}
    assert _artifact(project) == first
    assert {path: path.stat().st_mtime_ns for path in (project.directory / "artifact").rglob("*")} == before


def test_B15_the_artifact_contains_no_build_time_and_no_path_of_the_machine(project: Project) -> None:
    project.install("acme-todo", TODO)
    content = b"".join(_artifact(project).values()).decode()
    assert str(project.directory.parent) not in content
    assert sys.prefix not in content
    now = datetime.now(UTC)
    for date in (now, now - timedelta(days=1)):
        assert f"{date:%Y-%m-%d}" not in content
    assert f"{now.timestamp():.0f}"[:6] not in content


def test_B15_the_keys_of_the_manifest_are_sorted(project: Project) -> None:
    project.install("acme-todo", TODO)
    (text,) = [content.decode() for name, content in _artifact(project).items() if name.endswith(".json")]
    assert text.rstrip("\n") == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False)


def _mypy(directory: Path, cache: Path, source: str) -> str:
    (directory / "acme_typed.py").write_text(dedent(source), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--cache-dir",
        str(cache),
        "acme_typed.py",
    ]
    # The packages may be installed in a way that mypy does not follow.
    environment = {**os.environ, "MYPYPATH": str(Path(hookspecs.__file__).parent.parent)}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=300).stdout


def test_B17_the_public_packages_are_marked_as_typed() -> None:
    for package in (hookspecs, host):
        assert (Path(package.__file__).parent / "py.typed").is_file()


def test_B17_a_plugin_passes_strict_mypy(tmp_path: Path, mypy_cache: Path) -> None:
    assert _mypy(tmp_path, mypy_cache, TYPED) == ""


def test_B17_mypy_reports_misuse(tmp_path: Path, mypy_cache: Path) -> None:
    wrong = TYPED.replace('Channel("changed", str)', "Channel(1, str)").replace('custom={"page": 1}', 'enabled="no"')
    wrong = wrong.replace('broadcast("changed", "x")', "broadcast()").replace("payload.body.items]", "payload.body.rows]")
    report = _mypy(tmp_path, mypy_cache, wrong)
    for code in ("arg-type", "call-arg", "attr-defined"):
        assert f"[{code}]" in report


@pytest.mark.parametrize("compiler", COMPILERS)
def test_B17_the_typescript_compilers_accept_the_generated_file_and_report_misuse(project: Project, compiler: str) -> None:
    """FAB did not check its own TypeScript at build time; here the file passes the strict flags."""
    project.install("acme-todo", TODO)
    assert project.host("generate-config").code == 0
    imported = 'import { createApi, acme__todo } from "./generated-config";\n'
    correct = imported + 'void createApi({ acme__todo }).acme__todo.task.create({ title: "x" });\n'
    use = project.directory / "use.ts"
    use.write_text(correct, encoding="utf-8")
    assert compile_files([use], compiler) == ""
    use.write_text(correct.replace("title", "titel"), encoding="utf-8")
    assert "titel" in compile_files([use], compiler)

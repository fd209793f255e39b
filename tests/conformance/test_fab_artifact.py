"""FAB's deterministic artefact and its typed plugins (rows B15 and B17)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
    for one in (project, other):
        one.install("acme-todo", TODO)
    project.environ |= {"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata"}
    other.environ |= {"PYTHONHASHSEED": "77", "TZ": "America/New_York"}
    assert _artifact(project) == _artifact(other)


def test_B15_a_second_build_changes_no_file(project: Project) -> None:
    project.install("acme-todo", TODO)
    first = _artifact(project)
    before = {path: path.stat().st_mtime_ns for path in (project.directory / "artifact").rglob("*")}
    assert _artifact(project) == first
    assert {path: path.stat().st_mtime_ns for path in (project.directory / "artifact").rglob("*")} == before


def test_B15_nothing_in_it_says_when_or_where_it_was_made(project: Project) -> None:
    project.install("acme-todo", TODO)
    made = b"".join(_artifact(project).values()).decode()
    assert str(project.directory.parent) not in made
    assert sys.prefix not in made


def test_B15_the_keys_of_its_json_are_sorted(project: Project) -> None:
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
    # Type checkers do not look into editable installations.
    environment = {**os.environ, "MYPYPATH": str(Path(hookspecs.__file__).parent.parent)}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=300).stdout


def test_B17_the_public_packages_say_that_they_are_typed() -> None:
    for package in (hookspecs, host):
        assert (Path(package.__file__).parent / "py.typed").is_file()


def test_B17_a_plugin_passes_the_strictest_check(tmp_path: Path, mypy_cache: Path) -> None:
    assert _mypy(tmp_path, mypy_cache, TYPED) == ""


def test_B17_misuse_is_told_by_the_type_checker(tmp_path: Path, mypy_cache: Path) -> None:
    wrong = TYPED.replace('Channel("changed", str)', "Channel(1, str)").replace('custom={"page": 1}', 'enabled="no"')
    wrong = wrong.replace('broadcast("changed", "x")', "broadcast()").replace("payload.body.items]", "payload.body.rows]")
    said = _mypy(tmp_path, mypy_cache, wrong)
    for code in ("arg-type", "call-arg", "attr-defined"):
        assert f"[{code}]" in said


@pytest.mark.parametrize("compiler", COMPILERS)
def test_B17_the_typescript_is_type_checked_too(project: Project, compiler: str) -> None:
    """FAB's own TypeScript was not checked at build time. The file is clean under the strict flags, and misuse of it is told."""
    project.install("acme-todo", TODO)
    assert project.host("generate-config").code == 0
    imported = 'import { createApi, acme__todo } from "./generated-config";\n'
    right = imported + 'void createApi({ acme__todo }).acme__todo.task.create({ title: "x" });\n'
    use = project.directory / "use.ts"
    use.write_text(right, encoding="utf-8")
    assert compile_files([use], compiler) == ""
    use.write_text(right.replace("title", "titel"), encoding="utf-8")
    assert "titel" in compile_files([use], compiler)

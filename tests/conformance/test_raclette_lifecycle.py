"""When ``generated-config.ts`` is written: at every start in development, and never in production (rows R21, R22, R39)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.distributions import Project
from tests.serverkit import Server, until

TODO = """
    from litestar import get
    @get("/task")
    async def tasks() -> list[str]: return ["a"]
    @hookimpl
    def register_routes(scope): return tasks
"""
NOTES = TODO.replace("task", "note")
NAME = "generated-config.ts"


@pytest.fixture
def serve(project: Project) -> Iterator[Callable[..., Server]]:
    """Start ``host run`` in the project."""
    servers: list[Server] = []

    def begin(*arguments: str) -> Server:
        servers.append(Server(project.directory, arguments, project.environment()))
        return servers[-1].start()

    yield begin
    for server in servers:
        server.close()


def _file(project: Project) -> Path:
    return project.directory / NAME


def test_R21_each_start_writes_the_file_again(project: Project, serve: Callable[..., Server]) -> None:
    project.install("acme-todo", TODO)
    _file(project).write_text("// edited by hand\n", encoding="utf-8")
    serve().stop()
    written = _file(project).read_text(encoding="utf-8")
    assert 'target: "/acme__todo/task"' in written
    project.install("acme-notes", NOTES)
    serve().stop()
    assert 'target: "/acme__notes/note"' in _file(project).read_text(encoding="utf-8")


def test_K20_R21_R39_a_change_of_the_code_restarts_the_host_and_writes_the_file_again(
    project: Project, serve: Callable[..., Server]
) -> None:
    (project.directory / "plugins").mkdir()
    source = project.directory / "plugins" / "acme__local.py"
    text = (
        "from hookspecs import hookimpl\nfrom litestar import get\n\n\n@get('/{}')\nasync def read() -> list[str]:\n    return []\n"
    )
    hook = "\n\n@hookimpl\ndef register_routes(scope):\n    return read\n"
    source.write_text(text.format("before") + hook, encoding="utf-8")
    project.only_own = False
    project.environ["HOST_PLUGINS_ENABLED"] = "acme__local"
    serve("--reload")
    assert "/acme__local/before" in _file(project).read_text(encoding="utf-8")
    source.write_text(text.format("after") + hook, encoding="utf-8")
    until(lambda: "/acme__local/after" in _file(project).read_text(encoding="utf-8"), 30, "the file to be written again")
    assert "/acme__local/before" not in _file(project).read_text(encoding="utf-8")


def test_K20_the_watcher_is_refused_in_production(project: Project) -> None:
    refused = project.host("run", "--production", "--reload")
    assert refused.code == 2
    assert "--production and --reload exclude each other" in refused.stderr


def test_B20_R22_R34_the_build_generates_the_file_and_a_built_host_serves(project: Project, serve: Callable[..., Server]) -> None:
    import httpx

    project.install("acme-todo", TODO)
    assert project.host("build").code == 0
    assert 'target: "/acme__todo/task"' in (project.directory / "artifact" / NAME).read_text(encoding="utf-8")
    server = serve("--production")
    assert httpx.get(f"{server.url}/acme__todo/task").json() == ["a"]


def test_R22_production_writes_no_file_but_those_of_the_embedded_database(project: Project, serve: Callable[..., Server]) -> None:
    project.install("acme-todo", TODO)
    assert project.host("build").code == 0
    before = _state(project.directory)
    _file(project).unlink(missing_ok=True)
    before.pop(NAME, None)
    serve("--production").stop()
    assert {name: changed for name, changed in _state(project.directory).items() if not name.startswith(".host")} == before


def test_R22_a_host_that_differs_from_the_build_does_not_start(project: Project) -> None:
    _install_with_fixed_time(project, TODO)
    assert project.host("build").code == 0
    _install_with_fixed_time(project, TODO.replace("/task", "/duty"))
    refused = project.host("run", "--production", "--port", "0")
    assert refused.code != 0
    for word in ("acme__todo", "duty.getAll", "task.getAll", "host build"):
        assert word in refused.stderr


def test_R22_a_plugin_that_was_added_or_removed_since_the_build_is_named(project: Project) -> None:
    project.install("acme-todo", TODO)
    assert project.host("build").code == 0
    project.install("acme-notes", NOTES)
    refused = project.host("run", "--production", "--port", "0")
    assert refused.code != 0
    assert "acme__notes" in refused.stderr
    project.configure('[plugins]\ndisabled = ["acme__todo", "acme__notes"]\n')
    refused = project.host("run", "--production", "--port", "0")
    assert refused.code != 0
    assert "acme__todo" in refused.stderr


def test_R22_production_without_a_build_does_not_start(project: Project) -> None:
    project.install("acme-todo", TODO)
    refused = project.host("run", "--production", "--port", "0")
    assert refused.code != 0
    assert "host build" in refused.stderr


def _install_with_fixed_time(project: Project, source: str) -> None:
    """Install acme-todo as from a reproducible archive: an older module of the same size has the same modification time."""
    project.install("acme-todo", source)
    os.utime(project.site.directory / "acme_todo.py", (1_000_000_000, 1_000_000_000))


def _state(directory: Path) -> dict[str, int]:
    return {
        str(path.relative_to(directory)): path.stat().st_mtime_ns
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not str(path.relative_to(directory)).startswith(".host")
    }

"""``host run --reload`` replaces the worker after each change; the new one keeps nothing of the previous one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.distributions import Project
from tests.e2e.developing import develop, only_developed, uninstall, write_source, write_source_with_fixed_time
from tests.serverkit import Server, until

#: In seconds; a restart takes one.
PATIENCE = 60.0


@pytest.fixture
def project(project: Project, tmp_path: Path) -> Project:
    """Return a project with one plugin that is installed from a directory of its own."""
    return only_developed(project, tmp_path / "duty")


@pytest.fixture
def server(project: Project) -> Iterator[Server]:
    """Start the server with ``--reload``."""
    server = Server(project.directory, ["--reload"], project.environment())
    yield server.start()
    server.close()


def status(server: Server, path: str) -> int:
    """Return the status of a response, 0 while the server restarts."""
    try:
        return httpx.get(f"{server.url}{path}").status_code
    except httpx.TransportError:
        return 0


def serves(server: Server, path: str, code: int = 200) -> None:
    until(lambda: status(server, path) == code, PATIENCE, f"{path} to answer {code}\n{server.stdout}{server.stderr}")


def config(project: Project) -> str:
    return (project.directory / "generated-config.ts").read_text(encoding="utf-8")


def test_nothing_of_the_previous_code_is_left(server: Server, project: Project, tmp_path: Path) -> None:
    write_source(tmp_path / "duty", "acme_duty", "Errand", "errand")
    serves(server, "/acme__duty/errand")
    serves(server, "/acme__duty/task", 404)
    assert "interface Errand {" in config(project)
    assert "interface Task {" not in config(project)


def test_a_change_that_keeps_size_and_time_is_served(server: Server, project: Project, tmp_path: Path) -> None:
    """As when a file is saved twice within a second: Python alone would run the bytecode of the previous version."""
    for name, path in (("Chore", "chore"), ("Stint", "stint"), ("Labor", "labor")):
        write_source_with_fixed_time(tmp_path / "duty", "acme_duty", name, path)
        serves(server, f"/acme__duty/{path}")
        assert f"interface {name} {{" in config(project)


def test_a_module_that_was_removed_cannot_be_imported(server: Server, tmp_path: Path) -> None:
    (tmp_path / "duty" / "acme_duty" / "names.py").unlink()
    until(lambda: "No module named 'acme_duty.names'" in server.stderr, PATIENCE, "the error")
    write_source(tmp_path / "duty", "acme_duty", path="again")
    serves(server, "/acme__duty/again")


def test_a_change_of_the_settings_restarts_the_server(server: Server, project: Project) -> None:
    project.configure('[plugins.acme__duty]\nprefix = "/duties"\n')
    serves(server, "/duties/task")
    assert 'routePrefix: "/duties"' in config(project)


def test_malformed_settings_are_reported_and_can_be_fixed(server: Server, project: Project) -> None:
    project.configure("[plugins.acme__duty\n")
    until(lambda: "error[settings]" in server.stderr, PATIENCE, "the error")
    project.configure('[plugins.acme__duty]\nprefix = "/duties"\n')
    serves(server, "/duties/task")


def test_a_newly_installed_plugin_is_served(server: Server, project: Project, tmp_path: Path) -> None:
    write_source(tmp_path / "more", "acme_more", "More", "more")
    develop(project, "acme-more", tmp_path / "more")
    serves(server, "/acme__more/more")
    write_source(tmp_path / "more", "acme_more", "More", "most")
    serves(server, "/acme__more/most")
    assert 'pluginKey: "acme__more"' in config(project)


def test_a_package_found_by_a_finder_is_served(server: Server, project: Project, tmp_path: Path) -> None:
    """``pip install -e`` of a package directly beside its pyproject.toml; then the same from another directory."""
    for folder in ("more", "moved"):
        write_source(tmp_path / folder, "acme_more", "More", folder)
        develop(project, "acme-more", tmp_path / folder, finder=True)
        serves(server, f"/acme__more/{folder}")


def test_an_uninstalled_plugin_is_no_longer_served(server: Server, project: Project) -> None:
    serves(server, "/acme__duty/task")
    uninstall(project, "acme-duty")
    serves(server, "/acme__duty/task", 404)
    assert "acme__duty" not in config(project)


def test_the_server_stops_cleanly(server: Server, tmp_path: Path) -> None:
    write_source(tmp_path / "duty", "acme_duty", path="other")
    serves(server, "/acme__duty/other")
    assert server.stop() == 0

"""Roles of processes, and what runs when a plugin is loaded (rows K16, K22)."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from hookspecs.scope import Role
from host import Host
from host.common.errors import PluginImportError
from tests.conformance.kit import ISOLATE, failures, in_host, journal, live
from tests.distributions import Project
from tests.serverkit import Serve, serve

__all__ = ("serve",)

ROLE = """
    from litestar import get
    from pathlib import Path

    @hookimpl
    def register_routes(scope):
        @get(f"/{scope.role}", sync_to_thread=False)
        def role(plugin_scope: Scope) -> str: return plugin_scope.role
        return role
    @hookimpl
    def configure(scope): Path("configured").write_text(scope.role)
    @hookimpl
    def on_startup(scope): Path("started").write_text(scope.role)
"""


@pytest.mark.parametrize("role", ["web", "build"])
def test_K16_a_plugin_reads_the_role_of_its_process(project: Project, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    monkeypatch.chdir(project.directory)
    project.install("acme-todo", ROLE)

    async def routes() -> set[str]:
        app = await Host(project.settings, role=role).assemble()
        return {route.path for route in app.routes}

    assert f"/acme__todo/{role}" in asyncio.run(routes())


def test_K16_a_host_has_the_role_web_by_default(project: Project) -> None:
    project.install("acme-todo")

    async def role(host: Host) -> str:
        return host.plugins["acme__todo"].scope.role

    assert in_host(project, role) == "web"


@pytest.mark.parametrize("command", [("generate-config",), ("routes", "--json"), ("plugins", "check")])
def test_K16_commands_that_do_not_serve_have_the_role_build_and_start_no_plugin(project: Project, command: tuple[str, ...]) -> None:
    project.install("acme-todo", ROLE)
    done = project.host(*command)
    assert done.code == 0, done.stderr
    assert (project.directory / "configured").read_text(encoding="utf-8") == "build"
    assert not (project.directory / "started").exists()
    if "routes" in command:
        paths = [route["path"] for route in json.loads(done.stdout)["routes"] if route["plugin"] == "acme__todo"]
        assert paths == ["/acme__todo/build"]


def test_K16_a_server_has_the_role_web(project: Project, serve: Serve) -> None:
    project.install("acme-todo", ROLE)
    server = serve(environment=project.environment())
    assert httpx.get(f"{server.url}/acme__todo/web").text == "web"
    assert (server.directory / "started").read_text(encoding="utf-8") == "web"


LOADED = """
    from journal import note

    class Plugin:
        def __init__(self): note(f"{NAME} is created")
        @hookimpl
        def plugin_options(self): note(f"{NAME} options")
        @hookimpl
        def register_plugins(self, scope): note(f"{NAME} children")
        @hookimpl
        async def configure(self, scope): note(f"{NAME} configure")
    note(f"{NAME} is imported")
"""


def test_K22_a_plugin_is_loaded_once_and_completely_before_the_next(project: Project) -> None:
    """backendjs calls ``init`` when the module is loaded. Here the module body and the constructor do this; what needs I/O
    belongs in ``configure``, which runs when all plugins are loaded.
    """
    notes = journal(project)
    for name in ("b", "a"):
        project.install(f"acme-{name}", LOADED.replace("{NAME}", name), target=f"acme_{name}:Plugin")
    live(project)
    loading = ["is imported", "is created", "options", "children"]
    assert notes == [f"{name} {step}" for name in "ab" for step in loading] + ["a configure", "b configure"]


def test_K22_an_error_on_load_fails_that_plugin_alone(project: Project) -> None:
    """backendjs logs it and continues, or exits with ``stop-on-error``; here ``on_failure`` decides, per plugin."""
    notes = journal(project)
    project.install("acme-a", "class Plugin:\n    def __init__(self): raise OSError('no licence')", target="acme_a:Plugin")
    project.install("acme-b", LOADED.replace("{NAME}", "b"), target="acme_b:Plugin")
    project.configure(ISOLATE)
    failed = failures(project)
    assert list(failed) == ["acme__a"]
    assert isinstance(failed["acme__a"][0], PluginImportError)
    assert str(failed["acme__a"][0].__cause__) == "no licence"
    assert notes[-1] == "b configure"

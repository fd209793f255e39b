"""Inspecting a host, and testing it without a socket (rows F32, F36)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest

from host import Host
from tests.conformance.kit import ANSWERING, in_host
from tests.distributions import Project
from tests.inprocess import client_of, running

NESTED = (
    ANSWERING
    + """
    import asyncio

    class Inner:
        @hookimpl
        def register_services(self, scope): return {"pool": 1}
        @hookimpl
        async def on_startup(self, scope): await asyncio.sleep(0.05)
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner")
"""
)


def json_output(project: Project, *arguments: str) -> Any:
    """Return what a command prints with ``--json``."""
    outcome = project.host(*arguments, "--json")
    assert outcome.code == 0, outcome.stderr
    return json.loads(outcome.stdout)


def test_F32_the_start_report_has_the_time_of_each_plugin_and_hook(project: Project) -> None:
    project.install("acme-a", NESTED)

    async def report(host: Host) -> Any:
        return host.boot.report().to_data()

    data = in_host(project, report)
    assert data["outcome"] == "ok"
    phases = {span["what"]: span for span in data["spans"]}
    assert {"discover", "load", "configure", "register", "assemble", "start", "ready"} <= set(phases)
    (outer,) = phases["start"]["inside"]
    assert outer["plugin"] == "acme__a"
    inner = next(node for node in outer["inside"] if node["plugin"] == "acme__a.inner")
    (hook,) = [node for node in inner["inside"] if node["what"] == "on_startup"]
    assert 0.04 < hook["seconds"] <= inner["seconds"] <= outer["seconds"] <= phases["start"]["seconds"]


def test_F32_plugins_check_prints_the_start_report(project: Project) -> None:
    project.install("acme-a", NESTED)
    text = project.host("plugins", "check").stdout
    assert "start report: ok" in text
    assert "register_plugins" in text
    assert " ms" in text


def test_F32_graph_lists_the_plugins_with_parents_and_dependencies(project: Project) -> None:
    project.install("acme-a", NESTED)
    project.install("acme-b", requires=["acme-a"])
    graph = json_output(project, "graph")
    nodes = {node["key"]: node for node in graph["plugins"]}
    assert list(nodes) == ["acme__a", "acme__a.inner", "acme__b"]
    assert nodes["acme__a.inner"]["parent"] == "acme__a"
    assert [edge["plugin"] for edge in nodes["acme__b"]["needs"]] == ["acme__a"]


def test_F32_routes_lists_the_routes_with_their_plugins(project: Project) -> None:
    project.install("acme-a", NESTED)
    assert ("GET", "/acme__a", "acme__a") in [
        (route["method"], route["path"], route["plugin"]) for route in json_output(project, "routes")["routes"]
    ]


def test_F32_a_running_host_has_its_plugins_children_and_services(project: Project) -> None:
    project.install("acme-a", NESTED)

    async def look(host: Host) -> None:
        assert list(host.plugins) == ["acme__a", "acme__a.inner"]
        assert list(host.plugins.acme__a.children) == ["inner"]
        assert "pool" in host.plugins.acme__a.inner.scope.services
        assert "pool" not in host.plugins.acme__a.scope.services
        assert host.plugins.acme__a.inner.scope.parent is host.plugins.acme__a.scope
        assert host.boot.order == ["acme__a", "acme__a.inner"]

    in_host(project, look)


def test_F32_the_settings_of_a_host_are_immutable(project: Project) -> None:
    async def change(host: Host) -> None:
        with pytest.raises(AttributeError):
            host.settings.plugins.timeout = 1.0  # type: ignore[misc]  # the error under test
        with pytest.raises(AttributeError):
            host.settings.environment = "other"  # type: ignore[misc]  # as above

    in_host(project, change)
    assert msgspec.structs.fields(project.settings)


def test_F36_requests_need_no_socket(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.install("acme-a", ANSWERING)

    async def ask() -> str:
        async with running(project) as (_, client):
            monkeypatch.setattr("socket.socket.bind", _refuse)
            monkeypatch.setattr("socket.socket.connect", _refuse)
            return (await client.get("/acme__a")).text

    assert asyncio.run(ask()) == "acme__a"


def _refuse(*_: object) -> None:
    raise AssertionError("a socket is used")


def test_F36_async_with_starts_and_stops_the_host(project: Project) -> None:
    project.install("acme-a", ANSWERING)

    async def life() -> list[str]:
        async with Host(project.settings) as host:
            states = [host.state]
        return [*states, host.state]

    assert asyncio.run(life()) == ["ready", "stopped"]


def test_F36_routes_can_be_tested_without_starting_the_plugins(project: Project) -> None:
    project.install("acme-a", ANSWERING + "\n    @hookimpl\n    def on_startup(scope): raise OSError\n")

    async def ask() -> str:
        host = Host(project.settings)
        await host.assemble()
        async with client_of(host) as client:
            return (await client.get("/acme__a")).text

    assert asyncio.run(ask()) == "acme__a"


def test_F36_a_host_can_be_created_from_a_directory(project: Project) -> None:
    project.configure('environment = "testing"\n')

    async def environment() -> str:
        host = Host(project.directory)
        await host.close()
        return host.settings.environment

    assert asyncio.run(environment()) == "testing"

"""What can be seen of a host, and how it is tested without a socket."""

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


def shown(project: Project, *arguments: str) -> Any:
    outcome = project.host(*arguments, "--json")
    assert outcome.code == 0, outcome.stderr
    return json.loads(outcome.stdout)


def test_F32_a_tree_of_times_says_who_took_how_long(project: Project) -> None:
    project.install("acme-a", NESTED)

    async def report(host: Host) -> Any:
        return host.boot.report().to_data()

    found = in_host(project, report)
    assert found["outcome"] == "ok"
    phases = {span["what"]: span for span in found["spans"]}
    assert {"discover", "load", "configure", "register", "assemble", "start", "ready"} <= set(phases)
    (outer,) = phases["start"]["inside"]
    assert outer["plugin"] == "acme__a"
    inner = next(node for node in outer["inside"] if node["plugin"] == "acme__a.inner")
    (hook,) = [node for node in inner["inside"] if node["what"] == "on_startup"]
    assert 0.04 < hook["seconds"] <= inner["seconds"] <= outer["seconds"] <= phases["start"]["seconds"]


def test_F32_the_command_shows_the_same_tree(project: Project) -> None:
    project.install("acme-a", NESTED)
    text = project.host("plugins", "check").stdout
    assert "start report: ok" in text
    assert "register_plugins" in text
    assert " ms" in text


def test_F32_the_command_shows_the_tree_of_plugins(project: Project) -> None:
    project.install("acme-a", NESTED)
    project.install("acme-b", requires=["acme-a"])
    found = shown(project, "graph")
    nodes = {node["key"]: node for node in found["plugins"]}
    assert list(nodes) == ["acme__a", "acme__a.inner", "acme__b"]
    assert nodes["acme__a.inner"]["parent"] == "acme__a"
    assert [edge["plugin"] for edge in nodes["acme__b"]["needs"]] == ["acme__a"]


def test_F32_the_command_shows_the_routes_with_their_owners(project: Project) -> None:
    project.install("acme-a", NESTED)
    assert ("GET", "/acme__a", "acme__a") in [
        (route["method"], route["path"], route["plugin"]) for route in shown(project, "routes")["routes"]
    ]


def test_F32_one_asks_a_running_host_for_plugins_and_what_they_have(project: Project) -> None:
    project.install("acme-a", NESTED)

    async def look(host: Host) -> None:
        assert list(host.plugins) == ["acme__a", "acme__a.inner"]
        assert list(host.plugins.acme__a.children) == ["inner"]
        assert "pool" in host.plugins.acme__a.inner.scope.services
        assert "pool" not in host.plugins.acme__a.scope.services
        assert host.plugins.acme__a.inner.scope.parent is host.plugins.acme__a.scope
        assert host.boot.order == ["acme__a", "acme__a.inner"]

    in_host(project, look)


def test_F32_the_settings_of_a_host_do_not_change(project: Project) -> None:
    async def change(host: Host) -> None:
        with pytest.raises(AttributeError):
            host.settings.plugins.timeout = 1.0  # type: ignore[misc]  # that is the mistake
        with pytest.raises(AttributeError):
            host.settings.environment = "other"  # type: ignore[misc]  # idem

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


def test_F36_the_block_starts_and_stops(project: Project) -> None:
    project.install("acme-a", ANSWERING)

    async def life() -> list[str]:
        async with Host(project.settings) as host:
            states = [host.state]
        return [*states, host.state]

    assert asyncio.run(life()) == ["ready", "stopped"]


def test_F36_routes_can_be_tried_without_starting_anything(project: Project) -> None:
    project.install("acme-a", ANSWERING + "\n    @hookimpl\n    def on_startup(scope): raise OSError\n")

    async def ask() -> str:
        host = Host(project.settings)
        await host.assemble()
        async with client_of(host) as client:
            return (await client.get("/acme__a")).text

    assert asyncio.run(ask()) == "acme__a"


def test_F36_a_directory_is_enough(project: Project) -> None:
    project.configure('environment = "testing"\n')

    async def environment() -> str:
        host = Host(project.directory)
        await host.close()
        return host.settings.environment

    assert asyncio.run(environment()) == "testing"

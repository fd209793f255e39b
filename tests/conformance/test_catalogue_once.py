"""Home Assistant's, pluggy's and avvio's test cases of races, repeated starts and nesting (rows F1 to F3, F12, F21)."""

from __future__ import annotations

import asyncio
import threading

import pytest

from host import Host
from host.common.errors import HookResultError, NoSuchPluginError, StateError
from tests.conformance.kit import error, in_host, journal, live
from tests.distributions import Project

NOTING = """
    from journal import note
    note("import")

    @hookimpl
    def register_plugins(scope): note("load")
    @hookimpl
    async def on_startup(scope): note("start")
"""


def test_F21_concurrent_waiters_start_a_plugin_once(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)

    async def race() -> None:
        host = Host(project.settings)
        await asyncio.gather(*(host.ready() if turn % 2 else host.after("acme__a") for turn in range(20)))
        await host.close()

    asyncio.run(race())
    assert notes == ["import", "load", "start"]


def test_F1_hosts_in_two_threads_load_and_start_independently(project: Project) -> None:
    """The module is imported once, as always in Python; each host loads and starts the plugin once."""
    notes = journal(project)
    project.install("acme-a", NOTING)
    settings = project.settings
    keys: list[list[str]] = []

    async def life() -> None:
        async with Host(settings) as host:
            keys.append(list(host.plugins))

    threads = [threading.Thread(target=asyncio.run, args=(life(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert keys == [["acme__a"]] * 2
    assert sorted(notes) == ["import", "load", "load", "start", "start"]


def test_F21_a_second_start_is_refused(project: Project) -> None:
    async def twice(host: Host) -> None:
        with pytest.raises(StateError, match="started before"):
            await host.start()
        assert host.state == "ready"

    in_host(project, twice)


@pytest.mark.parametrize("name", ["app", "boot", "plugins"])
def test_F21_the_error_for_an_attribute_before_the_start_says_what_to_await(project: Project, name: str) -> None:
    with pytest.raises(StateError) as caught:
        getattr(Host(project.settings), name)
    assert "host.ready()" in caught.value.fix


def test_F2_a_plugin_nested_in_itself_is_refused(project: Project) -> None:
    project.install(
        "acme-a",
        """
        class Again:
            @hookimpl
            def register_plugins(self, scope): return Child(self, "again")
        again = Again()
        @hookimpl
        def register_plugins(scope): return Child(again, "again")
        """,
    )
    failure = error(project)
    assert isinstance(failure, HookResultError)
    assert failure.plugin == "acme__a.again.again"
    assert "which contains it" in failure.message


def test_F2_endless_nesting_is_refused(project: Project) -> None:
    project.install(
        "acme-a",
        """
        class Deeper:
            @hookimpl
            def register_plugins(self, scope): return Child(Deeper, "deeper")
        @hookimpl
        def register_plugins(scope): return Child(Deeper, "deeper")
        """,
    )
    failure = error(project)
    assert isinstance(failure, HookResultError)
    assert "deep" in failure.message


def test_F3_plugins_nested_four_levels_deep_are_loaded_depth_first(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from journal import note
        class Node:
            def __init__(self, depth): self.depth = depth
            @hookimpl
            def register_plugins(self, scope):
                note(scope.key)
                return [Child(Node(self.depth - 1), f"n{number}") for number in range(2)] if self.depth else None
        node = Node(4)
        """,
        target="acme_a:node",
    )
    live(project)
    assert len(notes) == 2**5 - 1
    assert notes == sorted(notes)  # depth first, and the names of siblings are in order here


def test_F12_the_error_for_a_child_that_failed_to_load_names_its_failure(project: Project) -> None:
    project.configure('[plugins]\non_failure = "isolate"\n')
    project.install(
        "acme-a",
        """
        class Broken:
            def __init__(self): raise OSError("no disk")
        @hookimpl
        def register_plugins(scope): return Child(Broken, "broken")
        """,
    )

    async def look_up(host: Host) -> None:
        with pytest.raises(NoSuchPluginError, match="it failed: Broken cannot be instantiated"):
            host.plugins["acme__a.broken"]

    in_host(project, look_up)

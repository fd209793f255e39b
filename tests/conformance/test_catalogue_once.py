"""Nothing happens twice: the cases of Home Assistant, pluggy and avvio about races and about starting while starting."""

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


def test_F21_a_plugin_is_set_up_once_when_raced(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)

    async def race() -> None:
        host = Host(project.settings)
        await asyncio.gather(*(host.ready() if turn % 2 else host.after("acme__a") for turn in range(20)))
        await host.close()

    asyncio.run(race())
    assert notes == ["import", "load", "start"]


def test_F1_two_hosts_in_two_threads_are_two(project: Project) -> None:
    """One import, as Python has it, and one life in each host."""
    notes = journal(project)
    project.install("acme-a", NOTING)
    settings = project.settings
    seen: list[list[str]] = []

    async def life() -> None:
        async with Host(settings) as host:
            seen.append(list(host.plugins))

    threads = [threading.Thread(target=asyncio.run, args=(life(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == [["acme__a"]] * 2
    assert sorted(notes) == ["import", "load", "load", "start", "start"]


def test_F21_a_second_start_is_refused(project: Project) -> None:
    async def twice(host: Host) -> None:
        with pytest.raises(StateError, match="started before"):
            await host.start()
        assert host.state == "ready"

    in_host(project, twice)


@pytest.mark.parametrize("name", ["app", "boot", "plugins"])
def test_F21_what_is_asked_for_before_the_start_says_what_to_do(project: Project, name: str) -> None:
    with pytest.raises(StateError) as caught:
        getattr(Host(project.settings), name)
    assert "host.ready()" in caught.value.fix


def test_F2_a_plugin_in_itself_is_refused(project: Project) -> None:
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
    found = error(project)
    assert isinstance(found, HookResultError)
    assert found.plugin == "acme__a.again.again"
    assert "which contains it" in found.message


def test_F2_nesting_without_an_end_is_refused(project: Project) -> None:
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
    found = error(project)
    assert isinstance(found, HookResultError)
    assert "deep" in found.message


def test_F3_plugins_may_come_from_within_plugins_at_any_depth(project: Project) -> None:
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


def test_F12_a_child_that_failed_to_load_is_told_as_such(project: Project) -> None:
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

    async def ask(host: Host) -> None:
        with pytest.raises(NoSuchPluginError, match="it failed: Broken cannot be instantiated"):
            host.plugins["acme__a.broken"]

    in_host(project, ask)

"""What a failure means for other plugins, and waiting for one plugin or for all (rows F20, F21)."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import pytest

from host import Host
from host.common.errors import BootError, DependencyFailedError, HookCallError, HostError, NoSuchPluginError
from tests.conformance.kit import ANSWERING, ISOLATE, errors, failures, get, in_host, journal
from tests.distributions import Project

FAILING = """
    from journal import note

    @hookimpl
    async def on_startup(scope):
        note(f"{scope.name} starts")
        raise OSError("no disk")
"""
STARTING = "\n    from journal import note\n\n    @hookimpl\n    async def on_startup(scope): note(f'{scope.name} starts')\n"


def install_three(project: Project) -> list[str]:
    """Install ``a``, which fails, ``b``, which requires it, and ``c``, which does not."""
    notes = journal(project)
    project.install("acme-a", FAILING + ANSWERING)
    project.install("acme-b", STARTING + ANSWERING, requires=["acme-a"])
    project.install("acme-c", STARTING + ANSWERING)
    return notes


def test_F20_a_failure_stops_the_start(project: Project) -> None:
    install_three(project)
    failed, dependent = errors(project)
    assert isinstance(failed, HookCallError)
    assert (failed.plugin, failed.hook) == ("acme__a", "on_startup")
    assert isinstance(failed.__cause__, OSError)
    assert isinstance(dependent, DependencyFailedError)


def test_F20_an_isolated_failure_fails_the_dependents_and_no_other_plugin(project: Project) -> None:
    """Fastify skips the rest until an ``after`` handles the error; here the others start, and each failed plugin has a reason."""
    project.configure(ISOLATE)
    notes = install_three(project)
    failed = failures(project)
    assert notes == ["a starts", "c starts"]
    assert list(failed) == ["acme__a", "acme__b"]
    (dependent,) = failed["acme__b"]
    assert isinstance(dependent, DependencyFailedError)
    assert dependent.chain == ("acme__b", "acme__a")


def test_F20_paths_below_the_prefix_of_an_isolated_plugin_are_answered_503(project: Project) -> None:
    project.configure(ISOLATE)
    install_three(project)
    first, below, second, third = get(project, "/acme__a", "/acme__a/nothing", "/acme__b", "/acme__c")
    assert [answer.status_code for answer in (first, below, second, third)] == [503, 503, 503, 200]
    assert "acme__a" in first.json()["detail"]
    assert first.headers["Retry-After"]


def test_F20_an_isolated_child_fails_without_its_parent_and_its_sibling(project: Project) -> None:
    project.configure(ISOLATE)
    project.install(
        "acme-a",
        ANSWERING
        + """
    class Inner:
        @hookimpl
        def register_routes(self, scope): return root
    class Failing(Inner):
        @hookimpl
        def on_startup(self, scope): raise OSError("no disk")
    @hookimpl
    def register_plugins(scope): return [Child(Failing, "x", "/x"), Child(Inner, "y", "/y")]
    """,
    )
    assert [answer.status_code for answer in get(project, "/acme__a", "/acme__a/x", "/acme__a/y")] == [200, 503, 200]


GATED = """
    import asyncio
    gate = asyncio.Event()

    @hookimpl
    async def on_startup(scope): await gate.wait()
"""


def test_F21_after_waits_for_one_plugin_while_others_start(project: Project) -> None:
    project.install("acme-a", "")
    project.install("acme-b", GATED)

    async def life() -> list[str]:
        host = Host(project.settings)
        states = []
        scope = await host.after("acme__a")
        states.append(f"{scope.key} {host.state}")
        second = asyncio.create_task(host.after("acme__b"))
        await asyncio.sleep(0)
        states.append(f"{second.done()}")
        importlib.import_module("acme_b").gate.set()
        states.append(f"{(await second).key}")
        await host.ready()
        states.append(host.state)
        await host.close()
        return [*states, host.state]

    assert asyncio.run(life()) == ["acme__a starting", "False", "acme__b", "ready", "stopped"]


def test_F21_after_returns_when_the_dependencies_have_started_as_well(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", STARTING, requires=["acme-b"])
    project.install("acme-b", STARTING)

    async def life() -> list[str]:
        host = Host(project.settings)
        await host.after("acme__a")
        started = list(notes)
        await host.close()
        return started

    assert asyncio.run(life()) == ["b starts", "a starts"]


def test_F21_after_returns_when_the_children_have_started_as_well(project: Project) -> None:
    """As in Fastify, where an awaited plugin is loaded with its children; later plugins are not waited for."""
    notes = journal(project)
    project.install(
        "acme-a",
        """
        import asyncio
        from journal import note
        class Inner:
            @hookimpl
            async def on_startup(self, scope):
                await asyncio.sleep(0.01)
                note(scope.key)
        @hookimpl
        def register_plugins(scope): return [Child(Inner, "x"), Child(Inner, "y")]
        """,
    )
    project.install("acme-b", GATED)

    async def life() -> list[str]:
        host = Host(project.settings)
        await host.after("acme__a")
        started = list(notes)
        await host.close()
        return started

    assert asyncio.run(life()) == ["acme__a.x", "acme__a.y"]


def test_F21_concurrent_and_late_waiters_start_a_plugin_once(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", STARTING)

    async def life() -> None:
        host = Host(project.settings)
        await asyncio.gather(host.ready(), host.after("acme__a"), host.ready())
        await host.ready()
        await host.close()

    asyncio.run(life())
    assert notes == ["a starts"]


@pytest.mark.parametrize(("key", "kind"), [("acme__a", HookCallError), ("acme__b", DependencyFailedError)])
def test_F21_after_raises_the_failure_of_its_plugin(project: Project, key: str, kind: type[HostError]) -> None:
    project.configure(ISOLATE)
    install_three(project)

    async def wait(host: Host) -> Any:
        with pytest.raises(kind) as caught:
            await host.after(key)
        return caught.value

    assert in_host(project, wait).plugin == key


def test_F21_ready_raises_all_failures(project: Project) -> None:
    install_three(project)

    async def life() -> BootError:
        host = Host(project.settings)
        with pytest.raises(BootError) as caught:
            await host.ready()
        await host.close()
        return caught.value

    assert len(asyncio.run(life()).errors) == 2


@pytest.mark.parametrize("step", ["host.lifecycle.boot.Boot.assemble", "host.lifecycle.running.Runtime.start"])
def test_F21_waiters_receive_an_internal_error_of_the_host(project: Project, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr(step, fail)

    async def life() -> None:
        host = Host(project.settings)
        waiting = [asyncio.create_task(host.ready()), asyncio.create_task(host.after("acme__a"))]
        await asyncio.wait(waiting)
        assert isinstance(waiting[0].exception(), LookupError)
        assert waiting[1].exception() is not None
        await host.close()
        assert host.state == "stopped"

    asyncio.run(life())


def test_F21_after_refuses_an_unknown_key(project: Project) -> None:
    project.install("acme-a", "")

    async def wait(host: Host) -> None:
        with pytest.raises(NoSuchPluginError, match="acme__b"):
            await host.after("acme__b")

    in_host(project, wait)

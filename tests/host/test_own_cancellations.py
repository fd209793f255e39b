"""Plugins that cancel the task in which the host calls them, for example by a task group whose background task fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from host import Host
from host.common.errors import BootError
from tests.conformance.kit import journal
from tests.distributions import Project
from tests.host.gates import soon
from tests.inprocess import client_of

ISOLATE = '[plugins]\non_failure = "isolate"\n'
CANCELS = """
    import asyncio
    @hookimpl
    async def {hook}(scope):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)
"""
#: A task group that is left open, and whose task fails while the hook still waits.
GROUP_FAILS = """
    import asyncio
    async def fail(): raise OSError("no disk")
    @hookimpl
    async def {hook}(scope):
        group = await asyncio.TaskGroup().__aenter__()
        group.create_task(fail())
        await asyncio.sleep(60)
"""


async def failures_of(project: Project) -> dict[str, str]:
    host = Host(project.settings)
    await soon(host.start())
    await soon(host.close())
    return {key: host.boot.failures[key][0].message for key in host.boot.failures}


@pytest.mark.parametrize("hook", ["configure", "on_startup", "on_ready"])
@pytest.mark.parametrize("source", [CANCELS, GROUP_FAILS])
def test_a_hook_that_is_ended_by_the_plugins_own_cancellation_fails(project: Project, source: str, hook: str) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", source.format(hook=hook))
    project.install("acme-b")
    assert asyncio.run(failures_of(project)) == {"acme__a": f"{hook} raised CancelledError"}


def test_the_factory_of_a_service_that_is_ended_by_the_plugins_own_cancellation_fails(project: Project) -> None:
    project.configure(ISOLATE)
    source = """
        import asyncio
        async def make():
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        @hookimpl
        def register_services(scope): return {"pool": Service(make)}
    """
    project.install("acme-a", source)
    assert asyncio.run(failures_of(project)) == {"acme__a": "the factory of the service 'pool' raised CancelledError"}


def test_a_hook_that_handles_its_own_cancellation_succeeds(project: Project) -> None:
    notes = journal(project)
    source = """
        import asyncio
        from journal import note
        @hookimpl
        async def on_startup(scope):
            asyncio.current_task().cancel()
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                note("handled")
        @hookimpl
        def on_shutdown(scope): note(f"stops {asyncio.current_task().cancelling()}")
    """
    project.install("acme-a", source)
    assert asyncio.run(failures_of(project)) == {}
    assert notes == ["handled", "stops 0"]


def test_a_task_group_of_a_plugin_that_fails_while_its_shared_child_starts_fails_the_plugin(project: Project) -> None:
    notes = journal(project)
    project.configure(ISOLATE)
    source = """
        import asyncio, contextlib
        from journal import note
        async def fail(): raise OSError("no disk")
        async def make():
            group = await asyncio.TaskGroup().__aenter__()
            group.create_task(fail())
            return group
        async def close(group):
            note("closes")
            with contextlib.suppress(BaseExceptionGroup):
                await group.__aexit__(None, None, None)
        class Shared:
            @hookimpl
            def register_services(self, scope): return {"pool": Service(lambda: asyncio.sleep(60))}
        @hookimpl
        def register_services(scope): return {"group": Service(make, close=close)}
        @hookimpl
        def register_plugins(scope): return Child(Shared, "shared", shared=True)
    """
    project.install("acme-a", source)
    failures = asyncio.run(failures_of(project))
    assert failures["acme__a"].startswith("a task group or cancel scope that a factory has left open was cancelled")
    assert notes == ["closes"]


def test_a_stop_goes_on_after_a_plugin_that_cancels_itself(project: Project) -> None:
    notes = journal(project)
    source = """
        from journal import note
        @hookimpl
        def on_startup(scope): note("starts")
        @hookimpl
        def on_shutdown(scope): note("stops")
    """
    project.install("acme-a", source)
    services = """
    @hookimpl
    def register_services(scope): return {"pool": Service(lambda: None, close=lambda _: note("closes"))}
    from journal import note
    """
    project.install("acme-b", CANCELS.format(hook="on_shutdown") + services)

    async def stop() -> tuple[Any, ...]:
        host = Host(project.settings)
        await soon(host.start())
        with pytest.raises(BootError) as caught:
            await soon(host.close())
        return caught.value.errors

    (error,) = asyncio.run(stop())
    assert (error.plugin, error.message) == ("acme__b", "on_shutdown raised CancelledError")
    assert notes == ["starts", "closes", "stops"]


def test_a_health_check_that_cancels_itself_is_unhealthy(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", CANCELS.format(hook="check_health"))

    async def health() -> Any:
        async with Host(project.settings) as host, client_of(host) as client:
            return (await soon(client.get("/health/ready"))).json()["plugins"]

    assert asyncio.run(health()) == {"acme__a": {"status": "unhealthy", "problem": "check_health failed", "code": "hook-raised"}}

"""avvio's test cases of closing, as far as they apply here (rows F27 and E23)."""

from __future__ import annotations

import asyncio
import importlib
import sys

import pytest

from host import Host
from host.common.errors import BootError, HostError, StateError
from tests.conformance.kit import NOTING, journal, live, with_new_host
from tests.distributions import Project

GATED = """
    import asyncio
    from journal import note
    reached, gate = asyncio.Event(), asyncio.Event()

    @hookimpl
    async def on_startup(scope):
        note("waiting")
        reached.set()
        await gate.wait()
    @hookimpl
    async def on_shutdown(scope): note("stop gated")
"""


async def reached() -> None:
    """Wait until the gated plugin has reached its gate."""
    async with asyncio.timeout(60):
        await importlib.import_module("acme_b").reached.wait()


def test_F27_close_before_the_start_is_safe_and_imports_nothing(project: Project) -> None:
    project.install("acme-a", NOTING)

    async def close(host: Host) -> None:
        await host.close()
        assert host.state == "stopped"
        assert "acme_a" not in sys.modules

    with_new_host(project, close)


def test_F27_a_closed_host_refuses_to_start(project: Project) -> None:
    project.install("acme-a", NOTING)

    async def close(host: Host) -> None:
        await host.close()
        with pytest.raises(StateError, match="stopped"):
            await host.ready()
        with pytest.raises(StateError, match="stopped"):
            await host.start()

    with_new_host(project, close)


def test_F27_closing_during_the_start_stops_the_plugins_that_have_started(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)
    project.install("acme-b", GATED)

    async def close(host: Host) -> None:
        ready = asyncio.create_task(host.ready())
        await reached()
        await host.close()
        assert host.state == "stopped"
        await asyncio.wait({ready})
        assert ready.cancelled() or isinstance(ready.exception(), HostError)

    with_new_host(project, close)
    assert notes == ["open", "start a", "waiting", "stop a", "close pool"]


def test_F27_a_cancelled_start_stops_the_plugins_that_have_started(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)
    project.install("acme-b", GATED)

    async def cancel(host: Host) -> None:
        start = asyncio.create_task(host.start())
        await reached()
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        assert host.state == "stopped"

    with_new_host(project, cancel)
    assert notes[-2:] == ["stop a", "close pool"]


def test_F27_a_second_close_does_nothing(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)

    async def twice(host: Host) -> None:
        await host.ready()
        await host.close()
        await host.close()

    with_new_host(project, twice)
    assert notes == ["open", "start a", "stop a", "close pool"]


def test_F27_concurrent_closes_stop_a_plugin_once(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)

    async def together(host: Host) -> None:
        await host.ready()
        await asyncio.gather(host.close(), host.close(), host.close())
        assert host.state == "stopped"

    with_new_host(project, together)
    assert notes.count("stop a") == 1


def test_F27_an_error_in_the_block_closes_the_host_and_is_raised(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)

    async def leave(host: Host) -> None:
        async with host:
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        with_new_host(project, leave)
    assert notes[-1] == "close pool"


def test_F27_a_host_that_failed_to_start_closes_without_an_error(project: Project) -> None:
    project.install("acme-a", "raise OSError")

    async def fail(host: Host) -> None:
        with pytest.raises(BootError):
            await host.ready()
        await host.close()
        assert host.state == "stopped"

    with_new_host(project, fail)


def test_F27_services_are_removed_from_the_scope_when_the_host_closes(project: Project) -> None:
    journal(project)
    project.install("acme-a", NOTING)

    async def look(host: Host) -> None:
        await host.ready()
        services = host.plugins["acme__a"].scope.services
        assert "pool" in services
        await host.close()
        assert "pool" not in services

    with_new_host(project, look)


def test_E23_a_new_host_starts_after_another_was_closed(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)
    live(project)
    live(project)
    assert notes == ["open", "start a", "stop a", "close pool"] * 2

"""The stop of a host in this process is orderly, whenever it comes and whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from host import Host
from host.common.errors import BootError, HostError, StateError
from tests.distributions import Project
from tests.host.gates import WAITS, asgi_client_of, module, reached, soon, starting, until

#: A plugin whose only route waits until the test releases it.
REQUEST = """
    import asyncio
    from litestar import get

    reached, go = asyncio.Event(), asyncio.Event()

    @get("/")
    async def root() -> str:
        reached.set()
        await go.wait()
        return "finished"

    @hookimpl
    def register_routes(scope):
        return root
"""
FAILS = "@hookimpl\nasync def {hook}(scope):\n    raise OSError('no disk')\n"
#: A plugin that records its stop in a list of another distribution.
NOTES = """
    from shop_log import log

    @hookimpl
    def register_services(scope):
        return {{"{name}": Service(object, close=lambda _: log.append("{name} closed"))}}

    @hookimpl
    async def on_shutdown(scope):
        log.append("{name} shut down")
        {then}
"""


@pytest.fixture
def log(project: Project) -> Callable[[], list[str]]:
    """Return a function that returns the entries that plugins recorded."""
    project.install("shop-log", {"shop_log.py": "log = []\n"}, plugins={})
    return lambda: list(module("shop_log").log)


def test_plugins_stop_in_reverse_order_each_with_its_services(project: Project, log: Callable[[], list[str]]) -> None:
    for name in ("a", "b"):
        project.install(f"shop-{name}", NOTES.format(name=name, then=""))

    async def story() -> None:
        async with Host(project.settings):
            pass

    asyncio.run(story())
    assert log() == ["b shut down", "b closed", "a shut down", "a closed"]


def test_all_errors_of_a_stop_are_reported_and_no_plugin_is_left_running(project: Project, log: Callable[[], list[str]]) -> None:
    for name in ("a", "b", "c"):
        project.install(f"shop-{name}", NOTES.format(name=name, then="" if name == "b" else "raise OSError('no disk')"))

    async def story() -> BootError:
        host = Host(project.settings)
        await host.start()
        with pytest.raises(BootError) as caught:
            await host.close()
        await host.close()  # a second close does not report the errors again
        return caught.value

    error = asyncio.run(story())
    assert [error_of_plugin.plugin for error_of_plugin in error.errors if hasattr(error_of_plugin, "plugin")] == [
        "shop__c",
        "shop__a",
    ]
    assert len(log()) == 6


def test_a_plugin_that_does_not_stop_is_abandoned(project: Project) -> None:
    project.configure("[plugins]\ntimeout = 0.2\n")
    project.install("shop-slow", WAITS.format(hook="on_shutdown"))

    async def story() -> BootError:
        host = Host(project.settings)
        await host.start()
        with pytest.raises(BootError) as caught:
            await soon(host.close())
        return caught.value

    assert [error.code for error in asyncio.run(story()).errors] == ["hook-timeout"]


@pytest.mark.parametrize("begin", [pytest.param(False, id="new"), pytest.param(True, id="assembled")])
def test_a_host_that_was_never_started_can_be_closed(project: Project, begin: bool) -> None:
    async def story() -> Host:
        host = Host(project.settings)
        if begin:
            await host.assemble()
        await host.close()
        with pytest.raises(StateError):
            await host.start()
        return host

    assert asyncio.run(story()).state == "stopped"


def test_a_host_that_was_closed_is_not_ready_again(project: Project) -> None:
    project.install("shop-cart")

    async def story() -> list[Any]:
        host = Host(project.settings)
        await host.ready()
        await host.close()
        return await asyncio.gather(host.ready(), host.after("shop__cart"), return_exceptions=True)

    errors = asyncio.run(story())
    assert [type(error) for error in errors] == [StateError, StateError]
    assert errors[0].message == "the host is not ready, it is stopped"


def test_a_host_can_be_closed_twice_concurrently(project: Project) -> None:
    project.install("shop-slow", WAITS.format(hook="on_shutdown"))

    async def story() -> list[str]:
        host = Host(project.settings)
        await host.start()
        closing = [asyncio.create_task(host.close()) for _ in range(2)]
        slow = await reached("shop_slow")
        assert not any(task.done() for task in closing)
        slow.go.set()
        await soon(asyncio.gather(*closing))
        return list(slow.log)

    assert asyncio.run(story()) == ["on_shutdown"]


def test_a_close_during_the_start_stops_the_started_plugins_and_raises_in_ready(
    project: Project, log: Callable[[], list[str]]
) -> None:
    project.install("shop-a", NOTES.format(name="a", then=""))
    project.install("shop-slow", WAITS.format(hook="on_startup"))

    async def story() -> None:
        async with starting(project, "shop_slow") as (host, slow, start):
            await soon(asyncio.gather(host.close(), host.close()))
            with pytest.raises(StateError, match="closed while it was starting"):
                await start
            assert (slow.log, host.state) == (["cancelled"], "stopped")

    asyncio.run(story())
    assert log() == ["a shut down", "a closed"]


def test_a_plugin_that_cancels_its_own_task_does_not_end_the_stop_after_a_cancelled_start(
    project: Project, log: Callable[[], list[str]]
) -> None:
    project.install("shop-a", NOTES.format(name="a", then=""))
    project.install("shop-b", NOTES.format(name="b", then="import asyncio; raise asyncio.CancelledError"))
    project.install("shop-slow", WAITS.format(hook="on_startup"))

    async def story() -> None:
        async with starting(project, "shop_slow") as (host, _, _):
            await soon(host.close())

    asyncio.run(story())
    assert log() == ["b shut down", "b closed", "a shut down", "a closed"]


def test_a_close_during_the_clean_up_of_a_failed_start_waits_for_it(project: Project) -> None:
    project.install("shop-a", WAITS.format(hook="on_shutdown"))
    project.install("shop-b", FAILS.format(hook="on_startup"))

    async def story() -> list[str]:
        host = Host(project.settings)
        start = asyncio.create_task(host.start())
        slow = await reached("shop_a")
        closing = asyncio.create_task(host.close())
        await asyncio.sleep(0)
        slow.go.set()
        await soon(closing)
        with pytest.raises(BootError):
            await start
        return list(slow.log)

    assert asyncio.run(story()) == ["on_shutdown"]


def test_a_host_whose_start_failed_is_closed_without_an_error(project: Project) -> None:
    project.install("shop-a", FAILS.format(hook="on_shutdown"))
    project.install("shop-b", FAILS.format(hook="on_startup"))

    async def story() -> Host:
        host = Host(project.settings)
        with pytest.raises(HostError):
            await host.start()
        await host.close()
        return host

    assert asyncio.run(story()).state == "stopped"


async def answered(project: Project, then: Callable[[Host, httpx.AsyncClient], Awaitable[None]]) -> str:
    """Close a host during a request, and do something meanwhile; then release the request.

    Returns:
        The text of the response, or ``cut off``.
    """
    host = Host(project.settings)
    await host.start()
    async with asgi_client_of(host) as client:
        request = asyncio.create_task(client.get("/shop__slow"))
        slow = await reached("shop_slow")
        closing = asyncio.create_task(host.close())
        await until(lambda: host.state == "stopping")
        await then(host, client)
        slow.go.set()
        await soon(closing)
        try:
            return (await request).text
        except asyncio.CancelledError:
            return "cut off"


def test_an_active_request_finishes_before_plugins_stop_while_new_ones_are_refused(
    project: Project, log: Callable[[], list[str]]
) -> None:
    project.install("shop-slow", REQUEST)
    project.install("shop-a", NOTES.format(name="a", then=""))

    async def then(_: Host, client: httpx.AsyncClient) -> None:
        for path, status in (("/shop__slow", 503), ("/health/ready", 503), ("/health/live", 200)):
            assert (await client.get(path)).status_code == status, path
        assert log() == []

    assert asyncio.run(answered(project, then)) == "finished"
    assert log() == ["a shut down", "a closed"]


def test_a_request_that_takes_longer_than_the_drain_is_cut_off(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.configure("[server]\ndrain = 0.1\n")
    project.install("shop-slow", REQUEST)

    async def then(host: Host, _: httpx.AsyncClient) -> None:
        await until(lambda: host.state == "stopped")

    assert asyncio.run(answered(project, then)) == "cut off"
    assert "requests that took longer than server.drain, 0.1 s, are cancelled: 1" in caplog.text


def test_during_the_shutdown_delay_readiness_fails_and_requests_are_served(project: Project) -> None:
    project.configure("[server]\nshutdown_delay = 0.5\n")
    project.install("shop-fast", REQUEST)

    async def story() -> list[int]:
        host = Host(project.settings)
        await host.start()
        module("shop_fast").go.set()
        closing = asyncio.create_task(host.close())
        await until(lambda: host.state == "stopping")
        async with asgi_client_of(host) as client:
            statuses = [(await client.get(path)).status_code for path in ("/health/ready", "/shop__fast")]
        await soon(closing)
        return statuses

    assert asyncio.run(story()) == [503, 200]


def test_a_variable_sets_the_drain_time(project: Project) -> None:
    project.environ["HOST_SERVER_DRAIN"] = "1.5"
    assert (project.settings.server.drain, project.settings.server.shutdown_delay) == (1.5, 0.0)


def test_a_process_ends_cleanly_after_a_double_close(project: Project) -> None:
    project.install(
        "shop-cart",
        """
        @hookimpl
        async def on_startup(scope): print("up", flush=True)
        @hookimpl
        async def on_shutdown(scope): print("down", flush=True)
        """,
    )
    outcome = project.python(
        """
        import asyncio
        from host import Host

        async def main():
            host = Host(".")
            await host.close()
            host = Host(".")
            await host.ready()
            await asyncio.gather(host.close(), host.close())
            await host.close()
            print(host.state)

        asyncio.run(main())
        """
    )
    assert (outcome.code, outcome.stdout.split(), outcome.stderr) == (0, ["up", "down", "stopped"], "")

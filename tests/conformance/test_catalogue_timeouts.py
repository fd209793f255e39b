"""avvio's and Home Assistant's test cases of time limits, as far as they apply here (row F22)."""

from __future__ import annotations

import asyncio
import importlib
import logging

from host import Host
from host.common.errors import HookCallError, HookTimeoutError
from tests.conformance.kit import ISOLATE, error, errors, in_host, journal
from tests.distributions import Project

SHORT = "[plugins]\ntimeout = 0.1\n"
HANG = "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.Event().wait()\n"


def test_F22_an_async_hook_that_never_ends_times_out(project: Project) -> None:
    project.configure(SHORT)
    project.install("acme-a", HANG)
    assert error(project).code == "hook-timeout"


def test_F22_a_future_that_is_never_resolved_times_out(project: Project) -> None:
    project.configure(SHORT)
    project.install(
        "acme-a", "import asyncio\n@hookimpl\ndef on_startup(scope): return asyncio.get_running_loop().create_future()\n"
    )
    assert isinstance(error(project), HookTimeoutError)


def test_F22_a_module_that_times_out_is_named_by_its_key(project: Project) -> None:
    project.configure(SHORT)
    project.install(
        "acme-deep", {"acme_deep/__init__.py": "", "acme_deep/inside.py": _with_marker(HANG)}, target="acme_deep.inside"
    )
    assert error(project).plugin == "acme__deep"


def test_F22_a_class_that_times_out_is_named_by_key_distribution_and_version(project: Project) -> None:
    project.configure(SHORT)
    source = "import asyncio\nclass P:\n    @hookimpl\n    async def on_startup(self, scope): await asyncio.Event().wait()\n"
    project.install("acme-a", source, target="acme_a:P")
    failure = error(project)
    assert (failure.plugin, failure.distribution, failure.version) == ("acme__a", "acme-a", "1.0.0")


def test_F22_no_on_ready_runs_after_a_timeout(project: Project) -> None:
    notes = journal(project)
    project.configure(SHORT)
    project.install("acme-a", HANG)
    ready = "from journal import note\n@hookimpl\nasync def on_ready(scope): note('ready')\n"
    project.install("acme-b", ready)
    assert isinstance(error(project), HookTimeoutError)
    assert notes == []


def test_F22_a_dependent_of_a_plugin_that_timed_out_does_not_start(project: Project) -> None:
    notes = journal(project)
    project.configure(SHORT + 'on_failure = "isolate"\n')
    project.install("acme-a", HANG)
    starting = "from journal import note\n@hookimpl\nasync def on_startup(scope): note(scope.key)\n"
    project.install("acme-b", starting, requires=["acme-a"])
    project.install("acme-c", starting)

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == notes == ["acme__c"]


def test_F22_a_timeout_error_of_the_plugin_is_not_a_hook_timeout(project: Project) -> None:
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): raise TimeoutError('mine')\n")
    failure = error(project)
    assert isinstance(failure, HookCallError)
    assert str(failure.__cause__) == "mine"


def test_F22_a_plugin_that_raises_a_cancelled_error_has_failed(project: Project) -> None:
    """The start was not cancelled, so it is an error of the plugin and does not end the start silently."""
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): raise asyncio.CancelledError\n")
    failure = error(project)
    assert isinstance(failure, HookCallError)
    assert failure.plugin == "acme__a"


def test_F22_each_plugin_of_a_chain_has_the_whole_limit(project: Project) -> None:
    """The hooks of a chain run one after the other, so the time of a dependency does not count towards the limit of a plugin."""
    project.configure("[plugins]\ntimeout = 2\n")
    slow = "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(0.8)\n"
    for name, requires in (("a", []), ("b", ["acme-a"]), ("c", ["acme-b"])):
        project.install(f"acme-{name}", slow, requires=requires)

    async def keys(host: Host) -> int:
        return len(host.plugins)

    assert in_host(project, keys) == 3


def test_F22_all_hanging_plugins_are_named(project: Project) -> None:
    project.configure(SHORT)
    project.install("acme-a", HANG)
    project.install("acme-b", HANG)
    assert [failure.plugin for failure in errors(project)] == ["acme__a", "acme__b"]  # type: ignore[attr-defined]


def test_F22_a_slow_hook_is_logged_while_it_runs(project: Project) -> None:
    """As in Home Assistant: long before the limit, with the plugin, the hook and the time so far."""
    slow = "import asyncio\ngate = asyncio.Event()\n@hookimpl\nasync def on_startup(scope): await gate.wait()\n"
    project.install("acme-slow", slow)

    async def life() -> str:
        messages: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        handler = logging.Handler()
        handler.emit = lambda record: loop.call_soon_threadsafe(messages.put_nowait, record.getMessage())  # type: ignore[method-assign]  # instead of a class with one method
        logger = logging.getLogger("host")
        logger.addHandler(handler)
        host = Host(project.settings)
        waiting = asyncio.create_task(host.ready())
        try:
            async with asyncio.timeout(60):
                line = await messages.get()
        finally:
            logger.removeHandler(handler)
            importlib.import_module("acme_slow").gate.set()
            await waiting
            await host.close()
        return line

    assert asyncio.run(life()).startswith("still starting: waiting for on_startup of acme__slow (1.")


def test_F22_a_hanging_on_ready_isolates_its_plugin(project: Project) -> None:
    project.configure(ISOLATE + "timeout = 0.1\n")
    project.install("acme-a", HANG.replace("on_startup", "on_ready"))
    project.install("acme-b")

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == ["acme__b"]


def _with_marker(source: str) -> str:
    return "from hookspecs import hookimpl\n" + source

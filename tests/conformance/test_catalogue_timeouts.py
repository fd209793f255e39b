"""The cases of limits that avvio and Home Assistant test, as far as they mean something here; row F22."""

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


def test_F22_an_async_function_that_never_ends(project: Project) -> None:
    project.configure(SHORT)
    project.install("acme-a", HANG)
    assert error(project).code == "hook-timeout"


def test_F22_a_future_that_is_never_resolved(project: Project) -> None:
    project.configure(SHORT)
    project.install(
        "acme-a", "import asyncio\n@hookimpl\ndef on_startup(scope): return asyncio.get_running_loop().create_future()\n"
    )
    assert isinstance(error(project), HookTimeoutError)


def test_F22_a_module_goes_by_its_key(project: Project) -> None:
    project.configure(SHORT)
    project.install(
        "acme-deep", {"acme_deep/__init__.py": "", "acme_deep/inside.py": _with_marker(HANG)}, target="acme_deep.inside"
    )
    assert error(project).plugin == "acme__deep"


def test_F22_an_object_goes_by_its_key(project: Project) -> None:
    project.configure(SHORT)
    source = "import asyncio\nclass P:\n    @hookimpl\n    async def on_startup(self, scope): await asyncio.Event().wait()\n"
    project.install("acme-a", source, target="acme_a:P")
    found = error(project)
    assert (found.plugin, found.distribution, found.version) == ("acme__a", "acme-a", "1.0.0")


def test_F22_a_start_does_not_go_on_after_it(project: Project) -> None:
    notes = journal(project)
    project.configure(SHORT)
    project.install("acme-a", HANG)
    ready = "from journal import note\n@hookimpl\nasync def on_ready(scope): note('ready')\n"
    project.install("acme-b", ready)
    assert isinstance(error(project), HookTimeoutError)
    assert notes == []


def test_F22_who_needs_it_does_not_start(project: Project) -> None:
    notes = journal(project)
    project.configure(SHORT + 'on_failure = "isolate"\n')
    project.install("acme-a", HANG)
    starting = "from journal import note\n@hookimpl\nasync def on_startup(scope): note(scope.key)\n"
    project.install("acme-b", starting, requires=["acme-a"])
    project.install("acme-c", starting)

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == notes == ["acme__c"]


def test_F22_a_plugins_own_timeout_is_no_limit_of_the_host(project: Project) -> None:
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): raise TimeoutError('mine')\n")
    found = error(project)
    assert isinstance(found, HookCallError)
    assert str(found.__cause__) == "mine"


def test_F22_a_plugin_that_raises_a_cancellation_has_failed(project: Project) -> None:
    """Nobody cancelled the start, so it is the plugin's error and no silent end."""
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): raise asyncio.CancelledError\n")
    found = error(project)
    assert isinstance(found, HookCallError)
    assert found.plugin == "acme__a"


def test_F22_each_plugin_has_the_whole_limit(project: Project) -> None:
    """A plugin has as long as those that it depends on: their hooks run one after the other, not in each other."""
    project.configure("[plugins]\ntimeout = 2\n")
    slow = "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(0.8)\n"
    for name, requires in (("a", []), ("b", ["acme-a"]), ("c", ["acme-b"])):
        project.install(f"acme-{name}", slow, requires=requires)

    async def keys(host: Host) -> int:
        return len(host.plugins)

    assert in_host(project, keys) == 3


def test_F22_all_that_hang_are_named(project: Project) -> None:
    project.configure(SHORT)
    project.install("acme-a", HANG)
    project.install("acme-b", HANG)
    assert [one.plugin for one in errors(project)] == ["acme__a", "acme__b"]  # type: ignore[attr-defined]


def test_F22_what_is_slow_is_told_while_it_is(project: Project) -> None:
    """As Home Assistant does; long before the limit, with who it is and for how long."""
    slow = "import asyncio\ngate = asyncio.Event()\n@hookimpl\nasync def on_startup(scope): await gate.wait()\n"
    project.install("acme-slow", slow)

    async def life() -> str:
        told: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        handler = logging.Handler()
        handler.emit = lambda record: loop.call_soon_threadsafe(told.put_nowait, record.getMessage())  # type: ignore[method-assign]  # a whole class would say no more
        logger = logging.getLogger("host")
        logger.addHandler(handler)
        host = Host(project.settings)
        waiting = asyncio.create_task(host.ready())
        try:
            async with asyncio.timeout(60):
                line = await told.get()
        finally:
            logger.removeHandler(handler)
            importlib.import_module("acme_slow").gate.set()
            await waiting
            await host.close()
        return line

    assert asyncio.run(life()).startswith("still starting: acme__slow: on_startup for 1.")


def test_F22_an_isolated_hang_when_all_are_ready(project: Project) -> None:
    project.configure(ISOLATE + "timeout = 0.1\n")
    project.install("acme-a", HANG.replace("on_startup", "on_ready"))
    project.install("acme-b")

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == ["acme__b"]


def _with_marker(source: str) -> str:
    return "from hookspecs import hookimpl\n" + source

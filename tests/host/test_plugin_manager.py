"""``host.plugin_manager``: pluggy's manager holds the plugins that have not failed, and its trace shows the calls of hooks."""

from __future__ import annotations

import asyncio
from typing import Any

import pluggy
import pytest

from host import Host
from host.common.errors import HookSignatureError
from tests.conformance.kit import in_host, journal
from tests.conformance.kit import live as lived
from tests.distributions import Project
from tests.errors.driving import live
from tests.serverkit import Server

ISOLATE = '[plugins]\non_failure = "isolate"\n'
STARTS = "@hookimpl\ndef on_startup(scope): ..."


def keys(project: Project) -> list[str]:
    """Return the keys of the plugins in a started host's manager."""

    async def names(host: Host) -> list[str]:
        return [key for key, _ in host.plugin_manager.list_name_plugin()]

    return in_host(project, names)


def test_the_manager_is_pluggys_and_empty_before_the_start(project: Project) -> None:
    manager = Host(project.settings).plugin_manager
    assert isinstance(manager, pluggy.PluginManager)
    assert manager.list_name_plugin() == []


def test_the_manager_holds_the_plugins_in_load_order(project: Project) -> None:
    project.install("acme-a", STARTS, requires=["acme-c"])
    project.install("acme-b", STARTS)
    project.install("acme-c", STARTS)
    assert keys(project) == ["acme__b", "acme__c", "acme__a"]


def test_the_order_includes_edges_from_contracts(project: Project) -> None:
    protocol = "from typing import Protocol\nclass Clock(Protocol): ...\n"
    project.install("shared-protocols", {"shared_protocols.py": protocol}, plugins={})
    uses = 'from shared_protocols import Clock\n@hookimpl\ndef register_contract(scope): return Uses(Clock, "clock")'
    project.install("acme-a", uses)
    provides = (
        "from shared_protocols import Clock\n@hookimpl\ndef register_contract(scope): return Contract(Clock, object(), version='1')"
    )
    project.install("acme-b", provides)
    assert keys(project) == ["acme__b", "acme__a"]


def test_one_object_is_registered_under_two_keys(project: Project) -> None:
    source = """
        class Inner:
            @hookimpl
            def on_startup(self, scope): ...
        inner = Inner()
        @hookimpl
        def register_plugins(scope): return [Child(inner, "i"), Child(inner, "j")]
    """
    project.install("acme-a", source)

    async def look(host: Host) -> tuple[list[str], list[str], bool]:
        manager = host.plugin_manager
        implementing = [implementation.plugin_name for implementation in manager.hook.on_startup.get_hookimpls()]
        plugins: list[Any] = [manager.get_plugin(key) for key in ("acme__a.i", "acme__a.j")]
        return [key for key, _ in manager.list_name_plugin()], implementing, plugins[0].target is plugins[1].target

    assert in_host(project, look) == (["acme__a", "acme__a.i", "acme__a.j"], ["acme__a.i", "acme__a.j"], True)


@pytest.mark.parametrize(
    "source",
    [
        "import nothing_such",
        "@hookimpl\ndef register_rutes(scope): ...",
        "@hookimpl\ndef register_routes(scope): 1 / 0",
        "@hookimpl\nasync def on_startup(scope): 1 / 0",
        "@hookimpl\nasync def on_ready(scope): 1 / 0",
    ],
)
def test_a_failed_plugin_and_its_dependents_are_not_registered(project: Project, source: str) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", source)
    project.install("acme-b", STARTS, requires=["acme-a"])
    project.install("acme-c", STARTS)
    assert keys(project) == ["acme__c"]


def test_a_disabled_hook_is_not_registered(project: Project) -> None:
    project.install("acme-a", STARTS + "\n@hookimpl\ndef on_ready(scope): ...")

    async def look() -> list[bool]:
        host = Host(project.settings)
        host.disable_hook("acme__a", "on_ready")
        async with host:
            return [hasattr(host.plugin_manager.get_plugin("acme__a"), hook) for hook in ("on_startup", "on_ready")]

    assert asyncio.run(look()) == [True, False]


def test_two_hosts_have_two_managers(project: Project) -> None:
    project.install("acme-a", STARTS)

    async def look() -> list[bool]:
        async with Host(project.settings) as first, Host(project.settings) as second:
            plugins = [host.plugin_manager.get_plugin("acme__a") for host in (first, second)]
            return [first.plugin_manager is second.plugin_manager, plugins[0] is plugins[1]]

    assert asyncio.run(look()) == [False, False]


def traced(project: Project) -> list[str]:
    """Return the lines that a host writes to the trace from its start to its stop."""
    lines: list[str] = []

    async def life() -> None:
        host = Host(project.settings)
        host.plugin_manager.trace.root.setwriter(lines.append)
        async with host:
            ...

    asyncio.run(life())
    return [line.strip() for line in lines]


def test_each_call_is_traced_with_plugin_arguments_and_result(project: Project) -> None:
    source = """
        @hookimpl
        def register_services(scope): return {"pool": 1}
        @hookimpl
        def app_built(scope, app): ...
        @hookimpl
        def register_models(): yield from ()
        @hookimpl
        async def on_startup(scope): return 3
        @hookimpl
        def on_shutdown(): ...
    """
    project.install("acme-a", source)
    assert traced(project) == [
        "acme__a: register_models() [hook]",
        "acme__a: register_models returned list [] [hook]",
        "acme__a: register_services(scope) [hook]",
        "acme__a: register_services returned dict {'pool': 1} [hook]",
        "acme__a: app_built(scope, app) [hook]",
        "acme__a: app_built returned None [hook]",
        "acme__a: on_startup(scope) [hook]",
        "acme__a: on_startup returned int 3 [hook]",
        "acme__a: on_shutdown() [hook]",
        "acme__a: on_shutdown returned None [hook]",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "@hookimpl\ndef on_startup(scope): raise OSError('no disk')",
        "@hookimpl\nasync def on_startup(scope): raise OSError('no disk')",
        "@hookimpl\ndef register_models(scope):\n    raise OSError('no disk')\n    yield",
    ],
)
def test_the_exception_of_a_call_is_traced(project: Project, source: str) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", source)
    hook = "register_models" if "register_models" in source else "on_startup"
    assert traced(project) == [f"acme__a: {hook}(scope) [hook]", f"acme__a: {hook} raised OSError: no disk [hook]"]


def test_a_hook_may_be_implemented_by_a_function_of_another_name(project: Project) -> None:
    notes = journal(project)
    source = "from journal import note\n@hookimpl(specname='on_startup')\ndef begin(scope): note(scope.key)"
    project.install("acme-a", source)
    lived(project)
    assert notes == ["acme__a"]


def test_a_hook_of_later_hosts_may_be_optional(project: Project) -> None:
    project.install("acme-a", "@hookimpl(optionalhook=True)\ndef register_holograms(scope): ...\n" + STARTS)
    assert live(project).errors == ()


@pytest.mark.parametrize(
    ("source", "message", "fix"),
    [
        ("@hookimpl(specname='on_redy')\ndef mine(scope): ...", "there is no hook 'on_redy'", "did you mean 'on_ready'?"),
        (
            "@hookimpl(specname='on_ready')\ndef mine(scope): ...\n@hookimpl\ndef on_ready(scope): ...",
            "on_ready and mine both implement on_ready",
            "keep one of them, and let it call the other function",
        ),
        (
            "@hookimpl(specname='on_ready', tryfirst=True)\ndef mine(scope): ...",
            "mine is marked tryfirst, which the host does not support",
            "remove the option; the order follows from Requires-Dist, from contracts and from plugins.order",
        ),
    ],
)
def test_markers_that_cannot_work_are_errors_that_name_the_fix(project: Project, source: str, message: str, fix: str) -> None:
    project.install("acme-a", source)
    error = live(project).only
    assert isinstance(error, HookSignatureError)
    assert (error.message, error.fix) == (message, fix)


def test_host_run_traces_hooks(project: Project) -> None:
    project.install("acme-a", "@hookimpl\nasync def on_startup(scope): ...\n@hookimpl\ndef on_shutdown(scope): 1 / 0")
    server = Server(project.directory, ("--trace-hooks",), project.environment())
    try:
        server.start()
        server.stop()
        lines = [line for line in server.stderr.splitlines() if line.startswith("hook: ")]
    finally:
        server.close()
    assert lines == [
        "hook: acme__a: on_startup(scope)",
        "hook: acme__a: on_startup returned None",
        "hook: acme__a: on_shutdown(scope)",
        "hook: acme__a: on_shutdown raised ZeroDivisionError: division by zero",
    ]


def test_host_run_traces_nothing_by_default(project: Project) -> None:
    project.install("acme-a", STARTS)
    server = Server(project.directory, (), project.environment())
    try:
        server.start()
        server.stop()
        assert "hook: " not in server.stderr
        assert "on_startup(" not in server.stderr
    finally:
        server.close()

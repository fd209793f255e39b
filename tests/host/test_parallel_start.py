"""Plugins that do not depend on each other start together; the others start in order, and all stop in reverse."""

from __future__ import annotations

import asyncio
import importlib
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host import Host
from host.common.errors import BootError, DependencyFailedError, HookCallError
from host.lifecycle.plugin_tasks import PluginTasks
from tests.conformance.kit import journal
from tests.distributions import Project
from tests.errors.driving import live
from tests.host.gates import soon, until

ISOLATE = '[plugins]\non_failure = "isolate"\n'

#: Waits until the number of plugins that a test expects is in this hook at the same time.
MEETS = """
    from meeting import meet
    @hookimpl
    async def {hook}(scope): await meet(scope.key)
"""

MEETING = """
import asyncio

expected = 0
arrived = []
everybody = None

async def meet(key):
    global everybody
    everybody = everybody or asyncio.Event()
    arrived.append(key)
    if len(arrived) == expected:
        everybody.set()
    await everybody.wait()
"""

#: Records when its start begins and ends, and when it stops.
NOTES = """
    import asyncio
    from journal import note

    @hookimpl
    async def on_startup(scope):
        note(f"{scope.name} begins")
        for _ in range(20):
            await asyncio.sleep(0)
        note(f"{scope.name} ends")
    @hookimpl
    async def on_shutdown(scope): note(f"{scope.name} stops")
"""


def meeting(project: Project, expected: int) -> list[str]:
    """Provide a module in which plugins wait for each other; the returned list gets the keys of those that arrived."""
    project.install("meeting", {"meeting.py": MEETING}, plugins={})
    module = importlib.import_module("meeting")
    module.expected = expected
    arrived: list[str] = module.arrived
    return arrived


async def started_and_closed(project: Project) -> Host:
    host = Host(project.settings)
    await soon(host.start())
    await soon(host.close())
    return host


@pytest.mark.parametrize("hook", ["configure", "on_startup", "on_ready"])
def test_independent_plugins_start_together(project: Project, hook: str) -> None:
    arrived = meeting(project, 4)
    for name in ("acme-a", "acme-b", "acme-c", "acme-d"):
        project.install(name, MEETS.format(hook=hook))
    asyncio.run(started_and_closed(project))
    assert arrived == ["acme__a", "acme__b", "acme__c", "acme__d"]


def test_the_services_of_independent_plugins_are_created_together(project: Project) -> None:
    arrived = meeting(project, 2)
    source = """
        from meeting import meet
        async def make(scope): await meet(scope.key)
        @hookimpl
        def register_services(scope): return {"pool": Service(make)}
    """
    project.install("acme-a", source)
    project.install("acme-b", source)
    asyncio.run(started_and_closed(project))
    assert arrived == ["acme__a", "acme__b"]


def test_siblings_start_together_after_their_parent(project: Project) -> None:
    arrived = meeting(project, 2)
    source = """
        from meeting import arrived, meet
        class Inner:
            @hookimpl
            async def on_startup(self, scope): await meet(scope.name)
        @hookimpl
        def register_plugins(scope): return [Child(Inner, "x"), Child(Inner, "y")]
        @hookimpl
        def on_startup(scope): assert not arrived
    """
    project.install("acme-a", source)
    asyncio.run(started_and_closed(project))
    assert arrived == ["x", "y"]


BILLING = """
    from shared_protocols import Billing
    class Bank: ...
    @hookimpl
    def register_contract(scope): return Contract(Billing, Bank(), version="1.0")
"""
USES = """
    from shared_protocols import Billing
    @hookimpl
    def register_contract(scope): return Uses(Billing, "billing", optional={optional})
"""


@pytest.mark.parametrize("optional", [False, True])
def test_users_of_a_contract_start_after_its_provider(project: Project, optional: bool) -> None:
    notes = journal(project)
    protocol = "from typing import Protocol\nclass Billing(Protocol): ...\n"
    project.install("shared-protocols", {"shared_protocols.py": protocol}, plugins={})
    project.install("acme-z", NOTES + BILLING)
    project.install("acme-a", NOTES + USES.format(optional=optional))
    asyncio.run(started_and_closed(project))
    assert notes == ["z begins", "z ends", "a begins", "a ends", "a stops", "z stops"]


def test_a_dependent_starts_after_all_children_of_its_dependency(project: Project) -> None:
    notes = journal(project)
    source = """
        from journal import note
        import asyncio
        class Inner:
            @hookimpl
            async def on_startup(self, scope):
                await asyncio.sleep(0)
                note(f"{scope.name} ends")
        @hookimpl
        def register_plugins(scope): return Child(Inner, "inner")
    """
    project.install("acme-a", source)
    project.install("acme-b", NOTES, requires=["acme-a"])
    asyncio.run(started_and_closed(project))
    assert notes == ["inner ends", "b begins", "b ends", "b stops"]


@pytest.mark.parametrize(
    ("rule", "pairs"),
    [
        ("acme__c before acme__a", [("c", "a")]),
        ("acme__a after acme__c", [("c", "a")]),
        ("acme__c first", [("c", "a"), ("c", "b")]),
        ("acme__a last", [("b", "a"), ("c", "a")]),
    ],
)
def test_rules_of_order_are_kept(project: Project, rule: str, pairs: list[tuple[str, str]]) -> None:
    notes = journal(project)
    project.configure(f'[plugins]\norder = ["{rule}"]\n')
    for name in "abc":
        project.install(f"acme-{name}", NOTES)
    asyncio.run(started_and_closed(project))
    assert [pair for pair in pairs if notes.index(f"{pair[0]} ends") > notes.index(f"{pair[1]} begins")] == []


def test_plugins_that_do_not_wait_start_in_load_order(project: Project) -> None:
    notes = journal(project)
    source = """
        from journal import note
        class Inner:
            @hookimpl
            def on_startup(self, scope): note(scope.key)
        @hookimpl
        def register_plugins(scope): return Child(Inner, "inner")
        @hookimpl
        def on_startup(scope): note(scope.key)
    """
    for name in ("acme-b", "acme-a"):
        project.install(name, source)
    asyncio.run(started_and_closed(project))
    assert notes == ["acme__a", "acme__a.inner", "acme__b", "acme__b.inner"]


GRAPHS = st.integers(2, 7).flatmap(
    lambda size: st.tuples(
        *(st.sets(st.integers(0, number - 1)) if number else st.just(frozenset[int]()) for number in range(size))
    )
)


@settings(max_examples=25, deadline=None)
@given(GRAPHS, st.permutations(range(7)), st.data())
def test_any_graph_starts_in_order_and_stops_in_exact_reverse(graph: tuple[set[int], ...], names: list[int], data: Any) -> None:
    """The names are permuted, so that the order by key is not the order of the dependencies."""
    waits = data.draw(st.lists(st.integers(0, 9), min_size=len(graph), max_size=len(graph)))
    with tempfile.TemporaryDirectory() as directory:
        project = Project.at(Path(directory))
        with project.site.active():
            notes = journal(project)
            for number, needed in enumerate(graph):
                requires = [f"acme-p{names[other]}" for other in sorted(needed)]
                project.install(f"acme-p{names[number]}", NOTES.replace("range(20)", f"range({waits[number]})"), requires=requires)
            asyncio.run(started_and_closed(project))
    begun = [note.split()[0] for note in notes if note.endswith("begins")]
    for number, needed in enumerate(graph):
        begins = notes.index(f"p{names[number]} begins")
        assert all(notes.index(f"p{names[other]} ends") < begins for other in needed)
    assert [note.split()[0] for note in notes if note.endswith("stops")] == begun[::-1]
    assert sorted(begun) == sorted(f"p{names[number]}" for number in range(len(graph)))


FAILS = """
    import asyncio
    @hookimpl
    async def on_startup(scope):
        await asyncio.sleep(0)
        raise OSError("no disk")
"""


def test_under_abort_every_failure_is_reported_and_all_started_plugins_are_stopped(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", FAILS)
    project.install("acme-b", FAILS)
    project.install("acme-c", NOTES)
    project.install("acme-d", NOTES, requires=["acme-a"])

    async def start() -> tuple[Any, ...]:
        with pytest.raises(BootError) as caught:
            await soon(Host(project.settings).start())
        return caught.value.errors

    errors = asyncio.run(start())
    assert {error.plugin: type(error) for error in errors} == {
        "acme__a": HookCallError,
        "acme__b": HookCallError,
        "acme__d": DependencyFailedError,
    }
    assert notes == ["c begins", "c ends", "c stops"]


PARENT = """
    import asyncio
    from journal import entries, note
    from shared_protocols import Clock
    class Shared:
        @hookimpl
        def register_contract(self, scope): return Uses(Clock, "clock")
        @hookimpl
        async def on_startup(self, scope):
            while "b begins" not in entries: await asyncio.sleep(0)
            for _ in range(10): await asyncio.sleep(0)  # until the host waits too
            note("shared fails")
            raise OSError("no disk")
    @hookimpl
    def register_plugins(scope): return Child(Shared, "shared", shared=True)
    @hookimpl
    def on_startup(scope): note("a starts")
    @hookimpl
    def on_shutdown(scope): note("a stops")
"""

DEPENDENT = """
    import asyncio
    from journal import note
    @hookimpl
    async def on_startup(scope):
        note("b begins")
        try:
            await asyncio.sleep(60)
        finally:
            note("b is interrupted")
"""

CLOCK = """
    from shared_protocols import Clock
    class Watch: ...
    @hookimpl
    def register_contract(scope): return Contract(Clock, Watch(), version="1.0")
"""


def test_a_plugin_that_is_starting_when_its_dependency_fails_ends_before_the_dependency_is_stopped(project: Project) -> None:
    """The dependency has started, and fails with its shared child, which starts later, beside its dependent."""
    notes = journal(project)
    project.configure(ISOLATE)
    protocol = "from typing import Protocol\nclass Clock(Protocol): ...\n"
    project.install("shared-protocols", {"shared_protocols.py": protocol}, plugins={})
    project.install("acme-a", PARENT)
    project.install("acme-b", DEPENDENT, requires=["acme-a"])
    project.install("acme-c", CLOCK)
    host = asyncio.run(started_and_closed(project))
    failed = {key: type(host.boot.failures[key][0]) for key in host.boot.failures}
    assert failed == {"acme__a.shared": HookCallError, "acme__a": DependencyFailedError, "acme__b": DependencyFailedError}
    assert [len(host.boot.failures[key]) for key in failed] == [1, 1, 1]
    assert notes == ["a starts", "b begins", "shared fails", "b is interrupted", "a stops"]


def test_a_plugin_whose_start_succeeds_just_after_its_dependency_has_failed_is_stopped_too(project: Project) -> None:
    notes = journal(project)
    project.configure(ISOLATE)
    protocol = "from typing import Protocol\nclass Clock(Protocol): ...\n"
    project.install("shared-protocols", {"shared_protocols.py": protocol}, plugins={})
    project.install("acme-a", PARENT)
    source = """
        import asyncio
        from journal import entries, note
        @hookimpl
        async def on_startup(scope):
            note("b begins")
            while "shared fails" not in entries: await asyncio.sleep(0)
            note("b ends")
        @hookimpl
        def on_shutdown(scope): note("b stops")
    """
    project.install("acme-b", source, requires=["acme-a"])
    project.install("acme-c", CLOCK)
    host = asyncio.run(started_and_closed(project))
    assert "acme__b" in host.boot.failures
    assert notes == ["a starts", "b begins", "shared fails", "b ends", "b stops", "a stops"]


@pytest.mark.parametrize("optional", [False, True])
def test_a_shared_child_that_uses_a_contract_of_a_later_plugin_starts_after_it_and_stops_before_it(
    project: Project, optional: bool
) -> None:
    notes = journal(project)
    protocol = "from typing import Protocol\nclass Billing(Protocol): ...\n"
    project.install("shared-protocols", {"shared_protocols.py": protocol}, plugins={})
    source = f"""
        from journal import note
        from shared_protocols import Billing
        class Shared:
            @hookimpl
            def register_contract(self, scope): return Uses(Billing, "billing", optional={optional})
            @hookimpl
            def register_services(self, scope):
                return {{"pool": Service(lambda: note("pool opens"), close=lambda _: note("pool closes"))}}
            @hookimpl
            def on_startup(self, scope): note("shared starts")
            @hookimpl
            def on_shutdown(self, scope): note("shared stops")
        @hookimpl
        def register_plugins(scope): return Child(Shared, "shared", shared=True)
    """
    project.install("acme-a", source)
    project.install("acme-z", NOTES + BILLING)
    asyncio.run(started_and_closed(project))
    assert notes == [
        "z begins",
        "z ends",
        "pool opens",
        "shared starts",
        "shared stops",
        "pool closes",
        "z stops",
    ]


def test_the_spans_of_each_plugin_are_its_own(project: Project) -> None:
    arrived = meeting(project, 2)
    source = (
        MEETS.format(hook="on_startup")
        + """
    async def make(): ...
    @hookimpl
    def register_services(scope): return {"pool": Service(make)}
    """
    )
    project.install("acme-a", source)
    project.install("acme-b", source)
    host = asyncio.run(started_and_closed(project))
    assert len(arrived) == 2
    (start,) = [node for node in host.report.spans if node.what == "start"]
    assert [(node.plugin, [inner.what for inner in node.inside]) for node in start.inside] == [
        ("acme__a", ["service pool", "on_startup"]),
        ("acme__b", ["service pool", "on_startup"]),
    ]


def test_a_plugin_that_blocks_does_not_use_up_the_limit_of_the_others(project: Project) -> None:
    project.configure('[plugins]\non_failure = "isolate"\ntimeout = 0.2\n')
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(0.1)")
    blocks = "import asyncio, time\n@hookimpl\nasync def on_startup(scope):\n    await asyncio.sleep(0)\n    time.sleep(0.5)"
    project.install("acme-b", blocks)
    life = live(project)
    assert life.errors == ()
    assert life.served


def test_a_plugin_that_hangs_is_abandoned_beside_one_that_blocks(project: Project) -> None:
    project.configure('[plugins]\non_failure = "isolate"\ntimeout = 0.2\n')
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(60)")
    project.install("acme-b", "import time\n@hookimpl\ndef on_startup(scope): time.sleep(0.5)")
    error = live(project).only
    assert (error.plugin, error.message) == ("acme__a", "on_startup did not finish within 0.2 s")  # type: ignore[attr-defined]


def test_a_cancelled_start_cancels_all_starting_plugins(project: Project) -> None:
    notes = journal(project)
    source = """
        import asyncio
        from journal import note
        @hookimpl
        async def on_startup(scope):
            note(f"{scope.name} begins")
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0)
                note(f"{scope.name} has cleaned up")
    """
    for name in "ab":
        project.install(f"acme-{name}", source)

    async def cancel() -> str:
        host = Host(project.settings)
        start = asyncio.create_task(host.start())
        await until(lambda: len(notes) == 2)
        start.cancel()
        await soon(asyncio.wait({start}))
        return host.state

    assert asyncio.run(cancel()) == "stopped"
    assert notes == ["a begins", "b begins", "a has cleaned up", "b has cleaned up"]


def test_the_stop_of_a_failed_plugin_is_completed_if_the_start_is_cancelled_meanwhile(project: Project) -> None:
    notes = journal(project)
    project.configure(ISOLATE)
    source = """
        import asyncio
        from journal import note
        async def close(name):
            note(f"{name} closes")
            if name == "second": await asyncio.sleep(60)
        @hookimpl
        def register_services(scope):
            return {name: Service(lambda name=name: name, close=close) for name in ("first", "second")}
        @hookimpl
        def on_startup(scope): raise OSError("no disk")
    """
    project.install("acme-a", source)

    async def cancel() -> None:
        start = asyncio.create_task(Host(project.settings).start())
        await until(lambda: "second closes" in notes)
        start.cancel()
        await soon(asyncio.wait({start}))

    asyncio.run(cancel())
    assert notes == ["second closes", "first closes"]


def test_tasks_of_plugins_end_even_if_the_wait_for_their_end_is_cancelled() -> None:
    async def end() -> int:
        others = asyncio.all_tasks()
        tasks = PluginTasks()
        for key in "abc":
            await tasks.run(key, lambda: asyncio.sleep(0))
        ending = asyncio.create_task(tasks.end_all())
        await asyncio.sleep(0)
        ending.cancel()
        await asyncio.wait({ending})
        await until(lambda: asyncio.all_tasks() == others)
        return len(asyncio.all_tasks() - others)

    assert asyncio.run(end()) == 0


GROUP = """
    import asyncio
    from anyio import create_task_group
    from journal import note
    async def fail(): raise OSError("no disk")
    @hookimpl
    async def on_startup(scope):
        global group
        group = await create_task_group().__aenter__()
    @hookimpl
    async def on_ready(scope): group.start_soon(fail)
    @hookimpl
    async def on_shutdown(scope):
        note("stops")
        await group.__aexit__(None, None, None)
"""


def test_a_task_group_that_fails_while_serving_stops_its_own_plugin_only(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    notes = journal(project)
    project.configure(ISOLATE)
    project.install("acme-a", GROUP)
    project.install("acme-b", NOTES)

    async def serve() -> tuple[str, list[str]]:
        async with Host(project.settings) as host:
            await until(lambda: "acme__a" in host.boot.failures)
            await until(lambda: "stops" in notes)
            return host.state, list(host.boot.failures)

    assert asyncio.run(serve()) == ("ready", ["acme__a"])
    assert notes == ["b begins", "b ends", "stops", "b stops"]
    assert any("a task group or cancel scope that on_startup has left open was cancelled" in message for message in caplog.messages)
    assert any("on_shutdown raised" in message for message in caplog.messages)


def test_slow_plugins_are_named_in_one_line(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    source = "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(1.4)"
    for name in "abcde":
        project.install(f"acme-{name}", source)
    live(project)
    (line,) = [message for message in caplog.messages if message.startswith("still starting")]
    assert line.startswith("still starting: waiting for on_startup of acme__a (1.")
    assert line.endswith("; also for on_startup of acme__b, on_startup of acme__c, on_startup of acme__d, 1 more")


def test_of_slow_plugins_the_one_that_blocks_the_others_is_named_first(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(0.1)")
    project.install("acme-b", "import time\n@hookimpl\ndef on_startup(scope): time.sleep(1.4)")
    live(project)
    (line,) = [message for message in caplog.messages if message.startswith("still starting")]
    assert line.startswith("still starting: waiting for on_startup of acme__b (1.")

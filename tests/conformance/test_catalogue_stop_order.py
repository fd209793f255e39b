"""avvio's test cases of the order of stopping, and of errors in it (rows F25 to F27)."""

from __future__ import annotations

import pytest

from host import Host
from host.common.errors import BootError, ServiceError
from tests.conformance.kit import NOTING, errors, journal, live, with_new_host
from tests.distributions import Project


def test_F26_only_the_first_close_raises_the_errors(project: Project) -> None:
    project.install("acme-a", '@hookimpl\ndef on_shutdown(scope): raise OSError("stuck")\n')

    async def twice(host: Host) -> None:
        await host.ready()
        with pytest.raises(BootError):
            await host.close()
        await host.close()

    with_new_host(project, twice)


def test_F26_sync_and_async_on_shutdown_hooks_run_in_one_reverse_order(project: Project) -> None:
    notes = journal(project)
    for name, word in (("a", ""), ("b", "async "), ("c", "")):
        project.install(f"acme-{name}", f"from journal import note\n@hookimpl\n{word}def on_shutdown(scope): note(scope.name)\n")
    live(project)
    assert notes == ["c", "b", "a"]


def test_F26_an_async_on_shutdown_is_awaited_before_the_next_plugin_stops(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)
    late = "import asyncio\nfrom journal import note\n@hookimpl\nasync def on_shutdown(scope):\n    await asyncio.sleep(0.01)\n"
    project.install("acme-b", late + "    note('stop b')\n")
    live(project)
    assert notes == ["open", "start a", "stop b", "stop a", "close pool"]


def test_F25_a_plugin_stops_before_the_plugins_that_it_requires(project: Project) -> None:
    notes = journal(project)
    stopping = "from journal import note\n@hookimpl\ndef on_shutdown(scope): note(scope.name)\n"
    project.install("acme-a", stopping, requires=["acme-z"])
    project.install("acme-m", stopping)
    project.install("acme-z", stopping)
    live(project)
    assert notes.index("a") < notes.index("z")


def test_F25_services_are_closed_in_reverse_after_on_shutdown(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from journal import note
        @hookimpl
        def register_services(scope):
            names = ("one", "two")
            return {name: Service(lambda name=name: name, close=lambda service: note(f"close {service}")) for name in names}
        @hookimpl
        def on_shutdown(scope): note(f"stop with {scope.services['one']}")
        """,
    )
    live(project)
    assert notes == ["stop with one", "close two", "close one"]


def test_F27_only_services_that_were_created_are_closed(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from journal import note
        def fail(): raise OSError("no disk")
        @hookimpl
        def register_services(scope):
            return {name: Service(factory, close=lambda _, name=name: note(f"close {name}")) for name, factory in
                    {"one": list, "two": fail, "three": list}.items()}
        @hookimpl
        def on_shutdown(scope): note("stop")
        """,
    )
    assert isinstance(errors(project)[0], ServiceError)
    assert notes == ["close one"]


def test_F27_a_plugin_that_failed_to_start_gets_no_on_shutdown_but_its_services_are_closed(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING.replace('note(f"start {scope.name}")', 'raise OSError("no disk")'))
    errors(project)
    assert notes == ["open", "close pool"]


def test_F27_an_error_in_on_shutdown_does_not_hide_the_error_of_the_start(project: Project) -> None:
    project.install("acme-a", '@hookimpl\ndef on_shutdown(scope): raise OSError("at the stop")\n')
    project.install("acme-b", '@hookimpl\ndef on_startup(scope): raise OSError("at the start")\n')
    assert [str(failure.__cause__) for failure in errors(project)] == ["at the start"]

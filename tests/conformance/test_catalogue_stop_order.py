"""The cases of avvio about who is stopped when, and what of it goes wrong; rows F25 and F26."""

from __future__ import annotations

import pytest

from host import Host
from host.common.errors import BootError, ServiceError
from tests.conformance.kit import NOTING, errors, journal, live, lived
from tests.distributions import Project


def test_F26_only_the_first_who_closes_is_told_what_went_wrong(project: Project) -> None:
    project.install("acme-a", '@hookimpl\ndef on_shutdown(scope): raise OSError("stuck")\n')

    async def twice(host: Host) -> None:
        await host.ready()
        with pytest.raises(BootError):
            await host.close()
        await host.close()

    lived(project, twice)


def test_F26_plain_and_async_stops_mix(project: Project) -> None:
    notes = journal(project)
    for name, word in (("a", ""), ("b", "async "), ("c", "")):
        project.install(f"acme-{name}", f"from journal import note\n@hookimpl\n{word}def on_shutdown(scope): note(scope.name)\n")
    live(project)
    assert notes == ["c", "b", "a"]


def test_F26_an_async_stop_is_awaited_to_its_end(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)
    late = "import asyncio\nfrom journal import note\n@hookimpl\nasync def on_shutdown(scope):\n    await asyncio.sleep(0.01)\n"
    project.install("acme-b", late + "    note('stop b')\n")
    live(project)
    assert notes == ["open", "start a", "stop b", "stop a", "close pool"]


def test_F25_who_needs_somebody_stops_before_it(project: Project) -> None:
    notes = journal(project)
    stopping = "from journal import note\n@hookimpl\ndef on_shutdown(scope): note(scope.name)\n"
    project.install("acme-a", stopping, requires=["acme-z"])
    project.install("acme-m", stopping)
    project.install("acme-z", stopping)
    live(project)
    assert notes.index("a") < notes.index("z")


def test_F25_services_are_closed_in_reverse_and_after_the_hook(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from journal import note
        @hookimpl
        def register_services(scope):
            return {name: Service(lambda name=name: name, close=lambda made: note(f"close {made}")) for name in ("one", "two")}
        @hookimpl
        def on_shutdown(scope): note(f"stop, {scope.services['one']} is there")
        """,
    )
    live(project)
    assert notes == ["stop, one is there", "close two", "close one"]


def test_F27_what_was_not_made_is_not_closed(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from journal import note
        def fail(): raise OSError("no disk")
        @hookimpl
        def register_services(scope):
            return {name: Service(make, close=lambda _, name=name: note(f"close {name}")) for name, make in
                    {"one": list, "two": fail, "three": list}.items()}
        @hookimpl
        def on_shutdown(scope): note("stop")
        """,
    )
    assert isinstance(errors(project)[0], ServiceError)
    assert notes == ["close one"]


def test_F27_who_failed_to_start_is_not_shut_down_but_its_services_are_closed(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING.replace('note(f"start {scope.name}")', 'raise OSError("no disk")'))
    errors(project)
    assert notes == ["open", "close pool"]


def test_F27_an_error_of_the_stop_does_not_hide_that_of_the_start(project: Project) -> None:
    project.install("acme-a", '@hookimpl\ndef on_shutdown(scope): raise OSError("at the stop")\n')
    project.install("acme-b", '@hookimpl\ndef on_startup(scope): raise OSError("at the start")\n')
    assert [str(one.__cause__) for one in errors(project)] == ["at the start"]

"""Hooks at each stage, their order at the start and at the stop, and late registrations (rows F23 to F25, F27)."""

from __future__ import annotations

import pytest
from litestar import get as get_handler

from host import Host
from host.common.errors import FrozenError, HookCallError
from tests.conformance.kit import ANSWERING, ISOLATE, errors, in_host, journal, live
from tests.distributions import Project
from tests.inprocess import client_of


def test_F23_the_application_refuses_late_registrations(project: Project) -> None:
    """Litestar itself would accept it."""
    project.install("acme-a", ANSWERING)

    @get_handler("/late", sync_to_thread=False)
    def late() -> None: ...

    async def register(host: Host) -> None:
        with pytest.raises(FrozenError) as caught:
            host.app.register(late)
        assert "register_routes" in caught.value.fix

    in_host(project, register)


@pytest.mark.parametrize("hook", ["app_built", "on_startup", "on_ready"])
def test_F23_the_error_of_a_plugin_that_registers_late_names_register_routes(project: Project, hook: str) -> None:
    project.install(
        "acme-a",
        f"""
        from litestar import get

        @get("/late", sync_to_thread=False)
        def late() -> None: ...

        kept = []
        @hookimpl
        def app_built(app): kept.append(app){"; app.register(late)" if hook == "app_built" else ""}
        """
        + ("" if hook == "app_built" else f"\n        @hookimpl\n        def {hook}(scope): kept[0].register(late)\n"),
    )
    (failure,) = errors(project)
    assert isinstance(failure, HookCallError)
    assert (failure.plugin, failure.hook) == ("acme__a", hook)
    assert isinstance(failure.__cause__, FrozenError)
    assert "register_routes" in failure.__cause__.fix


#: Notes each hook of a small tree: ``a`` with the child ``a.x``, and ``b``.
STAGES = """
    from journal import note

    class Noting:
        children = ()
        @hookimpl
        def register_plugins(self, scope):
            note(f"register_plugins {scope.key[6:]}")
            return self.children
        @hookimpl
        async def configure(self, scope): note(f"configure {scope.key[6:]}")
        @hookimpl
        def register_services(self, scope):
            service = Service(lambda: note(f"create {scope.key[6:]}"), close=lambda _: note(f"close {scope.key[6:]}"))
            return {"service": service}
        @hookimpl
        def register_routes(self, scope): note(f"register_routes {scope.key[6:]}")
        @hookimpl
        def app_built(self, scope, app): note(f"app_built {scope.key[6:]}")
        @hookimpl
        async def on_startup(self, scope): note(f"on_startup {scope.key[6:]}")
        @hookimpl
        def on_ready(self, scope): note(f"on_ready {scope.key[6:]}")
        @hookimpl
        async def on_shutdown(self, scope): note(f"on_shutdown {scope.key[6:]}")

    class Parent(Noting):
        children = [Child(Noting, "x")]
"""


def staged(project: Project) -> list[str]:
    notes = journal(project)
    project.install("acme-a", STAGES, target="acme_a:Parent")
    project.install("acme-b", STAGES, target="acme_b:Noting")
    live(project)
    return notes


def test_F24_there_is_a_hook_at_each_stage(project: Project) -> None:
    """``register_plugins`` runs when a new scope exists, ``app_built`` when the routes do, ``on_ready`` before the first request
    and ``on_shutdown`` after the last one.
    """
    stages = [line.split()[0] for line in staged(project) if line.endswith(" b")]
    assert stages == [
        *("register_plugins", "configure", "register_routes", "app_built"),
        *("create", "on_startup", "on_ready", "on_shutdown", "close"),
    ]


def test_F24_on_ready_runs_after_the_start_of_all_plugins_and_on_shutdown_after_that(project: Project) -> None:
    stages = [line.split()[0] for line in staged(project)]
    ready, shutdown = stages.index("on_ready"), stages.index("on_shutdown")
    assert set(stages[:ready]) == {"register_plugins", "configure", "register_routes", "app_built", "create", "on_startup"}
    assert set(stages[ready:shutdown]) == {"on_ready"}


@pytest.mark.parametrize("hook", ["on_startup", "on_ready"])
def test_F25_start_hooks_run_parents_first(project: Project, hook: str) -> None:
    assert [line.split()[1] for line in staged(project) if line.startswith(hook)] == ["a", "a.x", "b"]


def test_F25_stop_hooks_run_in_reverse(project: Project) -> None:
    """Litestar itself would call them in the order in which they are listed."""
    lines = staged(project)
    stops = [line for line in lines if line.split()[0] in ("on_shutdown", "close")]
    assert stops == ["on_shutdown b", "close b", "on_shutdown a.x", "close a.x", "on_shutdown a", "close a"]


def test_F27_a_failed_start_stops_the_plugins_that_have_started(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", STAGES, target="acme_a:Noting")
    project.install("acme-b", '@hookimpl\nasync def on_startup(scope): raise OSError("no disk")\n')
    assert [type(failure) for failure in errors(project)] == [HookCallError]
    assert notes[-2:] == ["on_shutdown a", "close a"]


NOTES_STOP = """
    from journal import note
    @hookimpl
    def on_shutdown(scope): note(f"{scope.name} stops")
"""
FAILS_WHEN_READY = """
    @hookimpl
    async def on_ready(scope): raise OSError("no disk")
"""


def test_F24_a_plugin_that_fails_in_on_ready_is_stopped_and_the_others_serve(project: Project) -> None:
    """Fastify logs an error of its last hook and continues as if nothing had happened; here the plugin is shut down."""
    notes = journal(project)
    project.configure(ISOLATE)
    project.install("acme-a", ANSWERING + NOTES_STOP)
    project.install("acme-b", ANSWERING + NOTES_STOP + FAILS_WHEN_READY)

    async def serve(host: Host) -> tuple[str, list[str], list[int]]:
        async with client_of(host) as client:
            answers = [await client.get(path) for path in ("/acme__a", "/acme__b")]
        return host.state, list(notes), [answer.status_code for answer in answers]

    assert in_host(project, serve) == ("ready", ["b stops"], [200, 503])
    assert notes == ["b stops", "a stops"]

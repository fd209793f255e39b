"""Phases: the order of the hooks, what is available in each, and errors for reading it too early (rows E3, E7 to E11)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from litestar import Litestar, Router

from host import Host
from host.common.errors import FrozenError, StateError, TooEarlyError
from tests.conformance.kit import ANSWERING, error, in_host, journal, live
from tests.distributions import Project

TRACED = """
    from journal import note

    class Traced:
        @hookimpl
        async def configure(self, scope): note(f"configure {scope.name}")
        @hookimpl
        def register_routes(self, scope): note(f"register {scope.name}")
        @hookimpl
        def app_built(self, scope, app): note(f"built {scope.name}")
        @hookimpl
        async def on_startup(self, scope): note(f"startup {scope.name}")
        @hookimpl
        def on_ready(self, scope): note(f"ready {scope.name}")
    class First(Traced):
        @hookimpl
        def register_plugins(self, scope): return Child(Traced, "inner")
    class Root(Traced):
        @hookimpl
        def register_plugins(self, scope): return [Child(First, "first"), Child(Traced, "second")]
"""


def test_E3_all_plugins_finish_a_phase_before_the_next_begins(project: Project) -> None:
    """Within a phase: a plugin, then its first child with its descendants, then its second; then the next installed plugin."""
    notes = journal(project)
    project.install("acme-a", TRACED, target="acme_a:Root")
    project.install("acme-b", TRACED, target="acme_b:Traced")
    live(project)
    order = ["a", "first", "inner", "second", "b"]
    phases = ["configure", "register", "built", "startup", "ready"]
    assert notes == [f"{phase} {name}" for phase in phases for name in order]


def test_E7_routes_are_declared_without_an_application(project: Project) -> None:
    """Like ``base.get(…)``: the decorator runs when the module is imported, and the routes are assembled much later."""
    notes = journal(project)
    project.install("acme-todo", ANSWERING + "\n    from journal import note\n    note(type(root).__name__)\n")

    async def life() -> None:
        host = Host(project.settings)
        with pytest.raises(StateError):
            _ = host.app
        app = await host.assemble()
        assert "/acme__todo" in {route.path for route in app.routes}

    asyncio.run(life())
    assert notes == ["get"]


def plugin_that_reads(hook: str, expression: str) -> str:
    return f"""
    from typing import Protocol
    class Clock(Protocol): ...
    @hookimpl
    def register_services(scope): return {{"repo": Service(dict)}}
    @hookimpl
    def register_contract(scope): return Uses(Clock, "clock", optional=True)
    @hookimpl
    def {hook}(scope): {expression}
    """


@pytest.mark.parametrize(
    ("hook", "expression", "says"),
    [
        ("configure", "scope.services['repo']", "from on_startup on"),
        ("register_routes", "scope.services['repo']", "from on_startup on"),
        ("generate_frontend", "scope.services['repo']", "from on_startup on"),
        ("configure", "scope.use(Clock)", "from generate_frontend on"),
        ("register_routes", "scope.use(Clock)", "from generate_frontend on"),
    ],
)
def test_E8_the_error_for_reading_too_early_says_from_which_hook_on_it_is_available(
    project: Project, hook: str, expression: str, says: str
) -> None:
    """EzBackend's recorder returns ``undefined``."""
    project.install("acme-todo", plugin_that_reads(hook, expression))
    failure = error(project)
    assert isinstance(failure, TooEarlyError)
    assert (failure.plugin, failure.hook) == ("acme__todo", hook)
    assert says in failure.message


def test_E8_the_prefix_is_known_from_the_first_hook_on(project: Project) -> None:
    """In EzBackend only the real server has it."""
    notes = journal(project)
    inner = """
    from journal import note
    class Inner:
        @hookimpl
        def register_plugins(self, scope): note(scope.prefix)
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", "/v1")
    """
    project.install("acme-todo", inner)
    live(project)
    assert notes == ["/acme__todo/v1"]


BUILT = """
    from journal import note
    @hookimpl
    def app_built(scope, app):
        note((app, sorted({route.path for route in app.routes if route.path.startswith("/acme")})))
        note(sorted(path for path in app.openapi_schema.paths if path.startswith("/acme")))
"""


def test_E9_a_plugin_sees_the_complete_application(project: Project) -> None:
    """Routes of all plugins, also of those loaded later, and the schemas; EzBackend shows each plugin its own part."""
    notes: Any = journal(project)
    project.install("acme-a", ANSWERING + BUILT)
    project.install("acme-b", ANSWERING)
    live(project)
    (_, routes), documented = notes
    assert routes == documented == ["/acme__a", "/acme__b"]


def test_E10_the_application_is_built_once_after_all_plugins_have_registered(project: Project) -> None:
    notes: Any = journal(project)
    for name in ("acme-a", "acme-b"):
        source = "\n    @hookimpl\n    def register_services(scope): note(scope.key)\n"
        project.install(name, ANSWERING + BUILT + source)

    async def same(host: Host) -> bool:
        return await host.assemble() is host.app

    assert in_host(project, same)
    first, second, (app_of_first, _), _, (app_of_second, _), _ = notes
    assert (first, second) == ("acme__a", "acme__b")
    assert app_of_first is app_of_second


def test_E11_the_application_itself_takes_no_registrations(project: Project) -> None:
    """EzBackend warns that encapsulation is lost; here the application is frozen before a plugin receives it."""
    project.install("acme-todo", ANSWERING + "\n    @hookimpl\n    def app_built(scope, app): app.register(root)\n")
    failure = error(project)
    assert (failure.plugin, failure.hook) == ("acme__todo", "app_built")
    assert isinstance(failure.__cause__, FrozenError)
    assert "register_routes" in failure.__cause__.fix


def test_E11_no_attribute_of_the_scope_is_the_application(project: Project) -> None:
    project.install("acme-todo")

    async def attributes(host: Host) -> list[str]:
        scope = host.plugins["acme__todo"].scope
        public = [name for name in dir(scope) if not name.startswith("_")]
        return [name for name in public if isinstance(getattr(scope, name), Litestar | Router | Host)]

    assert in_host(project, attributes) == []

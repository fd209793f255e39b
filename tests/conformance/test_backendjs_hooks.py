"""Lifecycle hooks: before the database is open, while it is open, and at the stop (rows K15a, K15b, K15i)."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import pytest

from host import Host
from host.common.errors import BootError, HookTimeoutError
from tests.conformance.kit import journal, live, response_texts
from tests.distributions import Project

DATABASE = """
    from beanie import Document
    from beanie.exceptions import CollectionWasNotInitialized
    from journal import note

    class Task(Document):
        title: str = ""

    async def count(when):
        try:
            note(f"{when} {await Task.count()}")
        except CollectionWasNotInitialized:
            note(f"{when}, no database")

    @hookimpl
    def register_models(scope): return Task
    @hookimpl
    async def configure(scope): await count(f"configure in {scope.role}")
    @hookimpl
    async def on_startup(scope):
        await Task(title="first").insert()
        await count("startup")
    @hookimpl
    async def on_ready(scope): await count("ready")
    @hookimpl
    async def on_shutdown(scope): await count("shutdown")
"""


@pytest.fixture
def counts(project: Project) -> Iterator[list[str]]:
    """The notes of a plugin with a model, from the start to the stop of a host.

    pymongo leaves sockets that it was about to open to the garbage collector; they are collected in the test that left them.
    """
    notes = journal(project)
    project.install("acme-todo", DATABASE)
    live(project)
    yield notes
    gc.collect()


SOCKETS = "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"


@pytest.mark.filterwarnings(SOCKETS)
def test_K15a_configure_runs_before_the_database_is_open(counts: list[str]) -> None:
    assert counts[0] == "configure in web, no database"


@pytest.mark.filterwarnings(SOCKETS)
def test_K15b_the_database_is_open_from_on_startup_to_on_shutdown(counts: list[str]) -> None:
    assert counts[1:] == ["startup 1", "ready 1", "shutdown 1"]


def test_K15a_configure_runs_in_the_role_build_and_on_startup_does_not(project: Project) -> None:
    """backendjs runs ``configureModule`` in any role; here hooks that need the database run only in a process that opens it."""
    notes = journal(project)
    project.install("acme-todo", DATABASE)

    async def build() -> None:
        await Host(project.settings, role="build").assemble()

    asyncio.run(build())
    assert notes == ["configure in build, no database"]
    assert not (project.directory / ".host").exists()


def test_K15a_register_routes_sees_what_an_async_configure_has_set(project: Project) -> None:
    """This is its purpose: the plugin's own object is ready before anything is registered."""
    source = """
    import asyncio

    class Todo:
        @hookimpl
        async def configure(self, scope):
            await asyncio.sleep(0)
            self.greeting = "hello"
        @hookimpl
        def register_routes(self, scope):
            greeting = self.greeting
            @get("/", sync_to_thread=False)
            def greet() -> str: return greeting
            return greet
    """
    project.install("acme-todo", "\n    from litestar import get\n" + source, target="acme_todo:Todo")
    assert response_texts(project, "/acme__todo") == ["hello"]


def test_K15i_on_shutdown_runs_in_reverse_load_order_one_plugin_at_a_time(project: Project) -> None:
    """backendjs calls them in parallel, so a plugin may lose what it needs; here the plugin that started last stops first."""
    notes = journal(project)
    source = """
    import asyncio
    from journal import note

    @hookimpl
    async def on_shutdown(scope):
        note(f"{scope.name} begins")
        await asyncio.sleep(0.01 if scope.name == "b" else 0)
        note(f"{scope.name} ends")
    """
    project.install("acme-a", source)
    project.install("acme-b", source)
    live(project)
    assert notes == ["b begins", "b ends", "a begins", "a ends"]


def test_K15i_a_hanging_on_shutdown_is_named_and_the_other_plugins_stop(project: Project) -> None:
    notes: list[Any] = journal(project)
    project.install("acme-a", "from journal import note\n@hookimpl\ndef on_shutdown(scope): note('a')")
    project.install("acme-b", "import asyncio\n@hookimpl\nasync def on_shutdown(scope): await asyncio.sleep(60)")
    project.configure("[plugins]\ntimeout = 0.05\n")
    with pytest.raises(BootError) as caught:
        live(project)
    (failure,) = caught.value.errors
    assert isinstance(failure, HookTimeoutError)
    assert (failure.plugin, failure.hook) == ("acme__b", "on_shutdown")
    assert notes == ["a"]

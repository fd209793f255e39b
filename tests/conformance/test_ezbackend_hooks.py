"""Names of hooks, and a test that takes single ones away."""

from __future__ import annotations

import asyncio

import pytest

from host import Host
from host.common.errors import ConfigurationError, HookSignatureError, NoSuchPluginError, StateError
from tests.conformance.kit import error, in_host, journal
from tests.distributions import Project


def test_E4_a_hook_stands_once_in_a_plugin(project: Project) -> None:
    """EzBackend gives each function a name of its own, and refuses a second one of that name. Here the hook is the name, and a
    plugin has one function for it; a second one, by pluggy's option ``specname``, is refused.
    """
    project.install(
        "acme-todo",
        """
        @hookimpl
        def on_startup(scope): ...
        @hookimpl(specname="on_startup")
        def create_entities(scope): ...
        """,
    )
    found = error(project)
    assert isinstance(found, HookSignatureError)
    assert (found.plugin, found.hook) == ("acme__todo", "create_entities")
    assert found.message == "on_startup and create_entities both implement on_startup"


def test_E4_an_unknown_hook_is_refused_with_the_nearest_name(project: Project) -> None:
    project.install("acme-todo", "@hookimpl\ndef on_startupp(scope): ...")
    found = error(project)
    assert isinstance(found, HookSignatureError)
    assert found.fix == "did you mean 'on_startup'?"


HOOKED = """
    from journal import note
    class Inner:
        @hookimpl
        def on_startup(self, scope): note("inner startup")
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner")
    @hookimpl
    def on_startup(scope): note("startup")
    @hookimpl
    def on_ready(scope): note("ready")
"""


def without(project: Project, *hooks: tuple[str, str]) -> list[str]:
    """What hooks note in a host without some of them."""
    notes = journal(project)
    project.install("acme-todo", HOOKED)

    async def life() -> None:
        host = Host(project.settings)
        for key, hook in hooks:
            host.disable_hook(key, hook)
        async with host:
            pass

    asyncio.run(life())
    return notes


def test_E4_a_test_takes_single_hooks_away(project: Project) -> None:
    assert without(project, ("acme__todo", "on_startup")) == ["inner startup", "ready"]


def test_E4_of_a_child_too(project: Project) -> None:
    assert without(project, ("acme__todo.inner", "on_startup"), ("acme__todo", "on_ready")) == ["startup"]


@pytest.mark.parametrize(
    ("key", "hook", "kind", "fix"),
    [
        ("acme__toodo", "on_startup", NoSuchPluginError, "did you mean 'acme__todo'?"),
        ("acme__todo.iner", "on_startup", NoSuchPluginError, "did you mean 'acme__todo.inner'?"),
        ("acme__todo", "on_stratup", ConfigurationError, "did you mean 'on_startup'?"),
        ("acme__todo.inner", "on_ready", ConfigurationError, "there are on_startup"),
    ],
)
def test_E4_what_is_not_there_cannot_be_taken_away(
    project: Project, key: str, hook: str, kind: type[NoSuchPluginError | ConfigurationError], fix: str
) -> None:
    with pytest.raises(kind) as caught:
        without(project, (key, hook))
    assert caught.value.fix == fix


def test_E4_nothing_is_taken_away_once_the_plugins_are_loaded(project: Project) -> None:
    notes = journal(project)
    project.install("acme-todo", HOOKED)

    async def late(host: Host) -> None:
        with pytest.raises(StateError, match="the plugins are loaded"):
            host.disable_hook("acme__todo", "on_ready")

    in_host(project, late)
    assert notes[-1] == "ready"

"""Names of hooks, and single hooks that a test disables (row E4)."""

from __future__ import annotations

import asyncio

import pytest

from host import Host
from host.common.errors import ConfigurationError, HookSignatureError, NoSuchPluginError, StateError
from tests.conformance.kit import error, in_host, journal
from tests.distributions import Project


def test_E4_two_functions_for_one_hook_are_refused(project: Project) -> None:
    """EzBackend gives each function a name of its own and refuses a second function of that name. Here the hook is the name, and
    a plugin has one function for it; a second function, by pluggy's option ``specname``, is refused.
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
    failure = error(project)
    assert isinstance(failure, HookSignatureError)
    assert (failure.plugin, failure.hook) == ("acme__todo", "create_entities")
    assert failure.message == "on_startup and create_entities both implement on_startup"


def test_E4_an_unknown_hook_is_refused_with_the_nearest_name(project: Project) -> None:
    project.install("acme-todo", "@hookimpl\ndef on_startupp(scope): ...")
    failure = error(project)
    assert isinstance(failure, HookSignatureError)
    assert failure.fix == "did you mean 'on_startup'?"


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
    """Return the notes of the hooks in a host that disables some of them."""
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


def test_E4_a_single_hook_can_be_disabled(project: Project) -> None:
    assert without(project, ("acme__todo", "on_startup")) == ["inner startup", "ready"]


def test_E4_a_hook_of_a_child_can_be_disabled(project: Project) -> None:
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
def test_E4_disabling_an_unknown_plugin_or_hook_is_an_error(
    project: Project, key: str, hook: str, kind: type[NoSuchPluginError | ConfigurationError], fix: str
) -> None:
    with pytest.raises(kind) as caught:
        without(project, (key, hook))
    assert caught.value.fix == fix


def test_E4_hooks_cannot_be_disabled_once_the_plugins_are_loaded(project: Project) -> None:
    notes = journal(project)
    project.install("acme-todo", HOOKED)

    async def late(host: Host) -> None:
        with pytest.raises(StateError, match="a hook cannot be disabled after the plugins were loaded"):
            host.disable_hook("acme__todo", "on_ready")

    in_host(project, late)
    assert notes[-1] == "ready"

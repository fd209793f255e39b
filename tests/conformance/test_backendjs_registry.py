"""The plugins of a host by name: dotted, without an import, and with a reason for each absence (rows K2 to K4)."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from host.common.errors import ConflictError, HookCallError, InvalidKeyError, NoSuchPluginError
from tests.conformance.kit import ISOLATE, error, errors, in_host
from tests.distributions import Project

BILLING = """
    class Part:
        def __init__(self, label): self.label = label
        @hookimpl
        def register_plugins(self, scope): return [Child(Part("deeper"), "deep")] if self.label == "invoice" else None
    @hookimpl
    def register_plugins(scope): return [Child(Part("invoice"), "invoice"), Child(Part("stripe"), "stripe")]
"""


def test_K2_every_plugin_can_be_read_by_its_key_and_as_an_attribute(project: Project) -> None:
    project.install("acme-billing", BILLING)
    project.install("acme-todo", "label = 'todo'")

    async def look(host: Host) -> list[Any]:
        plugins = host.plugins
        return [
            list(plugins),
            plugins["acme__todo"].object.label,
            plugins.acme__todo.object is plugins["acme__todo"].object,
            plugins["acme__billing.invoice"].object.label,
            plugins.acme__billing.invoice.object.label,
        ]

    keys = ["acme__billing", "acme__billing.invoice", "acme__billing.invoice.deep", "acme__billing.stripe", "acme__todo"]
    assert in_host(project, look) == [keys, "todo", True, "invoice", "invoice"]


def test_K2_the_absence_of_a_plugin_can_be_tested(project: Project) -> None:
    project.install("acme-billing", BILLING)

    async def look(host: Host) -> list[Any]:
        plugins = host.plugins
        return [
            "acme__billing" in plugins,
            "acme__todo" in plugins,
            plugins.get("acme__todo"),
            hasattr(plugins, "acme__todo"),
            hasattr(plugins.acme__billing, "paypal"),
        ]

    assert in_host(project, look) == [True, False, None, False, False]


@pytest.mark.parametrize(
    ("key", "message", "fix"),
    [
        ("acme__biling", "there is no plugin 'acme__biling'", "did you mean 'acme__billing'?"),
        ("acme__billing.invoise", "there is no plugin 'acme__billing.invoise'", "did you mean 'acme__billing.invoice'?"),
        ("acme__off", "the plugin acme__off is not available: it is disabled", ""),
        ("acme__bad", "the plugin acme__bad is not available: it failed: configure raised ValueError", ""),
    ],
)
def test_K2_the_error_for_an_absent_plugin_gives_the_reason(project: Project, key: str, message: str, fix: str) -> None:
    """In backendjs it is ``undefined``, and the error arises only when a method of it is called."""
    project.install("acme-billing", BILLING)
    project.install("acme-off")
    project.install("acme-bad", "@hookimpl\ndef configure(scope): raise ValueError")
    project.configure(f'{ISOLATE}disabled = ["acme__off"]\n')

    async def ask(host: Host) -> None:
        with pytest.raises(NoSuchPluginError) as caught:
            host.plugins[key]
        assert (caught.value.message, caught.value.fix) == (message, fix)

    in_host(project, ask)


def test_K3_the_names_below_a_plugin_are_those_of_its_children(project: Project) -> None:
    project.install("acme-billing", BILLING)

    async def look(host: Host) -> Any:
        billing = host.plugins.acme__billing
        return list(billing.children), list(billing.invoice.children), billing.invoice.deep.key

    assert in_host(project, look) == (["invoice", "stripe"], ["deep"], "acme__billing.invoice.deep")


def test_K3_a_dotted_name_without_a_plugin_in_between_is_refused(project: Project) -> None:
    """backendjs creates empty objects in between; here each level of the hierarchy is a plugin."""
    project.install("acme-billing", '@hookimpl\ndef register_plugins(scope): return Child(object(), "invoice.deep")')
    failure = error(project)
    assert isinstance(failure, HookCallError)
    assert (failure.plugin, failure.hook) == ("acme__billing", "register_plugins")
    assert "the name 'invoice.deep' of a child plugin" in str(failure.__cause__)


@pytest.mark.parametrize("name", ["key", "scope", "object", "children"])
def test_K3_a_child_named_like_an_attribute_can_be_read_by_its_key(project: Project, name: str) -> None:
    """backendjs logs such a conflict and skips the module; here the name is allowed, since the key always works."""
    project.install("acme-billing", f"class Part: ...\n@hookimpl\ndef register_plugins(scope): return Child(Part, {name!r})")

    async def look(host: Host) -> Any:
        return host.plugins[f"acme__billing.{name}"].key, host.plugins.acme__billing.children[name].key

    assert in_host(project, look) == (f"acme__billing.{name}",) * 2


@pytest.mark.parametrize("name", ["", "_mixin", "Invoice", "in voice", "in__voice", "9"])
def test_K4_an_invalid_name_of_a_child_is_refused(project: Project, name: str) -> None:
    """backendjs logs a missing name, and silently skips a name with a leading underscore."""
    project.install("acme-billing", f"@hookimpl\ndef register_plugins(scope): return Child(object(), {name!r})")
    failure = error(project)
    assert (failure.plugin, failure.hook) == ("acme__billing", "register_plugins")
    assert f"the name {name!r} of a child plugin" in str(failure.__cause__)


@pytest.mark.parametrize("key", ["todo", "_acme__todo", "acme_todo", "acme__todo.list", "Acme__todo"])
def test_K4_an_invalid_key_is_refused(project: Project, key: str) -> None:
    project.install("acme-todo", key=key)
    failure = error(project)
    assert isinstance(failure, InvalidKeyError)
    assert key in failure.message
    assert "author__name" in failure.fix


def test_K4_two_distributions_with_one_key_are_refused_and_both_named(project: Project) -> None:
    """backendjs keeps the first module, and which module is the first depends on the order of files."""
    project.install("acme-billing", BILLING)
    project.install("other-billing", BILLING, key="acme__billing")
    (failure,) = errors(project)
    assert not isinstance(failure, ConflictError)
    assert failure.code == "duplicate-plugin"
    assert "acme-billing 1.0.0 and other-billing 1.0.0" in failure.message

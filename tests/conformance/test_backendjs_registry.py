"""All plugins by name: dotted, without an import, and with an answer where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from host.common.errors import ConflictError, HookCallError, InvalidKeyError, NoSuchPluginError
from tests.conformance.kit import ISOLATE, error, errors, in_host
from tests.distributions import Project

BILLING = """
    class Part:
        def __init__(self, text): self.text = text
        @hookimpl
        def register_plugins(self, scope): return [Child(Part("deeper"), "deep")] if self.text == "invoice" else None
    @hookimpl
    def register_plugins(scope): return [Child(Part("invoice"), "invoice"), Child(Part("stripe"), "stripe")]
"""


def test_K2_every_plugin_is_found_by_its_key_and_as_an_attribute(project: Project) -> None:
    project.install("acme-billing", BILLING)
    project.install("acme-todo", "text = 'todo'")

    async def look(host: Host) -> list[Any]:
        plugins = host.plugins
        return [
            list(plugins),
            plugins["acme__todo"].object.text,
            plugins.acme__todo.object is plugins["acme__todo"].object,
            plugins["acme__billing.invoice"].object.text,
            plugins.acme__billing.invoice.object.text,
        ]

    keys = ["acme__billing", "acme__billing.invoice", "acme__billing.invoice.deep", "acme__billing.stripe", "acme__todo"]
    assert in_host(project, look) == [keys, "todo", True, "invoice", "invoice"]


def test_K2_an_application_may_ship_a_part_and_ask_what_is_there(project: Project) -> None:
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
def test_K2_what_is_not_there_says_why(project: Project, key: str, message: str, fix: str) -> None:
    """In backendjs it is ``undefined``, and the error comes from whoever calls a method of it."""
    project.install("acme-billing", BILLING)
    project.install("acme-off")
    project.install("acme-bad", "@hookimpl\ndef configure(scope): raise ValueError")
    project.configure(f'{ISOLATE}disabled = ["acme__off"]\n')

    async def ask(host: Host) -> None:
        with pytest.raises(NoSuchPluginError) as caught:
            host.plugins[key]
        assert (caught.value.message, caught.value.fix) == (message, fix)

    in_host(project, ask)


def test_K3_names_below_a_plugin_are_its_children(project: Project) -> None:
    project.install("acme-billing", BILLING)

    async def look(host: Host) -> Any:
        billing = host.plugins.acme__billing
        return list(billing.children), list(billing.invoice.children), billing.invoice.deep.key

    assert in_host(project, look) == (["invoice", "stripe"], ["deep"], "acme__billing.invoice.deep")


def test_K3_a_plugin_below_a_name_that_no_plugin_has_is_refused(project: Project) -> None:
    """backendjs makes empty objects in between. Here what lies between two plugins is a plugin."""
    project.install("acme-billing", '@hookimpl\ndef register_plugins(scope): return Child(object(), "invoice.deep")')
    found = error(project)
    assert isinstance(found, HookCallError)
    assert (found.plugin, found.hook) == ("acme__billing", "register_plugins")
    assert "the name 'invoice.deep' of a child plugin" in str(found.__cause__)


@pytest.mark.parametrize("name", ["key", "scope", "object", "children"])
def test_K3_a_child_whose_name_is_an_attribute_is_found_by_its_key(project: Project, name: str) -> None:
    """backendjs traces such a conflict and places nothing; here the name is free, since the key always works."""
    project.install("acme-billing", f"class Part: ...\n@hookimpl\ndef register_plugins(scope): return Child(Part, {name!r})")

    async def look(host: Host) -> Any:
        return host.plugins[f"acme__billing.{name}"].key, host.plugins.acme__billing.children[name].key

    assert in_host(project, look) == (f"acme__billing.{name}",) * 2


@pytest.mark.parametrize("name", ["", "_mixin", "Invoice", "in voice", "in__voice", "9"])
def test_K4_a_bad_name_is_refused(project: Project, name: str) -> None:
    """backendjs traces a missing name, and skips one with an underscore in front without a word."""
    project.install("acme-billing", f"@hookimpl\ndef register_plugins(scope): return Child(object(), {name!r})")
    found = error(project)
    assert (found.plugin, found.hook) == ("acme__billing", "register_plugins")
    assert f"the name {name!r} of a child plugin" in str(found.__cause__)


@pytest.mark.parametrize("key", ["todo", "_acme__todo", "acme_todo", "acme__todo.list", "Acme__todo"])
def test_K4_a_bad_key_is_refused(project: Project, key: str) -> None:
    project.install("acme-todo", key=key)
    found = error(project)
    assert isinstance(found, InvalidKeyError)
    assert key in found.message
    assert "author__name" in found.fix


def test_K4_a_name_that_is_taken_is_refused_and_neither_wins(project: Project) -> None:
    """In backendjs the first one wins, and which one that is depends on the order of files."""
    project.install("acme-billing", BILLING)
    project.install("other-billing", BILLING, key="acme__billing")
    (found,) = errors(project)
    assert not isinstance(found, ConflictError)
    assert found.code == "duplicate-plugin"
    assert "acme-billing 1.0.0 and other-billing 1.0.0" in found.message

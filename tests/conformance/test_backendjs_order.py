"""Allow lists of hooks, and the load order of plugins (rows K11, K12)."""

from __future__ import annotations

import pytest

from host import Host
from host.common.errors import SettingsError, UnknownPluginError
from tests.conformance.kit import ANSWERING, ISOLATE, error, failures, get, in_host
from tests.distributions import Project

ALLOW = '[hooks.register_routes]\nallow = ["{}"]\n'


@pytest.mark.parametrize("name", ["acme__todo", "acme-todo"])
def test_K11_a_plugin_on_the_allow_list_may_use_the_hook(project: Project, name: str) -> None:
    project.install("acme-todo", ANSWERING)
    project.configure(ALLOW.format(name))
    assert get(project, "/acme__todo")[0].text == "acme__todo"


def test_K11_another_plugin_is_refused_and_the_error_names_the_setting(project: Project) -> None:
    """backendjs skips the module's method silently, so its routes are missing and nothing says why."""
    project.install("acme-todo", ANSWERING)
    project.install("acme-other")
    path = project.configure(ALLOW.format("acme__other"))
    failure = error(project)
    assert (failure.code, failure.plugin, failure.hook) == ("hook-not-allowed", "acme__todo", "register_routes")
    assert "acme__other" in failure.message
    assert (failure.file, failure.key) == (path, "hooks.register_routes.allow")


def test_K11_an_allowed_plugin_allows_its_children(project: Project) -> None:
    inner = """
    class Inner:
        @hookimpl
        def register_routes(self, scope): return root
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", "/inner")
    """
    project.install("acme-todo", ANSWERING + inner)
    project.configure(ALLOW.format("acme__todo"))
    assert get(project, "/acme__todo/inner")[0].text == "acme__todo.inner"


def test_K11_hooks_without_an_allow_list_are_open_to_all_plugins(project: Project) -> None:
    project.install("acme-todo", ANSWERING)
    project.install("acme-other", "@hookimpl\ndef on_startup(scope): ...")
    project.configure(ALLOW.format("acme__todo"))
    assert get(project, "/acme__todo")[0].status_code == 200


def test_K11_a_refused_plugin_is_isolated_like_any_failed_plugin(project: Project) -> None:
    project.install("acme-todo", ANSWERING)
    project.install("acme-other")
    project.configure(ISOLATE + ALLOW.format("acme__other"))
    assert list(failures(project)) == ["acme__todo"]


@pytest.mark.parametrize(
    ("hook", "name", "kind", "fix"),
    [
        ("register_route", "acme__todo", SettingsError, "did you mean 'register_routes'?"),
        ("register_routes", "acme__toodo", UnknownPluginError, "did you mean 'acme__todo'?"),
    ],
)
def test_K11_an_allow_list_with_an_unknown_hook_or_plugin_is_an_error(
    project: Project, hook: str, name: str, kind: type[SettingsError], fix: str
) -> None:
    project.install("acme-todo", ANSWERING)
    project.configure(f'[hooks.{hook}]\nallow = ["{name}"]\n')
    with pytest.raises(kind) as caught:
        get(project, "/")
    assert caught.value.fix.startswith(fix)


def order(project: Project, *rules: str) -> list[str]:
    """Return the load order of four plugins, of which ``acme__c`` requires ``acme__d``."""
    for name, requires in (("acme-a", []), ("acme-b", []), ("acme-c", ["acme-d"]), ("acme-d", [])):
        project.install(name, requires=requires)
    project.configure(f"[plugins]\norder = {list(rules)}\n")

    async def keys(host: Host) -> list[str]:
        return [key.removeprefix("acme__") for key in host.plugins]

    return in_host(project, keys)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], "abdc"),
        (["acme__b before acme__a"], "badc"),
        (["acme__a after acme__c"], "bdca"),
        (["acme__b first"], "badc"),
        (["acme__a last"], "bdca"),
        (["acme__c first"], "dcab"),
        (["acme__b last"], "adcb"),
        (["acme__d last"], "abdc"),
        (["acme__d first", "acme__a after acme__b"], "dbac"),
    ],
)
def test_K12_rules_with_before_after_first_and_last_order_the_plugins(project: Project, rules: list[str], expected: str) -> None:
    """``first`` also brings forward what the plugin requires, here ``acme__d`` for ``acme__c``; ``last`` delays no dependent."""
    assert "".join(order(project, *rules)) == expected


def test_K12_an_unknown_name_is_an_error(project: Project) -> None:
    """backendjs ignores it, so a rule that is misspelt, or whose plugin was renamed, silently stops working."""
    with pytest.raises(UnknownPluginError) as caught:
        order(project, "acme__bb before acme__a")
    assert "'acme__bb'" in caught.value.message
    assert caught.value.fix == "did you mean 'acme__b'?"
    assert caught.value.key == "plugins.order"


@pytest.mark.parametrize("rule", ["acme__a", "acme__a near acme__b", "-acme__a", "acme__a before", "*"])
def test_K12_an_invalid_rule_is_an_error(project: Project, rule: str) -> None:
    with pytest.raises(SettingsError, match="not a rule of order"):
        order(project, rule)


def test_K12_a_rule_that_contradicts_a_requirement_is_reported_as_a_cycle(project: Project) -> None:
    project.install("acme-c", requires=["acme-d"])
    project.install("acme-d")
    project.configure('[plugins]\norder = ["acme__c before acme__d"]\n')
    assert "acme__c -> acme__d -> acme__c" in error(project).message

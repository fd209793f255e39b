"""The cases of failing plugins that Backstage, Jupyter and Home Assistant test, as far as they mean something here."""

from __future__ import annotations

import json
import sys
from textwrap import dedent
from typing import Any

import pytest

from host import Host
from host.common.errors import (
    ConflictError,
    DependencyCycleError,
    DependencyFailedError,
    DuplicatePluginError,
    HookCallError,
    HookResultError,
    HookSignatureError,
    HostError,
    InvalidKeyError,
    MissingDependencyError,
    ModelError,
    PluginImportError,
    ServiceError,
)
from host.web.litestar.routing import assembled_routes
from tests.conformance.kit import ANSWERING, ISOLATE, error, errors, failures, get, in_host, journal, live
from tests.distributions import Project

#: Where a plugin may fail: when it is imported, when it says what it has, when it starts.
STEPS = {
    "add": ("raise OSError('no disk')", PluginImportError),
    "link": ("@hookimpl\ndef register_services(scope): raise OSError('no disk')", HookCallError),
    "load": ("@hookimpl\nasync def on_startup(scope): raise OSError('no disk')", HookCallError),
}


@pytest.mark.parametrize("step", STEPS)
def test_F20_strict_a_failure_at_each_step_ends_the_start(project: Project, step: str) -> None:
    source, kind = STEPS[step]
    project.install("acme-a", source)
    project.install("acme-b", ANSWERING)
    found = error(project)
    assert type(found) is kind
    assert found.plugin == "acme__a"
    assert isinstance(found.__cause__, OSError)


@pytest.mark.parametrize("step", STEPS)
def test_F20_lenient_the_others_are_served(project: Project, step: str) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", dedent(ANSWERING) + STEPS[step][0])
    project.install("acme-b", ANSWERING)
    first, second = get(project, "/acme__a", "/acme__b")
    assert (first.status_code, second.text) == (503, "acme__b")
    assert "acme__a" in first.json()["detail"]


def test_F20_one_plugins_policy_goes_before_the_policy_of_all(project: Project) -> None:
    project.configure(ISOLATE + '[plugins.acme__a]\non_failure = "abort"\n')
    project.install("acme-a", STEPS["load"][0])
    project.install("acme-b")
    assert error(project).plugin == "acme__a"


def test_F20_a_permitted_failure_among_others_that_are_not(project: Project) -> None:
    project.configure('[plugins.acme__a]\non_failure = "isolate"\n')
    project.install("acme-a", STEPS["load"][0])
    project.install("acme-b")

    async def state(host: Host) -> tuple[str, list[str]]:
        return host.state, list(host.plugins)

    assert in_host(project, state) == ("ready", ["acme__b"])


def test_F20_all_failures_are_told_together(project: Project) -> None:
    project.install("acme-a", STEPS["add"][0])
    project.install("acme-b", STEPS["link"][0])
    project.install("acme-c", "", requires=["acme-a"])
    found = errors(project)
    assert {one.plugin: type(one) for one in found} == {  # type: ignore[attr-defined]
        "acme__a": PluginImportError,
        "acme__b": HookCallError,
        "acme__c": DependencyFailedError,
    }


def test_F20_a_chain_of_those_taken_along_is_told(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", STEPS["load"][0])
    project.install("acme-b", "", requires=["acme-a"])
    project.install("acme-c", "", requires=["acme-b"])
    (along,) = failures(project)["acme__c"]
    assert isinstance(along, DependencyFailedError)
    assert along.chain == ("acme__c", "acme__b", "acme__a")
    assert "acme__b which needs acme__a" in along.message


def test_F20_a_plugin_that_fails_late_leaves_nothing_behind(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", ANSWERING + "\n    @hookimpl\n    def generate_frontend(scope): raise OSError\n")

    async def left(host: Host) -> tuple[list[str], list[str]]:
        routes = [route for route in assembled_routes(host.app) if route.owner == "acme__a"]
        return list(host.plugins), [f"{route.method} {route.path} {route.handler.fn.__name__}" for route in routes]

    refusals = ["WEBSOCKET /acme__a isolated", "WEBSOCKET /acme__a/{path:path} isolated"]
    assert in_host(project, left) == ([], refusals)


@pytest.mark.parametrize(
    ("sources", "kind", "said"),
    [
        ({"acme-a": {"key": "acme__x"}, "acme-b": {"key": "acme__x"}}, DuplicatePluginError, ("acme-a", "acme-b")),
        ({"acme-a": {"requires": ["acme-b"]}, "acme-b": {"requires": ["acme-a"]}}, DependencyCycleError, ("acme__a -> acme__b",)),
        ({"acme-a": {"requires": ["acme-none"]}}, MissingDependencyError, ("acme-none", "not installed")),
        ({"acme-a": {"key": "acme-a"}}, InvalidKeyError, ("'acme-a' is not a plugin key",)),
    ],
    ids=["duplicate", "circular", "missing", "metadata"],
)
def test_F14_what_metadata_gets_wrong_is_told_before_an_import(
    project: Project, sources: dict[str, dict[str, Any]], kind: type[HostError], said: tuple[str, ...]
) -> None:
    for name, options in sources.items():
        project.install(name, "raise SystemError", **options)
    found = error(project)
    assert type(found) is kind
    for text in said:
        assert text in found.message
    assert not {"acme_a", "acme_b"} & set(sys.modules)


@pytest.mark.parametrize("how", ["key", "distribution", "command"])
def test_F20_who_is_disabled_is_never_imported(project: Project, how: str) -> None:
    project.install("acme-a", "raise SystemError")
    if how == "command":
        assert project.host("plugins", "disable", "acme__a").code == 0
    else:
        project.configure(f'[plugins]\ndisabled = ["{"acme__a" if how == "key" else "acme-a"}"]\n')
    live(project)
    assert "acme_a" not in sys.modules


def test_F20_a_broken_one_can_be_disabled_and_its_error_says_how(project: Project) -> None:
    project.install("acme-a", "raise OSError")
    assert "host plugins disable acme__a" in error(project).fix
    assert project.host("plugins", "check").code == 3
    assert project.host("plugins", "disable", "acme__a").code == 0
    assert project.host("plugins", "check").code == 0


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("@hookimpl\ndef register_routes(scope): return 5", HookResultError),
        ("@hookimpl\ndef register_services(scope): return ['db']", HookResultError),
        ("@hookimpl\ndef register_plugins(scope): return object()", HookResultError),
        ("@hookimpl\ndef plugin_options(): return {}", HookResultError),
        ("@hookimpl\ndef register_route(scope): ...", HookSignatureError),
        ("@hookimpl\ndef register_services(scope): return {'request': 1}", HookResultError),
    ],
)
def test_F20_a_wrong_answer_leaves_the_plugin_out(project: Project, source: str, kind: type[HostError]) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", source)
    project.install("acme-b", ANSWERING)
    assert [type(one) for one in failures(project)["acme__a"]] == [kind]
    assert get(project, "/acme__b")[0].text == "acme__b"


#: The stable names of what may go wrong in this field, with the exit codes of the command.
CODES = {
    ConflictError: ("conflict", 3),
    DependencyCycleError: ("dependency-cycle", 3),
    DependencyFailedError: ("dependency-failed", 3),
    DuplicatePluginError: ("duplicate-plugin", 3),
    HookCallError: ("hook-raised", 3),
    HookResultError: ("hook-result", 3),
    HookSignatureError: ("hook-signature", 3),
    InvalidKeyError: ("invalid-key", 3),
    MissingDependencyError: ("missing-dependency", 3),
    ModelError: ("model", 3),
    PluginImportError: ("import-failed", 3),
    ServiceError: ("service", 3),
}


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: kind.__name__)
def test_F20_codes_stay_as_they_are(kind: type[HostError]) -> None:
    assert (kind.code, kind.exit_code) == CODES[kind]  # type: ignore[index]  # it is one of them


def test_F20_the_command_tells_the_same_as_data(project: Project) -> None:
    project.install("acme-a", STEPS["add"][0])
    project.install("acme-b", "", requires=["acme-a"])
    outcome = project.host("plugins", "check", "--json")
    assert outcome.code == 3
    told = json.loads(outcome.stdout)["errors"]
    assert [(one["plugin"], one["code"]) for one in told] == [("acme__a", "import-failed"), ("acme__b", "dependency-failed")]


def test_F20_a_child_that_is_shared_takes_its_parent_along(project: Project) -> None:
    journal(project)
    project.configure(ISOLATE)
    project.install(
        "acme-a",
        """
        class Inner:
            @hookimpl
            def on_startup(self, scope): raise OSError("no disk")
        @hookimpl
        def register_plugins(scope): return Child(Inner, "inner", shared=True)
        """,
    )
    assert set(failures(project)) == {"acme__a", "acme__a.inner"}

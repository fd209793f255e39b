"""Backstage's, Jupyter's and Home Assistant's test cases of failing plugins, as far as they apply here (rows F14, F20)."""

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

#: The steps at which a plugin may fail.
STEPS = {
    "import": ("raise OSError('no disk')", PluginImportError),
    "register": ("@hookimpl\ndef register_services(scope): raise OSError('no disk')", HookCallError),
    "start": ("@hookimpl\nasync def on_startup(scope): raise OSError('no disk')", HookCallError),
}


@pytest.mark.parametrize("step", STEPS)
def test_F20_a_failure_at_any_step_fails_the_start(project: Project, step: str) -> None:
    source, kind = STEPS[step]
    project.install("acme-a", source)
    project.install("acme-b", ANSWERING)
    failure = error(project)
    assert type(failure) is kind
    assert failure.plugin == "acme__a"
    assert isinstance(failure.__cause__, OSError)


@pytest.mark.parametrize("step", STEPS)
def test_F20_with_the_policy_isolate_the_other_plugins_are_served(project: Project, step: str) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", dedent(ANSWERING) + STEPS[step][0])
    project.install("acme-b", ANSWERING)
    first, second = get(project, "/acme__a", "/acme__b")
    assert (first.status_code, second.text) == (503, "acme__b")
    assert "acme__a" in first.json()["detail"]


def test_F20_the_policy_of_a_plugin_overrides_the_general_policy(project: Project) -> None:
    project.configure(ISOLATE + '[plugins.acme__a]\non_failure = "abort"\n')
    project.install("acme-a", STEPS["start"][0])
    project.install("acme-b")
    assert error(project).plugin == "acme__a"


def test_F20_a_failure_of_the_one_plugin_with_the_policy_isolate_is_isolated(project: Project) -> None:
    project.configure('[plugins.acme__a]\non_failure = "isolate"\n')
    project.install("acme-a", STEPS["start"][0])
    project.install("acme-b")

    async def state(host: Host) -> tuple[str, list[str]]:
        return host.state, list(host.plugins)

    assert in_host(project, state) == ("ready", ["acme__b"])


def test_F20_all_failures_are_reported_together(project: Project) -> None:
    project.install("acme-a", STEPS["import"][0])
    project.install("acme-b", STEPS["register"][0])
    project.install("acme-c", "", requires=["acme-a"])
    assert {failure.plugin: type(failure) for failure in errors(project)} == {  # type: ignore[attr-defined]
        "acme__a": PluginImportError,
        "acme__b": HookCallError,
        "acme__c": DependencyFailedError,
    }


def test_F20_a_dependent_of_a_dependent_names_the_whole_chain(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", STEPS["start"][0])
    project.install("acme-b", "", requires=["acme-a"])
    project.install("acme-c", "", requires=["acme-b"])
    (dependent,) = failures(project)["acme__c"]
    assert isinstance(dependent, DependencyFailedError)
    assert dependent.chain == ("acme__c", "acme__b", "acme__a")
    assert "acme__b which needs acme__a" in dependent.message


def test_F20_a_plugin_that_fails_after_it_registered_routes_leaves_only_the_refusals(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", ANSWERING + "\n    @hookimpl\n    def generate_frontend(scope): raise OSError\n")

    async def remaining(host: Host) -> tuple[list[str], list[str]]:
        routes = [route for route in assembled_routes(host.app) if route.owner == "acme__a"]
        return list(host.plugins), [f"{route.method} {route.path} {route.handler.fn.__name__}" for route in routes]

    refusals = ["WEBSOCKET /acme__a isolated", "WEBSOCKET /acme__a/{path:path} isolated"]
    assert in_host(project, remaining) == ([], refusals)


@pytest.mark.parametrize(
    ("sources", "kind", "parts"),
    [
        ({"acme-a": {"key": "acme__x"}, "acme-b": {"key": "acme__x"}}, DuplicatePluginError, ("acme-a", "acme-b")),
        ({"acme-a": {"requires": ["acme-b"]}, "acme-b": {"requires": ["acme-a"]}}, DependencyCycleError, ("acme__a -> acme__b",)),
        ({"acme-a": {"requires": ["acme-none"]}}, MissingDependencyError, ("acme-none", "not installed")),
        ({"acme-a": {"key": "acme-a"}}, InvalidKeyError, ("'acme-a' is not a plugin key",)),
    ],
    ids=["duplicate", "circular", "missing", "metadata"],
)
def test_F14_errors_in_metadata_are_reported_before_any_import(
    project: Project, sources: dict[str, dict[str, Any]], kind: type[HostError], parts: tuple[str, ...]
) -> None:
    for name, options in sources.items():
        project.install(name, "raise SystemError", **options)
    failure = error(project)
    assert type(failure) is kind
    for part in parts:
        assert part in failure.message
    assert not {"acme_a", "acme_b"} & set(sys.modules)


@pytest.mark.parametrize("disabled_by", ["key", "distribution", "command"])
def test_F20_a_disabled_plugin_is_never_imported(project: Project, disabled_by: str) -> None:
    project.install("acme-a", "raise SystemError")
    if disabled_by == "command":
        assert project.host("plugins", "disable", "acme__a").code == 0
    else:
        project.configure(f'[plugins]\ndisabled = ["{"acme__a" if disabled_by == "key" else "acme-a"}"]\n')
    live(project)
    assert "acme_a" not in sys.modules


def test_F20_a_broken_plugin_can_be_disabled_as_its_error_says(project: Project) -> None:
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
def test_F20_a_wrong_signature_or_result_of_a_hook_isolates_its_plugin(
    project: Project, source: str, kind: type[HostError]
) -> None:
    project.configure(ISOLATE)
    project.install("acme-a", source)
    project.install("acme-b", ANSWERING)
    assert [type(failure) for failure in failures(project)["acme__a"]] == [kind]
    assert get(project, "/acme__b")[0].text == "acme__b"


#: The stable codes of these errors, with the exit codes of the command.
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
def test_F20_error_codes_and_exit_codes_are_stable(kind: type[HostError]) -> None:
    assert (kind.code, kind.exit_code) == CODES[kind]  # type: ignore[index]  # all of these kinds are keys


def test_F20_plugins_check_reports_the_failures_as_json(project: Project) -> None:
    project.install("acme-a", STEPS["import"][0])
    project.install("acme-b", "", requires=["acme-a"])
    outcome = project.host("plugins", "check", "--json")
    assert outcome.code == 3
    reported = json.loads(outcome.stdout)["errors"]
    assert [(failure["plugin"], failure["code"]) for failure in reported] == [
        ("acme__a", "import-failed"),
        ("acme__b", "dependency-failed"),
    ]


def test_F20_the_parent_of_a_shared_child_fails_with_it(project: Project) -> None:
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

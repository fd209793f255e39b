"""The load order of plugins, and what is checked before any of them is imported (rows F1, F3, F13, F14)."""

from __future__ import annotations

import asyncio
import sys

import pytest

from host import Host
from host.common.errors import (
    DependencyCycleError,
    HostVersionError,
    MissingDependencyError,
)
from tests.conformance.kit import error, errors, journal, live
from tests.distributions import Project

NOTING = """
    from journal import note
    @hookimpl
    def configure(scope): note(scope.key)
"""


def test_F1_nothing_runs_before_the_start_is_awaited(project: Project) -> None:
    notes = journal(project)
    project.install("acme-a", NOTING)

    async def life() -> None:
        host = Host(project.settings)
        await asyncio.sleep(0)
        assert "acme_a" not in sys.modules
        assert host.state == "new"
        await host.ready()
        assert notes == ["acme__a"]
        await host.close()

    asyncio.run(life())


def test_F1_all_plugins_are_imported_before_the_first_hook_runs(project: Project) -> None:
    """So the host has the last plugin in the order when the hooks of the first one run."""
    notes = journal(project)
    project.install("acme-a", "from journal import note\nnote('import a')\n@hookimpl\ndef configure(scope): note('configure a')")
    project.install("acme-z", "from journal import note\nnote('import z')\n")
    live(project)
    assert notes == ["import a", "import z", "configure a"]


def test_F3_a_plugin_is_loaded_then_its_children_then_the_next_plugin(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from journal import note

        class Noting:
            children = ()
            @hookimpl
            def register_plugins(self, scope):
                note(f"{scope.key} starts")
                children = list(self.children)
                note(f"{scope.key} ends")
                return children

        class Middle(Noting):
            children = [Child(Noting, "leaf")]

        class Root(Noting):
            children = [Child(Middle, "z_first"), Child(Noting, "a_second")]
        """,
        target="acme_a:Root",
    )
    project.install("acme-b", "from journal import note\n@hookimpl\ndef register_plugins(scope): note(scope.key)")
    live(project)
    assert notes == [
        *("acme__a starts", "acme__a ends"),
        *("acme__a.z_first starts", "acme__a.z_first ends"),
        *("acme__a.z_first.leaf starts", "acme__a.z_first.leaf ends"),
        *("acme__a.a_second starts", "acme__a.a_second ends"),
        "acme__b",
    ]


def test_F3_configure_and_on_startup_run_in_the_same_order(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from journal import note

        class Inner:
            @hookimpl
            def configure(self, scope): note(scope.key)
            @hookimpl
            def on_startup(self, scope): note(scope.key)

        class Root(Inner):
            @hookimpl
            def register_plugins(self, scope): return [Child(Inner, "z"), Child(Inner, "y")]
        """,
        target="acme_a:Root",
    )
    project.install("acme-b", NOTING)
    live(project)
    assert notes == ["acme__a", "acme__a.z", "acme__a.y", "acme__b", "acme__a", "acme__a.z", "acme__a.y"]


def test_F13_a_plugin_for_another_host_version_is_refused_before_its_import(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["litestar-host>=99,<100"])
    failure = error(project)
    assert isinstance(failure, HostVersionError)
    assert (failure.plugin, failure.distribution) == ("acme__a", "acme-a")
    for part in ("acme-a requires", "<100", ">=99", "litestar-host 1."):
        assert part in failure.message


@pytest.mark.parametrize(("version", "fits"), [("1.3.0rc1", True), ("1.0.0.dev4", False), ("2.0.0rc1", False), ("1.3.0", True)])
def test_F13_prereleases_of_the_host_are_compared_by_pythons_rules(
    project: Project, monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
) -> None:
    """A prerelease counts as a version, and a prerelease of the next major is outside the range. Fastify accepts the latter for
    plugins of the previous major, although they were never tried with it.
    """
    monkeypatch.setattr("host.discovery.requirements.__version__", version)
    project.install("acme-a", requires=["litestar-host>=1,<2"])
    if fits:
        live(project)
    else:
        assert [type(failure) for failure in errors(project)] == [HostVersionError]


def test_F14_plugins_are_sorted_by_their_dependencies(project: Project) -> None:
    """Fastify takes plugins in the given order, and refuses a plugin whose dependency comes later; here they are sorted."""
    notes = journal(project)
    project.install("acme-a", NOTING, requires=["acme-c"])
    project.install("acme-b", NOTING)
    project.install("acme-c", NOTING, requires=["acme-d"])
    project.install("acme-d", NOTING)
    live(project)
    assert notes == ["acme__b", "acme__d", "acme__c", "acme__a"]


def test_F14_the_error_for_a_missing_dependency_names_the_plugin_that_requires_it(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["acme-absent>=1"])
    failure = error(project)
    assert isinstance(failure, MissingDependencyError)
    assert failure.plugin == "acme__a"
    assert failure.message == "acme-a requires acme-absent>=1, which is not installed"
    assert "pip install" in failure.fix


def test_F14_a_cycle_is_printed(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["acme-b"])
    project.install("acme-b", "raise SystemError", requires=["acme-c"])
    project.install("acme-c", "raise SystemError", requires=["acme-a"])
    failure = error(project)
    assert isinstance(failure, DependencyCycleError)
    assert "acme__a -> acme__b -> acme__c -> acme__a" in failure.message


def test_F14_all_errors_of_requirements_are_reported_together_before_any_import(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["acme-b"])
    project.install("acme-b", "raise SystemError", requires=["acme-a"])
    project.install("acme-c", "raise SystemError", requires=["acme-absent"])
    project.install("acme-d", "raise SystemError", requires=["acme-e>=3"])
    project.install("acme-e", requires=["litestar-host>=99"])
    failures = errors(project)
    kinds = {type(failure) for failure in failures}
    assert {DependencyCycleError, MissingDependencyError, HostVersionError} <= kinds
    assert {failure.plugin for failure in failures if isinstance(failure, MissingDependencyError)} == {"acme__c", "acme__d"}  # type: ignore[attr-defined]
    assert not {"acme_a", "acme_b", "acme_c", "acme_d", "acme_e"} & set(sys.modules)

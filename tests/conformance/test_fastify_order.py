"""Who comes before whom, and what is checked before anybody comes at all."""

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


def test_F1_all_are_collected_before_the_first_runs(project: Project) -> None:
    """One that comes later in any order is already known to the one that comes first."""
    notes = journal(project)
    project.install("acme-a", "from journal import note\nnote('import a')\n@hookimpl\ndef configure(scope): note('configure a')")
    project.install("acme-z", "from journal import note\nnote('import z')\n")
    live(project)
    assert notes == ["import a", "import z", "configure a"]


def test_F3_a_plugin_then_its_children_then_the_next(project: Project) -> None:
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
                found = list(self.children)
                note(f"{scope.key} ends")
                return found

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


def test_F3_every_later_phase_has_the_same_order(project: Project) -> None:
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


def test_F13_a_plugin_for_another_host_is_refused_before_its_import(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["litestar-host>=99,<100"])
    found = error(project)
    assert isinstance(found, HostVersionError)
    assert (found.plugin, found.distribution) == ("acme__a", "acme-a")
    for said in ("acme-a requires", "<100", ">=99", "litestar-host 1."):
        assert said in found.message


@pytest.mark.parametrize(("version", "fits"), [("1.3.0rc1", True), ("1.0.0.dev4", False), ("2.0.0rc1", False), ("1.3.0", True)])
def test_F13_a_prerelease_of_the_host_is_in_a_range_as_versions_compare(
    project: Project, monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
) -> None:
    """Python's own order of versions holds: a prerelease counts, and one of the next major is not the range's major any more.
    Fastify lets that last one through, on the word of a plugin that was never tried with it."""
    monkeypatch.setattr("host.discovery.requirements.__version__", version)
    project.install("acme-a", requires=["litestar-host>=1,<2"])
    assert not [one for one in ([] if fits else errors(project)) if not isinstance(one, HostVersionError)]
    if fits:
        live(project)


def test_F14_dependencies_are_sorted(project: Project) -> None:
    """Fastify takes plugins in the order given, and refuses one whose dependency comes later; here the order follows."""
    notes = journal(project)
    project.install("acme-a", NOTING, requires=["acme-c"])
    project.install("acme-b", NOTING)
    project.install("acme-c", NOTING, requires=["acme-d"])
    project.install("acme-d", NOTING)
    live(project)
    assert notes == ["acme__b", "acme__d", "acme__c", "acme__a"]


def test_F14_a_missing_dependency_says_who_needs_it(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["acme-absent>=1"])
    found = error(project)
    assert isinstance(found, MissingDependencyError)
    assert found.plugin == "acme__a"
    assert found.message == "acme-a requires acme-absent>=1, which is not installed"
    assert "pip install" in found.fix


def test_F14_a_ring_is_printed(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["acme-b"])
    project.install("acme-b", "raise SystemError", requires=["acme-c"])
    project.install("acme-c", "raise SystemError", requires=["acme-a"])
    found = error(project)
    assert isinstance(found, DependencyCycleError)
    assert "acme__a -> acme__b -> acme__c -> acme__a" in found.message


def test_F14_all_is_told_together_and_nothing_was_imported(project: Project) -> None:
    project.install("acme-a", "raise SystemError", requires=["acme-b"])
    project.install("acme-b", "raise SystemError", requires=["acme-a"])
    project.install("acme-c", "raise SystemError", requires=["acme-absent"])
    project.install("acme-d", "raise SystemError", requires=["acme-e>=3"])
    project.install("acme-e", requires=["litestar-host>=99"])
    found = errors(project)
    kinds = {type(one) for one in found}
    assert {DependencyCycleError, MissingDependencyError, HostVersionError} <= kinds
    assert {one.plugin for one in found if isinstance(one, MissingDependencyError)} == {"acme__c", "acme__d"}  # type: ignore[attr-defined]
    assert not {"acme_a", "acme_b", "acme_c", "acme_d", "acme_e"} & set(sys.modules)

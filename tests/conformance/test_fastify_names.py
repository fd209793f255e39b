"""Names of plugins, and what they need from others: checked before any plugin starts (rows F12, F16, F17)."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host
from host.common.errors import (
    ContractError,
    DependencyCycleError,
    DuplicatePluginError,
    HookResultError,
    NoSuchPluginError,
    ServiceError,
)
from tests.conformance.kit import error, errors, in_host, journal, live
from tests.distributions import Project


def test_F12_a_plugin_is_looked_up_by_its_key(project: Project) -> None:
    project.install("acme-a", 'class Inner: ...\n@hookimpl\ndef register_plugins(scope): return Child(Inner, "inner")')

    async def look_up(host: Host) -> None:
        assert "acme__a.inner" in host.plugins
        assert "acme__a.outer" not in host.plugins
        assert host.plugins.acme__a.inner.key == host.plugins["acme__a.inner"].scope.key == "acme__a.inner"
        with pytest.raises(NoSuchPluginError) as caught:
            host.plugins["acme__a.iner"]
        assert caught.value.fix == "did you mean 'acme__a.inner'?"

    in_host(project, look_up)


def test_F16_one_key_in_two_distributions_is_refused(project: Project) -> None:
    """Fastify documents this check and does not make it."""
    project.install("acme-a", "raise SystemError", key="acme__same")
    project.install("acme-b", "raise SystemError", key="acme__same")
    failure = error(project)
    assert isinstance(failure, DuplicatePluginError)
    assert "acme-a 1.0.0 and acme-b 1.0.0" in failure.message


def test_F16_two_children_with_one_name_are_refused(project: Project) -> None:
    project.install("acme-a", 'class In: ...\n@hookimpl\ndef register_plugins(scope): return [Child(In, "i"), Child(In, "i")]')
    failure = error(project)
    assert isinstance(failure, HookResultError)
    assert "two children called 'i'" in failure.message


def test_F16_one_class_may_be_two_children_with_different_names(project: Project) -> None:
    project.install("acme-a", 'class In: ...\n@hookimpl\ndef register_plugins(scope): return [Child(In, "i"), Child(In, "j")]')

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == ["acme__a", "acme__a.i", "acme__a.j"]


def test_F16_a_plugin_that_requires_itself_is_refused(project: Project) -> None:
    """Fastify accepts it."""
    project.install("acme-a", "raise SystemError", requires=["acme-a"])
    failure = error(project)
    assert isinstance(failure, DependencyCycleError)
    assert "acme__a -> acme__a" in failure.message


def test_F16_an_extra_that_requires_its_own_distribution_is_accepted(project: Project) -> None:
    project.install("acme-a", requires=["acme-a[fast]; extra == 'all'"])
    live(project)


def test_F17_a_contract_without_a_provider_is_an_error_before_any_plugin_starts(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from typing import Protocol
        class Billing(Protocol): ...
        @hookimpl
        def register_contract(scope): return Uses(Billing, "billing")
        """,
    )
    project.install("acme-b", "from journal import note\n@hookimpl\ndef on_startup(scope): note('started')")
    failure = error(project)
    assert isinstance(failure, ContractError)
    assert failure.plugin == "acme__a"
    assert "Billing" in failure.message
    assert notes == []


def test_F17_a_handler_with_a_service_of_another_scope_is_an_error_before_any_plugin_starts(project: Project) -> None:
    notes = journal(project)
    project.install(
        "acme-a",
        """
        from litestar import get
        class Database: ...
        class Stock:
            @hookimpl
            def register_services(self, scope): return {"db": Database()}
        @get("/", sync_to_thread=False)
        def ask(db: Database) -> None: ...
        @hookimpl
        def register_plugins(scope): return Child(Stock, "stock")
        @hookimpl
        def register_routes(scope): return ask
        """,
    )
    project.install("acme-b", "from journal import note\n@hookimpl\ndef on_startup(scope): note('started')")
    failure: Any = errors(project)[0]
    assert isinstance(failure, ServiceError)
    assert failure.plugin == "acme__a"
    assert "acme__a.stock has one" in failure.message
    assert notes == []

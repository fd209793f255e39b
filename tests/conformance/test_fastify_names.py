"""Names, and what a plugin needs of others: checked before anybody starts."""

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


def test_F12_the_key_is_the_name_by_which_others_ask(project: Project) -> None:
    project.install("acme-a", 'class Inner: ...\n@hookimpl\ndef register_plugins(scope): return Child(Inner, "inner")')

    async def asked(host: Host) -> None:
        assert "acme__a.inner" in host.plugins
        assert "acme__a.outer" not in host.plugins
        assert host.plugins.acme__a.inner.key == host.plugins["acme__a.inner"].scope.key == "acme__a.inner"
        with pytest.raises(NoSuchPluginError) as caught:
            host.plugins["acme__a.iner"]
        assert caught.value.fix == "did you mean 'acme__a.inner'?"

    in_host(project, asked)


def test_F16_one_name_of_two_distributions_is_refused(project: Project) -> None:
    """Fastify's check of names is announced and not there."""
    project.install("acme-a", "raise SystemError", key="acme__same")
    project.install("acme-b", "raise SystemError", key="acme__same")
    found = error(project)
    assert isinstance(found, DuplicatePluginError)
    assert "acme-a 1.0.0 and acme-b 1.0.0" in found.message


def test_F16_one_name_of_two_children_is_refused(project: Project) -> None:
    project.install("acme-a", 'class In: ...\n@hookimpl\ndef register_plugins(scope): return [Child(In, "i"), Child(In, "i")]')
    found = error(project)
    assert isinstance(found, HookResultError)
    assert "two children called 'i'" in found.message


def test_F16_the_same_plugin_twice_has_two_names(project: Project) -> None:
    project.install("acme-a", 'class In: ...\n@hookimpl\ndef register_plugins(scope): return [Child(In, "i"), Child(In, "j")]')

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == ["acme__a", "acme__a.i", "acme__a.j"]


def test_F16_a_plugin_that_requires_itself_is_refused(project: Project) -> None:
    """Fastify lets it pass."""
    project.install("acme-a", "raise SystemError", requires=["acme-a"])
    found = error(project)
    assert isinstance(found, DependencyCycleError)
    assert "acme__a -> acme__a" in found.message


def test_F16_an_extra_that_names_its_own_distribution_is_none(project: Project) -> None:
    project.install("acme-a", requires=["acme-a[fast]; extra == 'all'"])
    live(project)


def test_F17_a_contract_that_nobody_provides_is_found_before_anybody_starts(project: Project) -> None:
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
    found = error(project)
    assert isinstance(found, ContractError)
    assert found.plugin == "acme__a"
    assert "Billing" in found.message
    assert notes == []


def test_F17_a_service_that_a_handler_asks_for_is_looked_for_before_anybody_starts(project: Project) -> None:
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
    found: Any = errors(project)[0]
    assert isinstance(found, ServiceError)
    assert found.plugin == "acme__a"
    assert "acme__a.stock has one" in found.message
    assert notes == []

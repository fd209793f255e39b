"""Time limits of hooks, and the plugin that is named when one is exceeded (row F22)."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic

import pytest

from host import Host
from host.common.errors import HookTimeoutError
from host.common.settings import load_settings
from tests.conformance.kit import ANSWERING, error, errors, get, in_host, live
from tests.distributions import Project

SHORT = "[plugins]\ntimeout = 0.1\n"
HANGING = """
    import asyncio

    async def hang(): await asyncio.Event().wait()
"""


def test_F22_the_default_limit_is_ten_seconds(project: Project) -> None:
    assert load_settings(project.directory, {}).plugins.timeout == 10.0


@pytest.mark.parametrize("hook", ["configure", "on_startup", "on_ready", "on_shutdown"])
def test_F22_each_async_hook_has_the_limit_and_the_error_names_plugin_hook_and_seconds(project: Project, hook: str) -> None:
    project.configure(SHORT)
    project.install("acme-a", HANGING + f"\n    @hookimpl\n    async def {hook}(scope): await hang()\n")
    failure = error(project)
    assert isinstance(failure, HookTimeoutError)
    assert (failure.plugin, failure.hook, failure.code) == ("acme__a", hook, "hook-timeout")
    assert "within 0.1 s" in failure.message
    assert "plugins.timeout" in failure.fix


@pytest.mark.parametrize("part", ["hang", "list, close=lambda _: hang()"], ids=["factory", "close"])
def test_F22_the_factory_and_the_closer_of_a_service_have_the_limit(project: Project, part: str) -> None:
    project.configure(SHORT)
    source = f'\n    @hookimpl\n    def register_services(scope): return {{"pool": Service({part})}}\n'
    project.install("acme-a", HANGING + source)
    failure = error(project)
    assert isinstance(failure, HookTimeoutError)
    assert failure.plugin == "acme__a"
    assert "'pool'" in failure.message


def test_F22_zero_disables_the_limit(project: Project) -> None:
    project.configure("[plugins]\ntimeout = 0\n")
    project.install("acme-a", "import asyncio\n@hookimpl\nasync def on_startup(scope): await asyncio.sleep(0.05)\n")
    live(project)


def test_F22_a_hanging_child_is_named_instead_of_its_parent(project: Project) -> None:
    project.configure(SHORT)
    project.install(
        "acme-a",
        HANGING
        + """
    class Inner:
        @hookimpl
        async def on_startup(self, scope): await hang()
    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner")
    @hookimpl
    async def on_startup(scope): ...
    """,
    )
    assert errors(project)[0].plugin == "acme__a.inner"  # type: ignore[attr-defined]


def test_F22_in_a_chain_of_calls_between_plugins_the_innermost_is_named(project: Project) -> None:
    project.configure(SHORT)
    project.install("shop-protocols", {"shop_protocols.py": PROTOCOL}, plugins={})
    project.install(
        "acme-slow",
        HANGING
        + """
    from shop_protocols import Billing
    class Ledger:
        async def charge(self): await hang()
    @hookimpl
    def register_contract(scope): return Contract(Billing, Ledger(), "1.0")
    """,
    )
    project.install("acme-middle", MIDDLE)
    project.install(
        "acme-outer",
        """
        from shop_protocols import Shop
        @hookimpl
        def register_contract(scope): return Uses(Shop, "shop")
        @hookimpl
        async def on_startup(scope): await scope.use(Shop).sell()
        """,
    )
    failure = error(project)
    assert isinstance(failure, HookTimeoutError)
    assert failure.plugin == "acme__slow"
    for part in ("on_startup of acme__outer", "it waits in", "of acme__slow"):
        assert part in failure.message


PROTOCOL = """
from typing import Protocol

class Billing(Protocol):
    async def charge(self): ...

class Shop(Protocol):
    async def sell(self): ...
"""
MIDDLE = """
    from shop_protocols import Billing, Shop
    class Counter:
        async def sell(self): await self.billing.charge()
    counter = Counter()
    @hookimpl
    def register_contract(scope): return [Uses(Billing, "billing"), Contract(Shop, counter, "1.0")]
    @hookimpl
    def on_startup(scope): counter.billing = scope.use(Billing)
"""


def test_F22_a_blocking_hook_is_logged_with_its_plugin(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    """It cannot be interrupted; the log names it as soon as it has returned."""
    project.configure("[plugins]\ntimeout = 0.05\n")
    project.install("acme-a", "import time\n@hookimpl\ndef on_startup(scope): time.sleep(0.1)\n")
    with caplog.at_level(logging.WARNING, "host"):
        live(project)
    (line,) = [record.getMessage() for record in caplog.records if "blocked" in record.getMessage()]
    assert "on_startup of acme__a" in line


def test_F22_a_hanging_plugin_delays_the_others_by_less_than_the_default_limit(project: Project) -> None:
    project.configure(SHORT + 'on_failure = "isolate"\n')
    project.install("acme-a", HANGING + "\n    @hookimpl\n    async def on_startup(scope): await hang()\n")
    project.install("acme-b", ANSWERING)

    async def start() -> float:
        async with Host(project.settings) as host:
            ready_at = monotonic()
            assert list(host.plugins) == ["acme__b"]
        return ready_at

    began = monotonic()
    assert asyncio.run(start()) - began < 10
    assert get(project, "/acme__b")[0].text == "acme__b"


def test_F22_a_hook_that_ignores_its_cancellation_is_abandoned(project: Project) -> None:
    project.configure(SHORT + 'on_failure = "isolate"\n')
    project.install(
        "acme-a",
        """
        import asyncio
        @hookimpl
        async def on_startup(scope):
            while True:
                try:
                    await asyncio.sleep(0.05)
                except asyncio.CancelledError:
                    if scope.log.disabled: raise
        """,
    )
    project.install("acme-b", "")

    async def keys(host: Host) -> list[str]:
        return list(host.plugins)

    assert in_host(project, keys) == ["acme__b"]

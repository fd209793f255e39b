"""Thousands of plugins in a chain: nothing recurses, and no message becomes too long to read. No time is measured."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from host.common.errors import DependencyFailedError, PluginImportError
from host.common.rendering import error_block
from host.common.settings import load_settings
from host.discovery.discover import Discovery
from host.discovery.installed_plugin import InstalledPlugin
from host.discovery.metadata import Metadata
from host.loading.failures import Failures
from host.loading.load_order import LoadOrder
from host.loading.topological_sort import CycleError, sort

LENGTH = 3000
#: The last by name comes first, so that sorting by name does not help.
KEYS = [f"acme__p{number:04}" for number in range(LENGTH)]
ORDER = KEYS[::-1]
#: The longest acceptable block of an error in the terminal.
READABLE = 600


def name_of(key: str) -> str:
    return key.replace("__", "-")


def installed() -> tuple[InstalledPlugin, ...]:
    """Return plugins each of which requires the next by name."""
    needs = [(name_of(key),) for key in KEYS[1:]]
    return tuple(
        InstalledPlugin(key, key, Metadata(name_of(key), "1.0.0", "", requires))
        for key, requires in zip(KEYS, [*needs, ()], strict=True)
    )


@pytest.fixture
def failures() -> Failures:
    return Failures({}, "isolate")


@pytest.fixture
def plan(failures: Failures, tmp_path: Path) -> LoadOrder:
    plugins = installed()
    order = LoadOrder(Discovery(plugins, plugins, {}), failures, load_settings(tmp_path, {}))
    order.start()
    return order


@pytest.fixture
def broken(plan: LoadOrder) -> LoadOrder:
    """Let the plugin fail that all others need."""
    plan.fail(ORDER[0], PluginImportError("it cannot be imported", plugin=ORDER[0]))
    return plan


def test_a_long_chain_is_sorted() -> None:
    before = {key: [other] for key, other in pairwise(KEYS)}
    assert sort(KEYS, before) == ORDER


def test_a_long_cycle_is_found() -> None:
    before = {key: [other] for key, other in zip(KEYS, [*KEYS[1:], KEYS[0]], strict=True)}
    with pytest.raises(CycleError) as caught:
        sort(KEYS, before)
    assert caught.value.ring == (*KEYS, KEYS[0])


def test_a_long_chain_of_requirements_is_the_load_order(plan: LoadOrder) -> None:
    assert plan.keys == ORDER


@pytest.mark.usefixtures("broken")
def test_the_failure_of_the_first_of_a_long_chain_fails_all_others(failures: Failures) -> None:
    assert list(failures) == ORDER
    assert all(isinstance(failures[key][0], DependencyFailedError) for key in ORDER[1:])


@pytest.mark.usefixtures("broken")
def test_the_error_of_the_last_plugin_names_the_first_plugin_and_its_own_requirement(failures: Failures) -> None:
    (error,) = failures[ORDER[-1]]
    assert ORDER[0] in error.message
    assert ORDER[-2] in error.message
    assert error.fix == f"fix {ORDER[0]}"


@pytest.mark.usefixtures("broken")
def test_no_message_grows_with_the_chain(failures: Failures) -> None:
    assert max(len(error_block(error)) for error in failures.all()) < READABLE


def test_the_order_without_the_failed_plugins_is_empty(broken: LoadOrder) -> None:
    broken.sort()
    assert broken.keys == []

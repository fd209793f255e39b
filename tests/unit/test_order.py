"""The topological sort, and the ordering rules of the settings."""

from __future__ import annotations

import graphlib
import itertools
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from host.common.errors import SettingsError, UnknownPluginError
from host.common.settings import PluginsSettings, Settings
from host.loading.topological_sort import CycleError, parse_rules, sort

NAMES = list("abcdefgh")

graphs = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=3), max_size=8)


def attempt(nodes: list[str], before: dict[str, set[str]]) -> list[str] | None:
    try:
        return sort(nodes, before)
    except CycleError:
        return None


def expected(before: dict[str, set[str]]) -> list[str] | None:
    """Return the alphabetically smallest order, computed with the standard library."""
    sorter = graphlib.TopologicalSorter({name: before.get(name, set()) for name in NAMES})
    try:
        sorter.prepare()
    except graphlib.CycleError:
        return None
    ready: list[str] = []
    result: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        result.append(ready.pop(0))
        sorter.done(result[-1])
    return result


@given(graphs)
def test_the_order_is_the_smallest_topological_order(before: dict[str, set[str]]) -> None:
    assert attempt(NAMES, before) == expected(before)


@given(graphs, st.randoms(use_true_random=False))
def test_permuting_the_input_does_not_change_the_order(before: dict[str, set[str]], chance: random.Random) -> None:
    nodes, edges = list(NAMES), list(before.items())
    chance.shuffle(nodes)
    chance.shuffle(edges)
    shuffled = {name: set(chance.sample(sorted(others), len(others))) for name, others in edges}
    assert attempt(nodes, shuffled) == attempt(NAMES, before)


@given(graphs)
def test_a_reported_cycle_is_a_cycle_of_the_graph(before: dict[str, set[str]]) -> None:
    assume(expected(before) is None)
    with pytest.raises(CycleError) as caught:
        sort(NAMES, before)
    ring = caught.value.ring
    assert ring[0] == ring[-1] == min(ring)
    assert len(set(ring)) == len(ring) - 1
    assert all(other in before[name] for name, other in itertools.pairwise(ring))


def test_names_that_are_not_nodes_are_ignored() -> None:
    assert sort(["a", "b"], {"a": {"b", "gone"}, "gone": {"a"}}) == ["b", "a"]


def test_a_node_that_depends_on_itself_is_a_cycle() -> None:
    with pytest.raises(CycleError) as caught:
        sort(["a"], {"a": {"a"}})
    assert caught.value.ring == ("a", "a")


def test_a_long_chain_and_a_wide_fan_are_sorted() -> None:
    names = [f"n{number:04}" for number in range(3000)]
    assert sort(reversed(names), {name: {before} for before, name in itertools.pairwise(names)}) == names
    assert sort(reversed(names), {name: {names[0]} for name in names[1:]}) == names


def rules(*lines: str) -> Settings:
    return Settings(plugins=PluginsSettings(order=list(lines)))


def test_rules_determine_which_plugin_comes_first() -> None:
    keys = {"x__a", "x__b", "x__c"}
    assert parse_rules(rules("x__a before x__b", "x__c  after x__b", "x__c after x__a"), keys).before == {
        "x__b": {"x__a"},
        "x__c": {"x__a", "x__b"},
    }


@pytest.mark.parametrize("rule", ["", "x__a", "x__a x__b", "x__a behind x__b", "x__a before x__b x__c", "before x__a x__b"])
def test_malformed_rules_are_refused(rule: str) -> None:
    with pytest.raises(SettingsError):
        parse_rules(rules(rule), {"x__a", "x__b", "x__c"})


def test_rules_about_unknown_plugins_are_refused() -> None:
    with pytest.raises(UnknownPluginError):
        parse_rules(rules("x__a before x__d"), {"x__a"})

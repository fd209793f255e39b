"""The order of nested plugins, for any tree and any input order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from host.loading.topological_sort import sort, with_needed

#: Each tree is a list of parents: entry n is the number of node n's parent, which is smaller than n, or None for a root.
TREES = st.integers(1, 25).flatmap(
    lambda size: st.tuples(*(st.one_of(st.none(), st.integers(0, number - 1)) if number else st.none() for number in range(size)))
)


def named(tree: tuple[int | None, ...]) -> dict[str, str]:
    """Return child → parent, by name."""
    return {f"n{number:02}": f"n{parent:02}" for number, parent in enumerate(tree) if parent is not None}


def path_of(name: str, parents: dict[str, str]) -> list[str]:
    """Return a node and its ancestors, outermost first."""
    path = [name]
    while path[0] in parents:
        path.insert(0, parents[path[0]])
    return path


@given(TREES, st.randoms(use_true_random=False))
def test_without_other_edges_the_order_is_depth_first_and_by_name(tree: tuple[int | None, ...], chance: random.Random) -> None:
    parents = named(tree)
    nodes = [f"n{number:02}" for number in range(len(tree))]
    chance.shuffle(nodes)
    before = {child: {parent} for child, parent in parents.items()}
    assert sort(nodes, before, parents=parents) == sorted(nodes, key=lambda name: path_of(name, parents))


@given(TREES, st.data(), st.randoms(use_true_random=False))
def test_with_other_edges_the_order_is_topological_and_the_same_for_any_permutation(
    tree: tuple[int | None, ...], data: st.DataObject, chance: random.Random
) -> None:
    parents = named(tree)
    nodes = [f"n{number:02}" for number in range(len(tree))]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)), max_size=20))
    before = {child: {parent} for child, parent in parents.items()}
    for earlier, later in pairs:
        if earlier < later:  # parents have smaller numbers too, so there is no cycle
            before.setdefault(later, set()).add(earlier)
    order = sort(nodes, before, parents=parents)
    position = {name: number for number, name in enumerate(order)}
    assert all(position[first] < position[second] for second, firsts in before.items() for first in firsts)
    chance.shuffle(nodes)
    assert sort(nodes, dict(reversed(before.items())), parents=parents) == order


@given(TREES, st.data())
def test_siblings_are_ordered_by_rank(tree: tuple[int | None, ...], data: st.DataObject) -> None:
    parents = named(tree)
    nodes = [f"n{number:02}" for number in range(len(tree))]
    ranks = {name: data.draw(st.integers(-1, 1)) for name in nodes}
    before = {child: {parent} for child, parent in parents.items()}
    order = sort(nodes, before, parents=parents, ranks=ranks)
    by_parent: dict[str, list[str]] = {}
    for name in order:
        by_parent.setdefault(parents.get(name, ""), []).append(name)
    for siblings in by_parent.values():
        assert siblings == sorted(siblings, key=lambda name: (ranks[name], name))


def test_the_requirements_of_a_node_ranked_first_are_ranked_first_too() -> None:
    before = {"z": {"y"}, "y": {"x"}, "b": {"a"}}
    ranks = with_needed({"z": -1, "a": 1}, before)
    assert ranks == {"z": -1, "y": -1, "x": -1, "a": 1}
    assert sort("abxyz", before, ranks=ranks) == ["x", "y", "z", "a", "b"]


def test_a_node_ranked_last_is_last_unless_another_needs_it() -> None:
    assert sort("abc", {"c": {"b"}}, ranks={"a": 1}) == ["b", "c", "a"]

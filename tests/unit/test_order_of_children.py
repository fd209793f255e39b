"""The order of nested plugins: any tree, any input order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from host.loading.topological_sort import sort, with_needed

#: Each tree is a list of parents: the node of number n lies in the node of that number, which is smaller, or in none.
TREES = st.integers(1, 25).flatmap(
    lambda size: st.tuples(*(st.one_of(st.none(), st.integers(0, number - 1)) if number else st.none() for number in range(size)))
)


def named(tree: tuple[int | None, ...]) -> dict[str, str]:
    """Child → parent, by name."""
    return {f"n{number:02}": f"n{parent:02}" for number, parent in enumerate(tree) if parent is not None}


def path_of(name: str, parents: dict[str, str]) -> list[str]:
    """A node and those that it lies in, outermost first."""
    found = [name]
    while found[0] in parents:
        found.insert(0, parents[found[0]])
    return found


@given(TREES, st.randoms(use_true_random=False))
def test_without_other_reasons_it_is_depth_first_and_by_name(tree: tuple[int | None, ...], chance: random.Random) -> None:
    parents = named(tree)
    nodes = [f"n{number:02}" for number in range(len(tree))]
    chance.shuffle(nodes)
    before = {child: {parent} for child, parent in parents.items()}
    assert sort(nodes, before, parents=parents) == sorted(nodes, key=lambda name: path_of(name, parents))


@given(TREES, st.data(), st.randoms(use_true_random=False))
def test_no_permutation_changes_it_whatever_else_orders_them(
    tree: tuple[int | None, ...], data: st.DataObject, chance: random.Random
) -> None:
    parents = named(tree)
    nodes = [f"n{number:02}" for number in range(len(tree))]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)), max_size=20))
    before = {child: {parent} for child, parent in parents.items()}
    for one, other in pairs:
        if one < other:  # parents have smaller numbers too, so there is no ring
            before.setdefault(other, set()).add(one)
    order = sort(nodes, before, parents=parents)
    place = {name: number for number, name in enumerate(order)}
    assert all(place[first] < place[second] for second, firsts in before.items() for first in firsts)
    chance.shuffle(nodes)
    assert sort(nodes, dict(reversed(before.items())), parents=parents) == order


@given(TREES, st.data())
def test_siblings_come_by_rank(tree: tuple[int | None, ...], data: st.DataObject) -> None:
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


def test_what_a_first_one_waits_for_is_first_too() -> None:
    before = {"z": {"y"}, "y": {"x"}, "b": {"a"}}
    ranks = with_needed({"z": -1, "a": 1}, before)
    assert ranks == {"z": -1, "y": -1, "x": -1, "a": 1}
    assert sort("abxyz", before, ranks=ranks) == ["x", "y", "z", "a", "b"]


def test_what_comes_last_is_last_where_nobody_needs_it() -> None:
    assert sort("abc", {"c": {"b"}}, ranks={"a": 1}) == ["b", "c", "a"]

"""The load order and who needs whom, as data and in the language of Graphviz (rows K12, K2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from hookspecs import Contract, ExtensionPoint
from host.common.errors import DependencyFailedError
from host.lifecycle.boot import Boot
from host.registration.contributions import Contributions

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Edge:
    """A plugin that comes before another.

    Args:
        plugin: its key.
        why: ``requirement``, ``contract <name>``, ``extension of <name>``, ``child of``, ``shared sibling``, ``plugins.order``, …
    """

    plugin: str
    why: str


@dataclass(frozen=True)
class Node:
    """One plugin.

    Args:
        key: its key.
        distribution: by which pip knows it, or the plugin that it lies in.
        version: of the distribution.
        parent: the key of the plugin that it lies in, ``None`` for none.
        shared: whether its services are in that one's scope.
        status: ``ok``, ``failed`` or ``taken-along``.
        reason: why it failed, ``None`` where it did not.
        needs: the plugins without which it does not start.
        follows: the plugins after which it comes only where they are there.
        provides: its contracts, with their versions; none where it failed.
        opens: its extension points, likewise.
    """

    key: str
    distribution: str
    version: str
    parent: str | None
    shared: bool
    status: str
    reason: str | None
    needs: tuple[Edge, ...]
    follows: tuple[Edge, ...]
    provides: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """All enabled plugins of a start.

    Args:
        order: the keys of those that did not fail, in load order.
        plugins: all, in load order; those that failed after the others, by key.
    """

    order: tuple[str, ...]
    plugins: tuple[Node, ...]

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"order": list(self.order), "plugins": [asdict(node) for node in self.plugins]}


def make_graph(boot: Boot) -> Graph:
    """The graph of a start.

    Args:
        boot: was registered.
    """
    order = boot.order
    failed = sorted(key for key in boot.failures if key in boot.plan.installed or key in boot.plan.parents)
    brought = {one.key: one for one in boot.contributions}
    return Graph(tuple(order), tuple(_node(boot, key, brought.get(key)) for key in (*order, *failed)))


def _node(boot: Boot, key: str, one: Contributions | None) -> Node:
    plan = boot.plan
    errors = list(boot.failures[key]) if key in boot.failures else []
    taken_along = all(isinstance(error, DependencyFailedError) for error in errors)
    who = plan.identity(key)
    return Node(
        key,
        who["distribution"],
        who["version"],
        plan.parents.get(key),
        plan.is_shared(key),
        "ok" if not errors else "taken-along" if taken_along else "failed",
        errors[0].message if errors else None,
        tuple(_edges(boot, key, plan.needs(key), needed=True)),
        tuple(_edges(boot, key, plan.follows(key), needed=False)),
        _named(one.contracts if one is not None else ()),
        _named(one.points if one is not None else ()),
    )


def _named(values: Iterable[Contract | ExtensionPoint]) -> tuple[str, ...]:
    return tuple(f"{value.protocol.__name__} {value.version}" for value in values)


def _edges(boot: Boot, key: str, others: set[str], *, needed: bool) -> Iterator[Edge]:
    plan = boot.plan
    for other in sorted(others):
        if other in plan.installed or other in plan.parents:  # a rule may name a disabled one
            yield from (Edge(other, why) for why in plan.why(key, other, needed=needed))


def dot(graph: Graph) -> str:
    """The graph in the language of Graphviz: an arrow leads from a plugin to one that comes before it.

    Args:
        graph: the graph.
    """
    places = {key: number for number, key in enumerate(graph.order, 1)}
    lines = ["digraph plugins {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for node in graph.plugins:
        title = f"{places[node.key]}. {node.key}" if node.key in places else f"{node.key} ({node.status})"
        label = _quoted(title, f"{node.distribution} {node.version}")
        lines.append(f"  {_quoted(node.key)} [label={label}{'' if node.status == 'ok' else ', color=red'}];")
    for node in graph.plugins:
        lines += _arrows(node, node.needs, "")
        lines += _arrows(node, node.follows, ", style=dashed")
    return "\n".join([*lines, "}"])


def _arrows(node: Node, edges: tuple[Edge, ...], style: str) -> Iterator[str]:
    for other in dict.fromkeys(edge.plugin for edge in edges):
        label = _quoted(", ".join(edge.why for edge in edges if edge.plugin == other))
        yield f"  {_quoted(node.key)} -> {_quoted(other)} [label={label}{style}];"


def _quoted(*lines: str) -> str:
    """Text as Graphviz takes it; it has no escape for control characters."""
    texts = (_CONTROL.sub("?", line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(texts) + '"'

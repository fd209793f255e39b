"""The load order and the dependencies of plugins, as data and in the language of Graphviz."""

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
        distribution: its distribution, or that of the plugin that contains it.
        version: of the distribution.
        parent: the key of the plugin that contains it, ``None`` for an installed plugin.
        shared: whether its services are in its parent's scope.
        status: ``ok``, ``failed`` by itself, or ``dependency-failed``.
        reason: why it failed, ``None`` if it did not.
        needs: the plugins that it cannot start without.
        follows: the plugins that it comes after if they are enabled.
        provides: its contracts, with their versions; empty if it failed.
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
    """The enabled plugins of a start.

    Args:
        order: the keys of the plugins that did not fail, in load order.
        plugins: all plugins in load order, then those that failed, by key.
    """

    order: tuple[str, ...]
    plugins: tuple[Node, ...]

    def data(self) -> dict[str, Any]:
        """Return the graph as data for JSON."""
        return {"order": list(self.order), "plugins": [asdict(node) for node in self.plugins]}


def make_graph(boot: Boot) -> Graph:
    """Return the graph of a start.

    Args:
        boot: the start, after the plugins were registered.
    """
    order = boot.order
    failed = sorted(key for key in boot.failures if key in boot.plan.installed or key in boot.plan.parents)
    contributions = {plugin.key: plugin for plugin in boot.contributions}
    return Graph(tuple(order), tuple(_node(boot, key, contributions.get(key)) for key in (*order, *failed)))


def _node(boot: Boot, key: str, plugin: Contributions | None) -> Node:
    plan = boot.plan
    errors = list(boot.failures[key]) if key in boot.failures else []
    dependent = all(isinstance(error, DependencyFailedError) for error in errors)
    identity = plan.identity(key)
    return Node(
        key,
        identity["distribution"],
        identity["version"],
        plan.parents.get(key),
        plan.is_shared(key),
        "ok" if not errors else "dependency-failed" if dependent else "failed",
        errors[0].message if errors else None,
        tuple(_edges(boot, key, plan.needs(key), needed=True)),
        tuple(_edges(boot, key, plan.follows(key), needed=False)),
        _named(plugin.contracts if plugin is not None else ()),
        _named(plugin.points if plugin is not None else ()),
    )


def _named(values: Iterable[Contract | ExtensionPoint]) -> tuple[str, ...]:
    return tuple(f"{value.protocol.__name__} {value.version}" for value in values)


def _edges(boot: Boot, key: str, others: set[str], *, needed: bool) -> Iterator[Edge]:
    plan = boot.plan
    for other in sorted(others):
        if other in plan.installed or other in plan.parents:  # a rule of plugins.order may name a disabled plugin
            yield from (Edge(other, why) for why in plan.why(key, other, needed=needed))


def dot(graph: Graph) -> str:
    """Return the graph in the language of Graphviz: an arrow leads from a plugin to another that comes before it.

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
    """Quote lines for Graphviz, which has no escape for control characters."""
    texts = (_CONTROL.sub("?", line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(texts) + '"'

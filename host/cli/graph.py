"""``host graph``: show the load order and the dependencies between plugins."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import rich_click as click

from host.cli.common import as_json, command, print_json, read_settings

if TYPE_CHECKING:
    from rich.tree import Tree

    from host.lifecycle.graph import Graph, Node


@click.command()
@as_json
@click.option("--dot", "dot_output", is_flag=True, help="Print the graph for Graphviz: host graph --dot | dot -Tsvg.")
@command
def graph(json_output: bool, dot_output: bool) -> int:
    """Show the load order and the dependencies, even if plugins fail; host plugins check shows their errors in full."""
    if json_output and dot_output:
        raise click.UsageError("--json and --dot exclude each other")
    from host.lifecycle.generation import booted_in_full
    from host.lifecycle.graph import dot, make_graph

    settings = read_settings()
    logging.disable()  # the graph shows the failures
    plugin_graph = make_graph(booted_in_full(settings))
    if json_output:
        print_json(plugin_graph.data())
    elif dot_output:
        click.echo(dot(plugin_graph))
    elif not plugin_graph.plugins:
        click.echo("No plugins are enabled.")
    elif sys.stdout.isatty():
        from rich.console import Console

        Console().print(_drawing(plugin_graph))
    else:
        for depth, line, _ in _lines(plugin_graph):
            click.echo(f"{'  ' * depth}{line}")
    return 0


def _lines(plugin_graph: Graph) -> Iterator[tuple[int, str, str]]:
    """Yield depth, text and status of each line; children follow their parent, and only lines of plugins have a status."""
    children: dict[str | None, list[Node]] = {}
    for node in plugin_graph.plugins:
        children.setdefault(node.parent, []).append(node)
    positions = {key: position for position, key in enumerate(plugin_graph.order, 1)}
    stack = [(0, node) for node in reversed(children.get(None, []))]
    while stack:
        depth, node = stack.pop()
        position = f"{positions[node.key]}. " if node.key in positions else ""
        yield depth, f"{position}{node.key}  {node.distribution} {node.version}{'  shared' if node.shared else ''}", node.status
        yield from ((depth + 1, line, "") for line in _details(node))
        stack += [(depth + 1, child) for child in reversed(children.get(node.key, []))]


def _details(node: Node) -> Iterator[str]:
    if node.status != "ok":
        yield f"{node.status}: {node.reason}"
    for verb, names in (("provides", node.provides), ("opens", node.opens)):
        if names:
            yield f"{verb} {', '.join(names)}"
    for verb, edges in (("needs", node.needs), ("follows", node.follows)):
        for other in dict.fromkeys(edge.plugin for edge in edges if edge.plugin != node.parent):
            yield f"{verb} {other} ({', '.join(edge.why for edge in edges if edge.plugin == other)})"


def _drawing(plugin_graph: Graph) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    styles = {"": "dim", "ok": "bold", "failed": "bold red", "dependency-failed": "bold yellow"}
    branches = [Tree(Text("load order"), guide_style="dim")]
    for depth, line, status in _lines(plugin_graph):
        branches[depth + 1 :] = [branches[depth].add(Text(line, styles[status]))]
    return branches[0]

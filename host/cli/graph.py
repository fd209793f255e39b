"""``host graph``: the load order and who needs whom."""

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
@click.option("--dot", "dot_output", is_flag=True, help="Print it for Graphviz: host graph --dot | dot -Tsvg.")
@command
def graph(json_output: bool, dot_output: bool) -> int:
    """Show the load order and who needs whom, also where plugins fail; host plugins check tells those errors in full."""
    if json_output and dot_output:
        raise click.UsageError("--json and --dot exclude each other")
    from host.lifecycle.generation import booted_in_full
    from host.lifecycle.graph import dot, make_graph

    settings = read_settings()
    logging.disable()  # the graph shows the failures
    found = make_graph(booted_in_full(settings))
    if json_output:
        print_json(found.data())
    elif dot_output:
        click.echo(dot(found))
    elif not found.plugins:
        click.echo("No plugin is enabled.")
    elif sys.stdout.isatty():
        from rich.console import Console

        Console().print(_drawing(found))
    else:
        for depth, line, _ in _lines(found):
            click.echo(f"{'  ' * depth}{line}")
    return 0


def _lines(found: Graph) -> Iterator[tuple[int, str, str]]:
    """Each line with its depth, and its status where it stands for a plugin; children stand below the plugin that they lie in."""
    inside: dict[str | None, list[Node]] = {}
    for node in found.plugins:
        inside.setdefault(node.parent, []).append(node)
    places = {key: number for number, key in enumerate(found.order, 1)}
    stack = [(0, node) for node in reversed(inside.get(None, []))]
    while stack:
        depth, node = stack.pop()
        place = f"{places[node.key]}. " if node.key in places else ""
        yield depth, f"{place}{node.key}  {node.distribution} {node.version}{'  shared' if node.shared else ''}", node.status
        yield from ((depth + 1, line, "") for line in _about(node))
        stack += [(depth + 1, child) for child in reversed(inside.get(node.key, []))]


def _about(node: Node) -> Iterator[str]:
    if node.status != "ok":
        yield f"{node.status}: {node.reason}"
    for verb, names in (("provides", node.provides), ("opens", node.opens)):
        if names:
            yield f"{verb} {', '.join(names)}"
    for verb, edges in (("needs", node.needs), ("follows", node.follows)):
        for other in dict.fromkeys(edge.plugin for edge in edges if edge.plugin != node.parent):
            yield f"{verb} {other} ({', '.join(edge.why for edge in edges if edge.plugin == other)})"


def _drawing(found: Graph) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    styles = {"": "dim", "ok": "bold", "failed": "bold red", "taken-along": "bold yellow"}
    branches = [Tree(Text("load order"), guide_style="dim")]
    for depth, line, status in _lines(found):
        branches[depth + 1 :] = [branches[depth].add(Text(line, styles[status]))]
    return branches[0]

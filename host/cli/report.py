"""Print the start report: a tree drawn by rich on a terminal, indented lines otherwise."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from rich.tree import Tree

    from host.lifecycle.report import Failure, Node, Report

#: The width of the names in indented lines.
_WIDTH = 48


def print_report(report: Report, file: IO[str] | None = None) -> None:
    """Print a report.

    Args:
        report: The report of a start.
        file: The file to print to, by default the standard output.
    """
    output = sys.stdout if file is None else file
    if output.isatty():
        from rich.console import Console

        console = Console(file=output, highlight=False)
        console.print(_tree(report))
        for line in _failures(report):
            console.print(line, markup=False, soft_wrap=True)
    else:
        click.echo("\n".join([heading(report), *_lines(report.spans, 1), *_failures(report)]), file=output)


def print_to_stderr(report: Report) -> None:
    """Print a report to the standard error output, to which the server logs."""
    print_report(report, sys.stderr)


def heading(report: Report) -> str:
    """Return the first line of a report."""
    return f"start report: {report.outcome}, {_milliseconds(report.seconds)}"


def _lines(nodes: tuple[Node, ...], depth: int) -> Iterator[str]:
    for node in nodes:
        name = "  " * depth + _name(node)
        failed = f"  {node.failed}" if node.failed else ""
        yield f"{name:<{_WIDTH}} {_milliseconds(node.seconds):>12}{failed}"
        yield from _lines(node.inside, depth + 1)


def _tree(report: Report) -> Tree:
    from rich.tree import Tree

    tree = Tree(heading(report))
    _add_nodes(tree, report.spans)
    return tree


def _add_nodes(tree: Tree, nodes: tuple[Node, ...]) -> None:
    from rich.text import Text

    for node in nodes:
        label = Text.assemble(_name(node), "  ", (_milliseconds(node.seconds), "dim"))
        if node.failed:
            label.append(f"  {node.failed}", "red")
        _add_nodes(tree.add(label), node.inside)


def _name(node: Node) -> str:
    """Return the key for the span of a plugin, which holds the spans of its hooks."""
    return node.plugin if node.what == "plugin" else node.what


def _failures(report: Report) -> Iterator[str]:
    """Yield the failed plugins, whether the start goes on without them, and the dependents that failed with them."""
    causes = [failure for failure in report.failures if not failure.chain]
    chains = {failure.plugin: failure.chain for failure in report.failures if failure.chain}
    for failure in causes:
        yield f"failed: {_subject(failure)}"
        for key in failure.dependents:
            yield f"  failed as a dependent: {key} ({' needs '.join(chains[key])})"


def _subject(failure: Failure) -> str:
    consequence = "the other plugins are served" if failure.allowed else "which ends the start"
    subject = f"{failure.plugin}, {consequence}: " if failure.plugin else ""
    return f"{subject}{failure.message} [{failure.code}]"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"

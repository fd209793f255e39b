"""The start report as a tree: drawn by rich where somebody looks at it, indented lines where a program reads it."""

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
        report: of a start.
        file: where to; the standard output unless given.
    """
    to = sys.stdout if file is None else file
    if to.isatty():
        from rich.console import Console

        console = Console(file=to, highlight=False)
        console.print(_drawn(report))
        for line in _told(report):
            console.print(line, markup=False, soft_wrap=True)
    else:
        click.echo("\n".join([heading(report), *_lines(report.spans, 1), *_told(report)]), file=to)


def print_to_stderr(report: Report) -> None:
    """Print a report beside what the server logs."""
    print_report(report, sys.stderr)


def heading(report: Report) -> str:
    """The first line."""
    return f"start report: {report.outcome}, {_milliseconds(report.seconds)}"


def _lines(nodes: tuple[Node, ...], depth: int) -> Iterator[str]:
    for node in nodes:
        name = "  " * depth + _name(node)
        failed = f"  {node.failed}" if node.failed else ""
        yield f"{name:<{_WIDTH}} {_milliseconds(node.seconds):>12}{failed}"
        yield from _lines(node.inside, depth + 1)


def _drawn(report: Report) -> Tree:
    from rich.tree import Tree

    tree = Tree(heading(report))
    _grow(tree, report.spans)
    return tree


def _grow(tree: Tree, nodes: tuple[Node, ...]) -> None:
    from rich.text import Text

    for node in nodes:
        label = Text.assemble(_name(node), "  ", (_milliseconds(node.seconds), "dim"))
        if node.failed:
            label.append(f"  {node.failed}", "red")
        _grow(tree.add(label), node.inside)


def _name(node: Node) -> str:
    """A plugin by its key; what it did stands under it."""
    return node.plugin if node.what == "plugin" else node.what


def _told(report: Report) -> Iterator[str]:
    """Who failed, whether it was allowed to, and whom it took along."""
    alone = [failure for failure in report.failures if not failure.because]
    chains = {failure.plugin: failure.because for failure in report.failures if failure.because}
    for failure in alone:
        yield f"failed: {_subject(failure)}"
        for key in failure.taken_along:
            yield f"  taken along: {key} ({' needs '.join(chains[key])})"


def _subject(failure: Failure) -> str:
    allowed = "the others are served" if failure.allowed else "which ends the start"
    subject = f"{failure.plugin}, {allowed}: " if failure.plugin else ""
    return f"{subject}{failure.message} [{failure.code}]"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"

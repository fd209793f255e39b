"""Tables: drawn by rich on a terminal; plain lines otherwise, without the cost of importing rich."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from rich.table import Table as Drawing


class Table:
    """A table with headings.

    Args:
        columns: The headings of the columns.
    """

    def __init__(self, *columns: str) -> None:
        self._rows: list[tuple[str, ...]] = [columns]

    def add_row(self, *cells: str) -> None:
        """Add a row with one cell per column."""
        self._rows.append(cells)

    def print(self) -> None:
        """Print the table to the standard output."""
        if sys.stdout.isatty():
            from rich.console import Console

            Console().print(self._drawing())
        else:
            click.echo(self._plain())

    def _plain(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self._rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in self._rows)

    def _drawing(self) -> Drawing:
        from rich import box
        from rich.table import Table as Drawing
        from rich.text import Text

        heads, *rows = self._rows
        drawing = Drawing(*heads, box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for row in rows:
            drawing.add_row(*map(Text, row))
        return drawing

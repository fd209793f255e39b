"""Figures, their limits, and the table that prints them."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        name: what was measured.
        sides: the medians that the figure is calculated from, the host's first.
        value: the figure.
        unit: the unit of the figure, ``x`` for a ratio.
        at_most: the upper limit; ``None`` if there is no upper limit.
        at_least: the lower limit; ``None`` if there is no lower limit.
    """

    name: str
    sides: str
    value: float
    unit: str = "x"
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure is within its limits; a figure without limits always is."""
        return (self.at_most is None or self.value <= self.at_most) and (self.at_least is None or self.value >= self.at_least)

    def cells(self) -> tuple[str, ...]:
        """Return its cells in the table."""
        limits = [f"{sign} {limit:g} {self.unit}" for sign, limit in (("<=", self.at_most), (">=", self.at_least)) if limit]
        verdict = "" if not limits else "pass" if self.holds else "FAIL"
        return (self.name, self.sides, f"{self.value:.3f} {self.unit}", " ".join(limits), verdict)


def table(figures: Iterable[Figure]) -> str:
    """Return all figures as an aligned table, without a library, so that it looks the same everywhere."""
    rows = [("measurement", "medians", "figure", "limit", ""), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    note = "A figure is the median over pairs of consecutive measurements; it can differ from the ratio of the medians."
    return "\n".join([lines[0], "  ".join("-" * width for width in widths).rstrip(), *lines[1:], "", note])


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of pairs that were measured one after the other.

    Other work on the machine slows both measurements of a pair alike, but not necessarily the medians of both sides.
    """
    return statistics.median(our / their for our, their in zip(ours, theirs, strict=True))


def median_difference(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the differences of such pairs."""
    return statistics.median(our - their for our, their in zip(ours, theirs, strict=True))


def seconds(values: Sequence[float]) -> str:
    """Return the median and the range of some times: ``0.251 s (0.244-0.270)``."""
    return f"{statistics.median(values):.3f} s ({min(values):.3f}-{max(values):.3f})"


def progress(text: str) -> None:
    """Print a progress message to stderr; stdout contains only the table."""
    print(text, file=sys.stderr, flush=True)

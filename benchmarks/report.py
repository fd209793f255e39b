"""Figures, their limits, and the table in which they are printed."""

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
        sides: the medians behind the figure, as text, the host's first.
        value: the figure.
        unit: behind it, ``x`` for a ratio.
        at_most: the upper limit; ``None`` for none.
        at_least: the lower limit; ``None`` for none.
    """

    name: str
    sides: str
    value: float
    unit: str = "x"
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is inside its limits; a figure without one always is."""
        return (self.at_most is None or self.value <= self.at_most) and (self.at_least is None or self.value >= self.at_least)

    def cells(self) -> tuple[str, ...]:
        """Its cells in the table."""
        limits = [f"{sign} {limit:g} {self.unit}" for sign, limit in (("<=", self.at_most), (">=", self.at_least)) if limit]
        verdict = "" if not limits else "pass" if self.holds else "FAIL"
        return (self.name, self.sides, f"{self.value:.3f} {self.unit}", " ".join(limits), verdict)


def table(figures: Iterable[Figure]) -> str:
    """All figures, aligned; needs no library, so that it reads the same everywhere."""
    rows = [("measurement", "medians", "figure", "limit", ""), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    note = "A figure is the median over pairs that were measured one after the other, so it need not be that of the medians."
    return "\n".join([lines[0], "  ".join("-" * width for width in widths).rstrip(), *lines[1:], "", note])


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of pairs that were measured one after the other.

    On a machine that has other work too, a pair is slowed alike where the medians of the sides need not be.
    """
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def median_difference(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the differences of such pairs."""
    return statistics.median(one - other for one, other in zip(ours, theirs, strict=True))


def seconds(values: Sequence[float]) -> str:
    """The median and the spread of some times: ``0.251 s (0.244-0.270)``."""
    return f"{statistics.median(values):.3f} s ({min(values):.3f}-{max(values):.3f})"


def progress(text: str) -> None:
    """Say on the error stream what is being done; the table alone goes to the output."""
    print(text, file=sys.stderr, flush=True)

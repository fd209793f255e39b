"""Run the measurements, print a table, and exit with 1 if a limit is missed: ``python -m benchmarks [--quick] [NAME …]``."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import Final

from benchmarks.report import Figure, table

NAMES: Final = (
    *("throughput", "inherited", "channels", "startup", "scale", "chain", "nesting", "cli", "crud"),
    *("generation", "typecheck", "completion", "bundles"),
)


def main() -> int:
    """Run the measurements that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The host's speed, each figure against its limit.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"measurements to run: {', '.join(NAMES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that all works, not to judge")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in NAMES]:
        parser.error(f"there is no measurement {unknown[0]!r}; there are {', '.join(NAMES)}")
    figures: list[Figure] = []
    for name in arguments.names or NAMES:
        figures += import_module(f"benchmarks.{name}").measure(quick=arguments.quick)
    print(table(figures))
    missed = [figure.name for figure in figures if not figure.holds]
    for name in missed:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

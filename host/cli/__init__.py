"""The command line: one file per command, and the processes that serve.

Importing this package imports nothing heavy: worker processes import it too.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from host.cli.app import cli
    from host.common.bytecode import check_bytecode

    check_bytecode()
    cli()

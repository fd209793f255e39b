"""Run the command line unless another package shadows ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from host.common.shadowing import check_packages


def run_unshadowed(path: Sequence[str]) -> None:
    """Run the command line, or print an error and exit.

    Args:
        path: The directories in which Python looked for ``host`` and ``hookspecs`` before this function was imported.
    """
    from host.common.errors import ShadowedPackageError

    try:
        check_packages(path)
    except ShadowedPackageError as error:
        from host.common.rendering import error_block

        sys.stderr.write(f"{error_block(error)}\n")
        sys.exit(error.exit_code)
    from host.cli import main

    main()

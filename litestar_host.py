"""Start the command line of litestar-host, once it is certain that its packages are the ones that Python imports.

The scripts ``host`` and ``litestar-host`` and ``python -m host`` start here; ``python -m litestar_host`` does the same. This
module lies outside of the package :mod:`host`: if another package or module called ``host`` comes first on ``sys.path``, no code
inside the package could report that.
"""

from __future__ import annotations

import gc
import sys
from importlib.machinery import PathFinder
from pathlib import Path


def main() -> None:
    """Run the command line; exit with an error if another ``host`` or ``hookspecs`` would be imported instead."""
    # What imports create stays, and searching it for garbage takes a tenth of a short command. Commands that run for long turn the
    # collector on again.
    gc.disable()
    path = list(sys.path)
    ours = Path(__file__).resolve().parent
    specs = {name: PathFinder.find_spec(name, path) for name in ("host", "hookspecs")}
    if any(spec and Path(spec.origin or "").resolve() != ours / name / "__init__.py" for name, spec in specs.items()):
        sys.path.insert(0, str(ours))  # the error is described by the very package that is shadowed
    from host.cli.shadowing import run_unshadowed

    run_unshadowed(path)


if __name__ == "__main__":
    main()

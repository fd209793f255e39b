"""Find other packages that Python would import instead of ours: ``host`` and ``hookspecs`` are common names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Final

#: The packages of this distribution; both are installed into one directory.
PACKAGES: Final = ("host", "hookspecs")
_ROOT: Final = Path(__file__).parents[2]


def check_packages(path: Sequence[str], names: Iterable[str] = PACKAGES) -> None:
    """Check that Python imports the packages of this distribution and no others of these names.

    Args:
        path: The directories in which Python looks, usually ``sys.path``.
        names: The packages to look for.

    Raises:
        ShadowedPackageError: Another package or module comes first.
    """
    for name in names:
        if (spec := PathFinder.find_spec(name, path)) is not None:  # otherwise an import hook has it
            _check(name, spec)


def check_hookspecs() -> None:
    """Check that ``hookspecs`` is ours as well, when ``host`` is imported; see :func:`check_packages`.

    While ``python -m host`` looks for its module, ``sys.argv[0]`` is ``-m``. The command reports the error itself then, as one
    block instead of a traceback.
    """
    if sys.argv[:1] == ["-m"]:
        return
    loaded = sys.modules.get("hookspecs")
    if loaded is None:
        check_packages(sys.path, ["hookspecs"])
    elif loaded.__spec__ is not None:
        _check("hookspecs", loaded.__spec__)


def _check(name: str, spec: ModuleSpec) -> None:
    # A directory without `__init__.py` has no origin. Python prefers a package anywhere on the path to it, but not one of a hook.
    location = Path(spec.origin or next(iter(spec.submodule_search_locations or ()), name))
    other = location.parent if location.stem == "__init__" else location
    if other.resolve() != (_ROOT / name).resolve():
        raise _error(name, other)


def _error(name: str, other: Path) -> Exception:
    from host.common.errors import ShadowedPackageError  # only a mistaken path needs it

    entry = other.parent.resolve()
    fix = f"rename {other}"
    if entry in {Path(part).resolve() for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part}:
        fix += f", or take {entry} out of PYTHONPATH"
    elif entry == Path.cwd().resolve():
        fix += "; the scripts host and litestar-host, unlike python -m, import nothing from the working directory"
    return ShadowedPackageError(
        f"{other} comes first on sys.path and hides the package {name} of litestar-host",
        shadowing=other,
        shadowed=_ROOT / name,
        fix=fix,
    )

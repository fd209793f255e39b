"""Write files completely or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from host.common.errors import ConfigurationError


def write(path: Path, text: str) -> bool:
    """Write a file unless it already has this content.

    The content goes to a temporary file in the same directory, which then replaces the file: a reader never sees half of it.

    Args:
        path: The file; a symbolic link is followed.
        text: The whole content.

    Returns:
        Whether the file was written; a file with the same content is not touched.

    Raises:
        ConfigurationError: The file cannot be written.
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
    """Return the mode of a new file; that of a temporary file would let only its owner read it."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

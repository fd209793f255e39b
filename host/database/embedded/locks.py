"""Locks between processes: ``flock``, which the kernel releases when the last process that has the file open is gone."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def open_lock(path: Path | str) -> int:
    """A descriptor of the lock file, created where it is missing. Programs that are started do not inherit it.

    Raises:
        OSError: it cannot be created.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def take(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock without waiting.

    Args:
        descriptor: of the lock file. Closing it gives the lock back, unless a forked process has it open too.
        shared: others may share the lock.

    Returns:
        Whether it was free.
    """
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stands(descriptor: int, path: Path) -> bool:
    """Whether the open lock file is still the one at the path, and was not deleted or moved away with its directory."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)

"""Locks between processes by ``flock``: the kernel releases one when the last process that has the file open is gone."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def open_lock(path: Path | str) -> int:
    """Open a lock file, create it if missing, and return its descriptor. Programs that are started do not inherit it.

    Raises:
        OSError: the file cannot be created.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Acquire a lock without waiting.

    Args:
        descriptor: the descriptor of the lock file. Closing it releases the lock, unless a forked process has it open too.
        shared: whether others may share the lock.

    Returns:
        Whether the lock was acquired.
    """
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_in_place(descriptor: int, path: Path) -> bool:
    """Return whether the open lock file is still the one at its path: its directory may have been deleted or moved."""
    try:
        current = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), current)

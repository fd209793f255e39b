"""The process that owns the embedded MongoDB of one directory: the parent of ``mongod``.

:mod:`host.database.embedded.lease` starts it, in a session of its own, with the locked file ``supervisor.lock`` as descriptor 3. It
starts mongod first and imports what it needs to mind it (:mod:`host.database.embedded.watch`) while mongod comes up.

It ends when no host process is left, and not by a signal of the terminal: every host process that uses the database holds a
shared lock on ``users.lock``, which the kernel takes away from a process that dies, by ``kill -9`` too. When the supervisor gets
that lock exclusively nobody is left; it stops mongod and exits with the lock still held, so that a host that starts in that
moment waits, and then starts a new one. Its own lock shows that it lives, so no process id is ever trusted for that.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Final

from host.database.embedded import mongod

if TYPE_CHECKING:
    from types import FrameType

#: The descriptor on which the supervisor gets its locked file.
LOCK_DESCRIPTOR: Final = 3


def main() -> None:
    """Run it.

    ``sys.argv``: ``<directory>/mongodb``; the mongod; the port to use; 1 where the replica set must be told of it, else 0; the
    process id of the mongod that a dead supervisor left, else 0.
    """
    home, binary = sys.argv[1:3]
    port, moves, orphan = map(int, sys.argv[3:6])
    _detach()
    if orphan:
        from host.database.embedded.ports import freed_port

        _end_orphan(f"{home}/data/mongod.lock", orphan)
        port = freed_port(port)
    log_start = mongod.log_size(home)
    process = mongod.spawn(mongod.command(binary, home, port, alone=bool(moves)), f"{home}/mongod.log")

    from pathlib import Path

    from host.database.embedded.layout import Layout
    from host.database.embedded.watch import Watch

    watch = Watch(Layout(Path(home)), binary, port, moves=bool(moves))
    watch.run(process, log_start)


def _detach() -> None:
    """Leave the host: no child of it, none of its files but the lock, deaf to the signals that end it."""
    if os.fork():
        os._exit(0)
    # One by one: up to the limit there may be a thousand million.
    for descriptor in map(int, os.listdir("/dev/fd")):  # noqa: PTH208 - pathlib would delay mongod
        if descriptor > LOCK_DESCRIPTOR:
            os.closerange(descriptor, descriptor + 1)
    os.set_inheritable(LOCK_DESCRIPTOR, False)
    os.chdir("/")
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing. Not SIG_IGN, which mongod would inherit."""


def _end_orphan(lock: str, process: int) -> None:
    """End the mongod of a supervisor that was killed, which on Linux is ending already.

    Its id is safe to signal while the lock file is locked and names it: mongod writes its id there when it has the lock.
    """
    from host.database.embedded.locks import open_lock, take

    def gone() -> bool:
        descriptor = open_lock(lock)
        try:
            return os.read(descriptor, 32).strip() != str(process).encode() or take(descriptor)
        finally:
            os.close(descriptor)

    try:
        if not gone():
            mongod.stop(process, gone)
    except ProcessLookupError:
        # It ended between the look and the signal.
        return

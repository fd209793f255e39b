"""The process that owns the embedded MongoDB of one directory: the parent of ``mongod``.

:mod:`host.database.embedded.launch_supervisor` starts it, in a session of its own, with the locked file ``supervisor.lock`` as
descriptor 3. It starts mongod first, and imports the rest (:mod:`host.database.embedded.watch`) while mongod is starting.

It ends when no host process is left, and not by a signal of the terminal. Every host process that uses the database holds a shared
lock on ``users.lock``, which the kernel releases when the process dies, by ``kill -9`` too. When the supervisor acquires that lock
exclusively, no process uses the database. It then stops mongod and exits with the lock held, so that a host that starts meanwhile
waits and then starts a new supervisor. Its own lock shows that it lives: process ids are reused and prove nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Final

from host.database.embedded import mongod

if TYPE_CHECKING:
    from types import FrameType

#: The descriptor on which the supervisor inherits its locked file.
LOCK_DESCRIPTOR: Final = 3


def main() -> None:
    """Run the supervisor.

    ``sys.argv`` holds ``<directory>/mongodb``, the path of mongod, its port, 1 if the replica set's configuration names another
    port (else 0), and the process id of a mongod that a dead supervisor has left (else 0).
    """
    home, binary = sys.argv[1:3]
    port, port_changed, orphan = map(int, sys.argv[3:6])
    _daemonize()
    if orphan:
        from host.database.embedded.ports import freed_port

        _end_orphan(f"{home}/data/mongod.lock", orphan)
        port = freed_port(port)
    log_start = mongod.log_size(home)
    process = mongod.spawn(mongod.command(binary, home, port, standalone=bool(port_changed)), f"{home}/mongod.log")

    # Only now: these imports take longer than everything before, and mongod is starting meanwhile.
    from pathlib import Path

    from host.database.embedded.layout import Layout
    from host.database.embedded.watch import Watch

    watch = Watch(Layout(Path(home)), binary, port, port_changed=bool(port_changed))
    watch.run(process, log_start)


def _daemonize() -> None:
    """Detach from the host: not a child of it, with none of its open files but the lock, and ignoring signals meant for it."""
    if os.fork():
        os._exit(0)
    # Only the open ones: in containers the limit of open files may be a thousand million.
    for descriptor in map(int, os.listdir("/dev/fd")):  # noqa: PTH208 - pathlib would delay mongod
        if descriptor > LOCK_DESCRIPTOR:
            os.closerange(descriptor, descriptor + 1)
    os.set_inheritable(LOCK_DESCRIPTOR, False)
    os.chdir("/")
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing. A handler instead of SIG_IGN, which mongod would inherit across exec."""


def _end_orphan(lock: str, process: int) -> None:
    """End the mongod of a supervisor that was killed; on Linux, the kernel has sent it SIGTERM already.

    The process id may belong to another program by now. It is safe to signal while mongod's lock file is locked and contains it:
    mongod writes its id there once it has the lock.
    """
    from host.database.embedded.locks import open_lock, try_lock

    def has_ended() -> bool:
        descriptor = open_lock(lock)
        try:
            return os.read(descriptor, 32).strip() != str(process).encode() or try_lock(descriptor)
        finally:
            os.close(descriptor)

    try:
        if not has_ended():
            mongod.stop(process, has_ended)
    except ProcessLookupError:
        # It ended between the check and the signal.
        return

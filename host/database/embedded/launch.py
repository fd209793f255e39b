"""Starts a supervisor."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from host.database.embedded.ports import free_port, listens
from host.database.embedded.supervisor import LOCK_DESCRIPTOR

if TYPE_CHECKING:
    from host.database.embedded.layout import Layout

_LOG_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND

#: What the supervisor's interpreter runs. It gets the import path of this process instead of finding it by itself: processing
#: site-packages takes as long as all else that it does before it starts mongod, and more with editable installs.
_BOOT: Final = "import sys; sys.path += sys.argv.pop(1).split('\\n'); from host.database.embedded.supervisor import main; main()"


def launch(layout: Layout, binary: Path, alive: int, orphan: int) -> int:
    """Start a supervisor in a session of its own.

    Args:
        layout: the files of its MongoDB.
        binary: the mongod.
        alive: the descriptor of ``supervisor.lock``, locked. The supervisor gets the lock from here: there is no moment in
            which nobody has it.
        orphan: the process id of the mongod that the supervisor before may have left, 0 for none.

    Returns:
        The id of a child that ends as soon as it has started the supervisor, which thus is no child of this process.

    Raises:
        OSError: no process can be started.
    """
    path = "\n".join([*filter(None, sys.path), str(Path(__file__).absolute().parents[3])])
    last = layout.last_port
    # An orphan has the port until the supervisor has ended it.
    port = last if orphan else free_port(last)
    # Only after a clean end: what is left of an unclean one is for the member of the replica set to recover.
    moves = last not in (0, port) and listens(last) and layout.clean
    arguments = [path, str(layout.home), str(binary), str(port), str(int(moves)), str(orphan)]
    # Far above those that are redirected, so that none of them overwrites it.
    lock = fcntl.fcntl(alive, fcntl.F_DUPFD_CLOEXEC, 64)
    try:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", "-c", _BOOT, *arguments],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(layout.supervisor_log), _LOG_FLAGS, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, lock, LOCK_DESCRIPTOR),
            ],
            setsid=True,
            setsigmask=(),
            setsigdef=(signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE),
        )
    finally:
        os.close(lock)

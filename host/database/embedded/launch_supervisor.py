"""Starts a supervisor process."""

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

#: What the supervisor's interpreter runs. With -I and -S it does not process site-packages, which takes as long as everything else
#: it does before it starts mongod, and longer with editable installs. Instead, it receives the import path of this process.
_BOOT: Final = "import sys; sys.path += sys.argv.pop(1).split('\\n'); from host.database.embedded.supervisor import main; main()"


def launch(layout: Layout, binary: Path, alive: int, orphan: int) -> int:
    """Start a supervisor in a session of its own, out of reach of the signals of a terminal.

    ``posix_spawn`` and not ``subprocess``: importing that would delay mongod. It also resets the signals that a host handles.

    Args:
        layout: the files of its MongoDB.
        binary: the mongod.
        alive: the descriptor of ``supervisor.lock``, locked. The supervisor inherits the open file and with it the lock, so that
            the lock is never free in between.
        orphan: the process id of the mongod that the previous supervisor may have left; 0 for none.

    Returns:
        The id of a child process that ends as soon as it has started the supervisor, which thus is not a child of this process.

    Raises:
        OSError: no process can be started.
    """
    path = "\n".join([*filter(None, sys.path), str(Path(__file__).absolute().parents[3])])
    last_port = layout.last_port
    # An orphan occupies the port until the supervisor has ended it.
    port = last_port if orphan else free_port(last_port)
    # Only after a clean shutdown: after a crash, mongod must first recover as the member of its replica set.
    moves = last_port not in (0, port) and listens(last_port) and layout.clean
    arguments = [path, str(layout.home), str(binary), str(port), str(int(moves)), str(orphan)]
    # A copy with a high number: the redirections below would overwrite the descriptor if it were one of 0 to 3.
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

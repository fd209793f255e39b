"""Watches the mongod of one directory: publishes when it is ready, restarts it when it dies, stops it when no host is left."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

from host.database.embedded import mongod
from host.database.embedded.layout import State, Status
from host.database.embedded.locks import is_in_place, open_lock, try_lock
from host.database.embedded.ports import free_port
from host.database.embedded.replica import await_primary, move_member

if TYPE_CHECKING:
    from host.database.embedded.layout import Layout

_POLL: Final = 0.1
#: mongod is restarted at most this often ...
_MAX_RESTARTS: Final = 3
#: ... within this many seconds.
_RESTART_WINDOW: Final = 60.0
_MAX_PORTS: Final = 5


class _UnusedError(Exception):
    """No host process is left."""


class _DeletedError(Exception):
    """The directory was deleted, moved or replaced."""


class _EndedError(Exception):
    """mongod ended unexpectedly."""

    def __init__(self, code: int) -> None:
        super().__init__(f"mongod was ended by signal {-code}" if code < 0 else f"mongod ended with exit code {code}")
        self.code = code


class _MongodError(Exception):
    """mongod cannot be kept running."""


class Watch:
    """The work of one supervisor.

    Args:
        layout: the files of the embedded MongoDB.
        binary: the path of mongod.
        port: its port.
        port_changed: mongod runs standalone until the new port is in the replica set's configuration.
    """

    def __init__(self, layout: Layout, binary: str, port: int, *, port_changed: bool) -> None:
        self._layout = layout
        self._binary = binary
        self._port = port
        self._port_changed = port_changed
        self._process = 0
        self._log_start = 0
        self._users = open_lock(layout.users_lock)
        self._ends: list[float] = []
        self._was_ready = False

    def run(self, process: int, log_start: int) -> None:
        """Run until no host process is left or mongod cannot be kept running.

        Args:
            process: the process id of the mongod that was just started.
            log_start: the size of its log before the start.
        """
        self._process, self._log_start = process, log_start
        try:
            while True:
                try:
                    self._await_ready()
                    self._watch()
                except _EndedError as error:
                    self._process = 0
                    self._restart(error)
        except _UnusedError:
            self._stop()
            self._layout.forget_state()
        except _MongodError as error:
            self._publish("failed", str(error))
        except _DeletedError:
            # By SIGKILL: mongod writes to files by their paths, which may already be those of a new database.
            os.kill(self._process, signal.SIGKILL)
            self._log(f"{self._layout.home} was deleted or moved while it was used")
        finally:
            self._stop()

    def _await_ready(self) -> None:
        self._publish("starting")
        if self._port_changed:
            move_member(self._port, self._check)
            self._stop()
            self._port_changed = False
            self._spawn()
            self._publish("starting")
        await_primary(self._port, self._check)
        self._layout.remember_port(self._port)
        self._was_ready = True
        self._publish("ready")

    def _watch(self) -> None:
        while True:
            self._check()
            if mongod.rotate(self._layout.log, self._process):
                self._log_start = 0
            time.sleep(_POLL)

    def _check(self) -> None:
        if not is_in_place(self._users, self._layout.users_lock):
            raise _DeletedError
        if try_lock(self._users):
            raise _UnusedError
        code = mongod.exit_code(self._process)
        if code is not None:
            raise _EndedError(code)

    def _restart(self, error: _EndedError) -> None:
        """Restart mongod, on the same port once hosts know it.

        Raises:
            _MongodError: it has ended too often, or for a permanent reason before it was ever ready.
        """
        words = mongod.last_words(self._layout.log, self._log_start)
        reason = f"{error}{': ' if words else ''}{'; '.join(words)}"
        self._log(reason)
        now = time.monotonic()
        self._ends = [end for end in self._ends if now - end < _RESTART_WINDOW] + [now]
        if self._was_ready:
            if len(self._ends) > _MAX_RESTARTS:
                raise _MongodError(f"{reason} (it ended {len(self._ends)} times within {_RESTART_WINDOW:g} s)") from error
        elif error.code == mongod.PORT_IN_USE and len(self._ends) < _MAX_PORTS:
            self._port = free_port()
        else:
            raise _MongodError(reason) from error
        self._spawn()

    def _spawn(self) -> None:
        home = str(self._layout.home)
        self._log_start = mongod.log_size(home)
        arguments = mongod.command(self._binary, home, self._port, standalone=self._port_changed)
        self._process = mongod.spawn(arguments, str(self._layout.log))

    def _stop(self) -> None:
        process, self._process = self._process, 0
        if process:
            mongod.stop(process, lambda: mongod.exit_code(process) is not None)

    def _publish(self, status: Status, message: str = "") -> None:
        self._layout.write_state(
            State(
                status=status,
                supervisor=os.getpid(),
                mongod=self._process,
                port=self._port,
                log_start=self._log_start,
                message=message,
            )
        )

    def _log(self, message: str) -> None:
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {message}\n")
        sys.stderr.flush()

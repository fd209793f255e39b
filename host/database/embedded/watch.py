"""Minds the mongod of one directory: says when it is ready, starts it again when it dies, stops it when no host is left."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

from host.database.embedded import mongod
from host.database.embedded.layout import State, Status
from host.database.embedded.locks import open_lock, stands, take
from host.database.embedded.ports import free_port
from host.database.embedded.replica import await_primary, move_member

if TYPE_CHECKING:
    from host.database.embedded.layout import Layout

_POLL: Final = 0.1
#: mongod is started again unless it has ended more than so many times ...
_MOST_ENDS: Final = 3
#: ... within so many seconds.
_ENDS_WITHIN: Final = 60.0
_MOST_PORTS: Final = 5


class _UnusedError(Exception):
    """No host process is left."""


class _DeletedError(Exception):
    """The directory is not there any more, or another one is in its place."""


class _EndedError(Exception):
    """mongod ended by itself."""

    def __init__(self, code: int) -> None:
        super().__init__(f"mongod was ended by signal {-code}" if code < 0 else f"mongod ended with exit code {code}")
        self.code = code


class _GivenUpError(Exception):
    """mongod cannot be kept up."""


class Watch:
    """One supervisor's work.

    Args:
        layout: the files.
        binary: the mongod.
        port: its port.
        moves: mongod runs alone until its replica set has been told of the port.
    """

    def __init__(self, layout: Layout, binary: str, port: int, *, moves: bool) -> None:
        self._layout = layout
        self._binary = binary
        self._port = port
        self._moves = moves
        self._process = 0
        self._log_start = 0
        self._users = open_lock(layout.users_lock)
        self._ends: list[float] = []
        self._published = False

    def run(self, process: int, log_start: int) -> None:
        """Work until no host process is left, or mongod cannot be kept up.

        Args:
            process: the mongod that was just started.
            log_start: the size of its log before that.
        """
        self._process, self._log_start = process, log_start
        try:
            while True:
                try:
                    self._bring_up()
                    self._mind()
                except _EndedError as error:
                    self._process = 0
                    self._start_again(error)
        except _UnusedError:
            self._stop()
            self._layout.forget_state()
        except _GivenUpError as error:
            self._say("failed", str(error))
        except _DeletedError:
            # At once: mongod writes by path, so into the files of the one that may begin here now.
            os.kill(self._process, signal.SIGKILL)
            self._note(f"{self._layout.home} was deleted or moved while it was used")
        finally:
            self._stop()

    def _bring_up(self) -> None:
        self._say("starting")
        if self._moves:
            move_member(self._port, self._check)
            self._stop()
            self._moves = False
            self._spawn()
            self._say("starting")
        await_primary(self._port, self._check)
        self._layout.remember_port(self._port)
        self._published = True
        self._say("ready")

    def _mind(self) -> None:
        while True:
            self._check()
            if mongod.rotate(self._layout.log, self._process):
                self._log_start = 0
            time.sleep(_POLL)

    def _check(self) -> None:
        if not stands(self._users, self._layout.users_lock):
            raise _DeletedError
        if take(self._users):
            raise _UnusedError
        code = mongod.ended(self._process)
        if code is not None:
            raise _EndedError(code)

    def _start_again(self, error: _EndedError) -> None:
        """Start mongod again, on the same port if a host knows it.

        Raises:
            _GivenUpError: it has ended too often, or before it was ever ready, for a reason that will not go away.
        """
        words = mongod.last_words(self._layout.log, self._log_start)
        reason = f"{error}{': ' if words else ''}{'; '.join(words)}"
        self._note(reason)
        now = time.monotonic()
        self._ends = [end for end in self._ends if now - end < _ENDS_WITHIN] + [now]
        if self._published:
            if len(self._ends) > _MOST_ENDS:
                raise _GivenUpError(f"{reason} (it ended {len(self._ends)} times within {_ENDS_WITHIN:g} s)") from error
        elif error.code == mongod.PORT_TAKEN and len(self._ends) < _MOST_PORTS:
            self._port = free_port()
        else:
            raise _GivenUpError(reason) from error
        self._spawn()

    def _spawn(self) -> None:
        home = str(self._layout.home)
        self._log_start = mongod.log_size(home)
        arguments = mongod.command(self._binary, home, self._port, alone=self._moves)
        self._process = mongod.spawn(arguments, str(self._layout.log))

    def _stop(self) -> None:
        process, self._process = self._process, 0
        if process:
            mongod.stop(process, lambda: mongod.ended(process) is not None)

    def _say(self, status: Status, message: str = "") -> None:
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

    def _note(self, text: str) -> None:
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}\n")
        sys.stderr.flush()

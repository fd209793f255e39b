"""A host process's side of the embedded MongoDB: a lease on it.

Imports the standard library only, so that mongod is on its way before Litestar, Beanie and pymongo are imported.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from host.common.errors import EmbeddedDatabaseError
from host.database.embedded.binary import WAYS_OUT, find_mongod

if TYPE_CHECKING:
    from types import TracebackType

    from host.database.embedded.layout import Layout, State

_POLL: Final = 0.005
#: Seconds that a supervisor which is about to end may take for it; longer than it gives mongod.
_ENDING_LIMIT: Final = 15.0
_MOST_ATTEMPTS: Final = 3


class Lease:
    """The right of this process to use the embedded MongoDB of one directory; made by :func:`start`.

    While any process holds a lease, one ``mongod`` runs for the directory: a second lease, in this or in another process, is
    a lease on the same one. A few seconds after the last lease is released, or its process has ended in whatever way, ``kill
    -9`` too, mongod is stopped; the data stay.

    The lease belongs to the process that took it: a worker process takes its own, however it was started. (One that was
    forked without a new program shares its parent's, which then lasts as long as either of them.)

    mongod listens on the loopback interface only, on a free port, and asks for no password. It is a replica set of one
    member, so transactions and change streams work. When mongod dies it is started again on the same port and clients
    recover by themselves; if its supervisor dies too, the next :func:`start` or :meth:`wait` in any process starts both.

    Use it as a context manager, or call :meth:`release`.
    """

    def __init__(self, layout: Layout, binary: Path, users: int) -> None:
        self._layout = layout
        self._binary = binary
        self._users: int | None = users
        self._attempts = 0
        self._child = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def wait(self, timeout: float = 30.0) -> str:
        """Wait until the database accepts writes.

        Args:
            timeout: seconds.

        Returns:
            Its URL. The client waits for a primary by itself while mongod is being started again.

        Raises:
            EmbeddedDatabaseError: mongod cannot be started, with what its log says; or it takes too long; or the lease was
                released; or the directory was deleted.
        """
        deadline = time.monotonic() + timeout
        while (url := self._url(deadline, timeout)) is None:
            time.sleep(_POLL)
        return url

    async def wait_async(self, timeout: float = 30.0) -> str:  # noqa: ASYNC109 - it is the twin of wait()
        """Like :meth:`wait`, for an event loop."""
        import asyncio

        deadline = time.monotonic() + timeout
        while (url := self._url(deadline, timeout)) is None:  # noqa: ASYNC110 - what is awaited happens in another process
            await asyncio.sleep(_POLL)
        return url

    def release(self) -> None:
        """Give the lease back. Again: nothing happens."""
        users, self._users = self._users, None
        if users is not None:
            self._reap()
            # Closed and not unlocked: a forked process that has it open too keeps the lock.
            os.close(users)

    def _url(self, deadline: float, timeout: float) -> str | None:
        from host.database.embedded.mongod import REPLICA_SET, last_words
        from host.database.embedded.ports import LOOPBACK

        state = self._look()
        if state is not None and state.status == "failed":
            raise EmbeddedDatabaseError(f"the embedded MongoDB cannot run: {state.message}", fix=self._fix)
        if state is not None and state.status == "ready":
            self._attempts = 0
            return f"mongodb://{LOOPBACK}:{state.port}/?replicaSet={REPLICA_SET}"
        if time.monotonic() > deadline:
            words = "; ".join(last_words(self._layout.log, state.log_start) if state else ()) or "it has logged nothing yet"
            raise EmbeddedDatabaseError(f"the embedded MongoDB is not ready after {timeout:g} s: {words}", fix=self._fix)
        return None

    @property
    def _fix(self) -> str:
        return f"see {self._layout.log}, remove what it names as the cause; or set database.url to another MongoDB"

    def _look(self) -> State | None:
        """What the supervisor says; starts one where none lives.

        The lock on looking makes two first starts at the same time start one, and what is read under it was not said by a
        supervisor that is dead.
        """
        from host.database.embedded.locks import open_lock, stands, take

        if self._users is None:
            raise EmbeddedDatabaseError("the lease on the embedded MongoDB was released", fix="take a new one with start()")
        if not stands(self._users, self._layout.users_lock):
            raise EmbeddedDatabaseError(
                f"{self._layout.home} was deleted or moved while it was used", fix="start the host again; what was deleted is lost"
            )
        self._reap()
        looking = open_lock(self._layout.start_lock)
        try:
            if not take(looking):
                return None
            alive = open_lock(self._layout.supervisor_lock)
            try:
                state = self._layout.read_state()
                failed = state is not None and state.status == "failed"
                if not take(alive):
                    if failed:
                        # It is about to end, which shows whether this lease has waited for it.
                        return None
                    self._attempts = max(self._attempts, 1)
                    return state
                if failed and self._attempts:
                    return state
                self._start_supervisor(alive, 0 if state is None else state.mongod)
                return None
            finally:
                os.close(alive)
        finally:
            os.close(looking)

    def _start_supervisor(self, alive: int, orphan: int) -> None:
        from host.database.embedded.launch import launch
        from host.database.embedded.mongod import last_words

        if self._attempts == _MOST_ATTEMPTS:
            words = "; ".join(last_words(self._layout.supervisor_log))
            raise EmbeddedDatabaseError(
                f"the process that minds the embedded MongoDB ended {_MOST_ATTEMPTS} times: {words}",
                fix=f"see {self._layout.supervisor_log}",
            )
        self._attempts += 1
        self._layout.forget_state()
        self._child = launch(self._layout, self._binary, alive, orphan)

    def _reap(self) -> None:
        """Collect the exit code of the process between this one and the supervisor, which lives for an instant."""
        if self._child:
            try:
                done, _ = os.waitpid(self._child, os.WNOHANG)
            except ChildProcessError:
                # Somebody else in this process collects children, or this is a forked process.
                done = self._child
            if done:
                self._child = 0


def start(directory: Path, *, mongod: str = "") -> Lease:
    """Take a lease on the embedded MongoDB of a directory, and start it where it does not run. Does not wait for it.

    It waits only where the one of before is just ending, which takes it about a second.

    Args:
        directory: gets the subdirectory ``mongodb`` with the data, the logs and the locks; on a local disk. Created if
            missing.
        mongod: the binary; "" for the one on ``PATH`` or in the extra ``embedded``.

    Raises:
        EmbeddedDatabaseError: not on this platform, no binary, or the directory cannot be written.
    """
    if sys.platform == "win32":
        raise EmbeddedDatabaseError("the embedded MongoDB runs on Linux and macOS, not on Windows", fix=WAYS_OUT)
    from host.database.embedded.layout import Layout

    binary = find_mongod(mongod)
    layout = Layout(Path(directory).absolute() / "mongodb")
    try:
        layout.make()
        lease = Lease(layout, binary, _share(layout))
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"the embedded MongoDB cannot keep its files in {layout.home}: {error.strerror}",
            fix="make the directory writable for this user; or set database.url to another MongoDB",
        ) from error
    try:
        lease._look()  # noqa: SLF001 - this function is the lease's constructor
    except OSError as error:
        lease.release()
        raise EmbeddedDatabaseError(
            f"the process that minds the embedded MongoDB cannot be started: {error.strerror}", fix=WAYS_OUT
        ) from error
    except EmbeddedDatabaseError:
        lease.release()
        raise
    return lease


def _share(layout: Layout) -> int:
    """Take the shared lock of those who use the database; wait for a supervisor that is just ending."""
    from host.database.embedded.locks import open_lock, take

    users = open_lock(layout.users_lock)
    deadline = time.monotonic() + _ENDING_LIMIT
    while not take(users, shared=True):
        if time.monotonic() > deadline:
            os.close(users)
            raise TimeoutError(0, f"another process has locked {layout.users_lock} for {_ENDING_LIMIT:g} s")
        time.sleep(_POLL)
    return users

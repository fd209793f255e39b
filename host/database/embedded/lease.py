"""The embedded MongoDB as a host process uses it: by a lease.

Imports the standard library only, so that mongod is starting before Litestar, Beanie and pymongo are imported.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from host.common.errors import EmbeddedDatabaseError
from host.database.embedded.binary import ALTERNATIVES, find_mongod

if TYPE_CHECKING:
    from types import TracebackType

    from host.database.embedded.layout import Layout, State

_POLL: Final = 0.005
#: Seconds that a supervisor may take to shut down; longer than it gives mongod.
_SHUTDOWN_TIMEOUT: Final = 15.0
_MAX_ATTEMPTS: Final = 3


class Lease:
    """The right of this process to use the embedded MongoDB of one directory; returned by :func:`start`.

    While any process holds a lease, one ``mongod`` runs for the directory; all leases, of this and of other processes, share it. A
    few seconds after the last lease is released, or its process has ended (by ``kill -9`` too), mongod is stopped. The data
    stay.

    A lease belongs to the process that took it, so every worker process takes its own. (A process that was forked without exec
    shares the lease of its parent, which then lasts until both have ended.)

    mongod listens on the loopback interface only, on a free port, without a password. It is a replica set of one member, so
    transactions and change streams work. If mongod dies, it is restarted on the same port, and clients recover by themselves. If
    its supervisor dies too, the next :func:`start` or :meth:`wait` in any process starts both.

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
            timeout: how long to wait, in seconds.

        Returns:
            The URL of the database. With it, clients wait for a primary by themselves while mongod is restarted.

        Raises:
            EmbeddedDatabaseError: mongod cannot be started (with the reason from its log) or takes too long, the lease was
                released, or the directory was deleted.
        """
        deadline = time.monotonic() + timeout
        while (url := self._url(deadline, timeout)) is None:
            time.sleep(_POLL)
        return url

    async def wait_async(self, timeout: float = 30.0) -> str:  # noqa: ASYNC109 - as wait()
        """Like :meth:`wait`, for an event loop."""
        import asyncio

        deadline = time.monotonic() + timeout
        while (url := self._url(deadline, timeout)) is None:  # noqa: ASYNC110 - another process publishes the state
            await asyncio.sleep(_POLL)
        return url

    def release(self) -> None:
        """Release the lease. Further calls have no effect."""
        users, self._users = self._users, None
        if users is not None:
            self._reap()
            # Closed, not unlocked: so a forked process that has the file open too keeps the lock.
            os.close(users)

    def _url(self, deadline: float, timeout: float) -> str | None:
        from host.database.embedded.mongod import REPLICA_SET, last_words
        from host.database.embedded.ports import LOOPBACK

        state = self._check_supervisor()
        if state is not None and state.status == "failed":
            raise EmbeddedDatabaseError(f"the embedded MongoDB cannot run: {state.message}", fix=self._fix)
        if state is not None and state.status == "ready":
            self._attempts = 0
            return f"mongodb://{LOOPBACK}:{state.port}/?replicaSet={REPLICA_SET}"
        if time.monotonic() > deadline:
            words = "; ".join(last_words(self._layout.log, state.log_start) if state else ()) or "its log is empty"
            raise EmbeddedDatabaseError(f"the embedded MongoDB is not ready after {timeout:g} s: {words}", fix=self._fix)
        return None

    @property
    def _fix(self) -> str:
        return f"see {self._layout.log} and fix the cause; or set database.url to another MongoDB"

    def _check_supervisor(self) -> State | None:
        """Return the state of the supervisor; start one if none lives.

        ``start.lock`` makes sure that of two hosts that start at the same time only one starts a supervisor, and that the state was
        not published by a supervisor that is dead.
        """
        from host.database.embedded.locks import is_in_place, open_lock, try_lock

        if self._users is None:
            raise EmbeddedDatabaseError("the lease on the embedded MongoDB was released", fix="take a new lease with start()")
        if not is_in_place(self._users, self._layout.users_lock):
            raise EmbeddedDatabaseError(
                f"{self._layout.home} was deleted or moved while it was used", fix="restart the host; the deleted data are lost"
            )
        self._reap()
        starting = open_lock(self._layout.start_lock)
        try:
            if not try_lock(starting):
                return None
            alive = open_lock(self._layout.supervisor_lock)
            try:
                state = self._layout.read_state()
                failed = state is not None and state.status == "failed"
                if not try_lock(alive):
                    if failed:
                        # It is about to end. The next call sees whether this lease had anything to do with the failure.
                        return None
                    self._attempts = max(self._attempts, 1)
                    return state
                if failed and self._attempts:
                    # A failure of a supervisor that this lease has started or used; an older failure is no reason not to try.
                    return state
                self._start_supervisor(alive, 0 if state is None else state.mongod)
                return None
            finally:
                os.close(alive)
        finally:
            os.close(starting)

    def _start_supervisor(self, alive: int, orphan: int) -> None:
        from host.database.embedded.launch_supervisor import launch
        from host.database.embedded.mongod import last_words

        if self._attempts == _MAX_ATTEMPTS:
            words = "; ".join(last_words(self._layout.supervisor_log))
            raise EmbeddedDatabaseError(
                f"the supervisor of the embedded MongoDB ended {_MAX_ATTEMPTS} times: {words}",
                fix=f"see {self._layout.supervisor_log}",
            )
        self._attempts += 1
        self._layout.forget_state()
        self._child = launch(self._layout, self._binary, alive, orphan)

    def _reap(self) -> None:
        """Collect the exit code of the short-lived process that started the supervisor, so that it does not stay a zombie."""
        if self._child:
            try:
                done, _ = os.waitpid(self._child, os.WNOHANG)
            except ChildProcessError:
                # Other code in this process collects all children, or this is a forked process.
                done = self._child
            if done:
                self._child = 0


def start(directory: Path, *, mongod: str = "") -> Lease:
    """Take a lease on the embedded MongoDB of a directory, and start it if it does not run, without waiting until it is ready.

    This waits only while a previous supervisor is shutting down, which takes about a second.

    Args:
        directory: contains the subdirectory ``mongodb`` with the data, the logs and the locks; must be on a local disk. Created
            if missing.
        mongod: the binary; "" for the one on ``PATH`` or in the extra ``embedded``.

    Raises:
        EmbeddedDatabaseError: the platform is not supported, there is no binary, or the directory is not writable.
    """
    if sys.platform == "win32":
        raise EmbeddedDatabaseError("the embedded MongoDB runs on Linux and macOS, not on Windows", fix=ALTERNATIVES)
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
        lease._check_supervisor()  # noqa: SLF001 - this function is the lease's constructor
    except OSError as error:
        lease.release()
        raise EmbeddedDatabaseError(
            f"the supervisor of the embedded MongoDB cannot be started: {error.strerror}", fix=ALTERNATIVES
        ) from error
    except EmbeddedDatabaseError:
        lease.release()
        raise
    return lease


def _share(layout: Layout) -> int:
    """Acquire the shared lock of the processes that use the database; wait while a supervisor is shutting down."""
    from host.database.embedded.locks import open_lock, try_lock

    users = open_lock(layout.users_lock)
    deadline = time.monotonic() + _SHUTDOWN_TIMEOUT
    while not try_lock(users, shared=True):
        if time.monotonic() > deadline:
            os.close(users)
            raise TimeoutError(0, f"another process has locked {layout.users_lock} for {_SHUTDOWN_TIMEOUT:g} s")
        time.sleep(_POLL)
    return users

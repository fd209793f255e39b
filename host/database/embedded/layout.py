"""The files of one embedded MongoDB, among them the state that its supervisor publishes.

All are in ``<directory>/mongodb``::

    data/             the database files
    mongod.log        the log of mongod; mongod.log.1 is the previous part
    supervisor.log    the log of the supervisor since its last start
    port              the port of the last run
    state.json        a State, while a supervisor runs or after it has given up
    users.lock        flock: held shared by every host process, exclusively by a supervisor that is shutting down
    start.lock        flock: held by a host process while it checks whether a supervisor runs
    supervisor.lock   flock: held by the supervisor as long as it lives
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Literal, get_args

Status = Literal["starting", "ready", "failed"]

STATUSES: Final[tuple[str, ...]] = get_args(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state that a supervisor publishes.

    Args:
        status: ``starting``, ``ready`` (a writable primary answers on the port), or ``failed`` (the supervisor has given up).
        supervisor: the process id of the supervisor.
        mongod: the process id of its mongod; 0 for none.
        port: the port of mongod.
        log_start: the size of the log when that mongod was started, in bytes.
        message: why it has failed.

    Raises:
        ValueError: the status is not one of these.
        TypeError: a number is not a number.
    """

    status: Status
    supervisor: int
    mongod: int = 0
    port: int = 0
    log_start: int = 0
    message: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"{self.status!r} is not one of {', '.join(STATUSES)}")
        if not all(isinstance(number, int) for number in (self.supervisor, self.mongod, self.port, self.log_start)):
            raise TypeError("process ids, the port and the size of the log are numbers")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one embedded MongoDB.

    Args:
        home: ``<directory>/mongodb``, absolute.
    """

    home: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "mongod.log"

    @property
    def supervisor_log(self) -> Path:
        return self.home / "supervisor.log"

    @property
    def users_lock(self) -> Path:
        return self.home / "users.lock"

    @property
    def start_lock(self) -> Path:
        return self.home / "start.lock"

    @property
    def supervisor_lock(self) -> Path:
        return self.home / "supervisor.lock"

    def make(self) -> None:
        """Create the directories, accessible to this user only: the database has no password.

        Raises:
            OSError: they cannot be created or are not writable.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        if not os.access(self.data, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(13, "not writable", str(self.data))

    def read_state(self) -> State | None:
        """Return the state that the last supervisor published, or ``None`` if there is none or it is damaged."""
        try:
            published = json.loads((self.home / "state.json").read_bytes())
            return State(**{field.name: published[field.name] for field in fields(State)})
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def write_state(self, state: State) -> None:
        """Publish a state, in one atomic step."""
        self._write("state.json", json.dumps(asdict(state)))

    def forget_state(self) -> None:
        """Remove the published state."""
        (self.home / "state.json").unlink(missing_ok=True)

    @property
    def last_port(self) -> int:
        """The port of the last run; 0 before the first."""
        try:
            return int((self.home / "port").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    @property
    def clean(self) -> bool:
        """Whether mongod shut down cleanly in the last run; then its lock file is empty."""
        try:
            return (self.data / "mongod.lock").stat().st_size == 0
        except FileNotFoundError:
            return False

    def remember_port(self, port: int) -> None:
        """Store the port for the next run: the replica set identifies its member by it."""
        self._write("port", f"{port}\n")

    def _write(self, name: str, text: str) -> None:
        # Renaming is atomic: a reader never sees half a file.
        draft = self.home / f"{name}.{os.getpid()}"
        draft.write_text(text)
        draft.replace(self.home / name)

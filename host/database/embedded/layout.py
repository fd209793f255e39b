"""The files of one embedded MongoDB, and what its supervisor says in one of them.

Everything stands in ``<directory>/mongodb``::

    data/             the database files
    mongod.log        the log of mongod, and mongod.log.1, the part before it
    supervisor.log    what the supervisor did since its last start
    port              the port of last time
    state.json        a State, there while a supervisor runs, or after it has given up
    users.lock        flock: shared by every host process, exclusive by a supervisor that ends
    start.lock        flock: by a host process that looks whether a supervisor runs
    supervisor.lock   flock: by the supervisor as long as it lives
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
    """What a supervisor says about itself.

    Args:
        status: ``starting``, ``ready`` (a writable primary answers on the port), or ``failed`` (it has given up).
        supervisor: its process id.
        mongod: the process id of its mongod, 0 where there is none.
        port: of mongod.
        log_start: how long the log was when that mongod was started, in bytes.
        message: why it has failed.

    Raises:
        ValueError: the status is none of these.
        TypeError: one of the numbers is none.
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
            raise TypeError("process ids, the port and the length of the log are numbers")


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
        """Create the directories, for this user only, since the database asks for no password.

        Raises:
            OSError: they cannot be created or written.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        if not os.access(self.data, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(13, "not writable", str(self.data))

    def read_state(self) -> State | None:
        """What the last supervisor said; ``None`` where it said nothing, or nothing that can be read."""
        try:
            said = json.loads((self.home / "state.json").read_bytes())
            return State(**{field.name: said[field.name] for field in fields(State)})
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def write_state(self, state: State) -> None:
        """Replace what was said before, in one step."""
        self._write("state.json", json.dumps(asdict(state)))

    def forget_state(self) -> None:
        """Say nothing."""
        (self.home / "state.json").unlink(missing_ok=True)

    @property
    def last_port(self) -> int:
        """The port of last time, 0 before the first."""
        try:
            return int((self.home / "port").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    @property
    def clean(self) -> bool:
        """Whether mongod ended in order last time; then it has emptied its lock file."""
        try:
            return (self.data / "mongod.lock").stat().st_size == 0
        except FileNotFoundError:
            return False

    def remember_port(self, port: int) -> None:
        """Keep the port for the next start: a replica set knows its member by it."""
        self._write("port", f"{port}\n")

    def _write(self, name: str, text: str) -> None:
        draft = self.home / f"{name}.{os.getpid()}"
        draft.write_text(text)
        draft.replace(self.home / name)

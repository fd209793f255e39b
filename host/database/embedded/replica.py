"""Makes a ``mongod`` that was just started the writable primary of its replica set of one (transactions need a replica set)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from host.database.embedded.mongod import REPLICA_SET
from host.database.embedded.ports import LOOPBACK, listens
from host.database.embedded.wire import Wire, WireError

if TYPE_CHECKING:
    from collections.abc import Callable

_POLL: Final = 0.005
#: NotYetInitialized, see https://www.mongodb.com/docs/manual/reference/error-codes/
_NO_CONFIG: Final = 94


def await_primary(port: int, check: Callable[[], None]) -> None:
    """Wait until the server accepts writes; found the replica set, or tell it its new port, where that is needed.

    Args:
        port: on which it will listen.
        check: called every few milliseconds; what it raises ends the waiting.
    """
    while not _primary(port, check):
        check()
        time.sleep(_POLL)


def move_member(port: int, check: Callable[[], None]) -> None:
    """Write the new port into the replica set's configuration, with a mongod that runs alone on that port.

    A mongod that finds another port than its own in there asks that port, before all else, whether it is itself, and waits up
    to 30 s where a program listens that does not answer. This way it never asks. It is the procedure of
    https://www.mongodb.com/docs/manual/tutorial/change-hostnames-in-a-replica-set/

    Args:
        port: on which it will listen.
        check: called every few milliseconds; what it raises ends the waiting.
    """
    while not listens(port):
        check()
        time.sleep(_POLL)
    change = {"$set": {"members.0.host": f"{LOOPBACK}:{port}"}, "$inc": {"version": 1}}
    update = {"update": "system.replset", "updates": [{"q": {"_id": REPLICA_SET}, "u": change}], "writeConcern": {"j": True}}
    try:
        with Wire(port) as wire:
            wire.run("local", update)
    except (OSError, WireError):
        # It went away, or the port is another program's: ``check`` finds out, now or later.
        check()


def _primary(port: int, check: Callable[[], None]) -> bool:
    if not listens(port):
        return False
    try:
        with Wire(port) as wire:
            while not _settled(wire, port):
                check()
                time.sleep(_POLL)
    except (OSError, WireError):
        # mongod went away, or the port is another program's: ``check`` finds out.
        return False
    return True


def _settled(wire: Wire, port: int) -> bool:
    if wire.admin("hello").get("isWritablePrimary"):
        return True
    member = f"{LOOPBACK}:{port}"
    answer = wire.admin("replSetGetConfig")
    if not answer["ok"]:
        if answer.get("code") == _NO_CONFIG:
            # Where the server is still reading its configuration this is refused, and nothing is lost.
            wire.admin("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]})
        return False
    config = answer["config"]
    if config["members"][0]["host"] != member:
        config["version"] += 1
        config["members"][0]["host"] = member
        # Forced, since a member that does not find itself in the configuration cannot be primary.
        wire.admin("replSetReconfig", config, force=True)
    return False

"""Makes a newly started ``mongod`` the writable primary of its replica set of one member: transactions need a replica set."""

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
_NOT_YET_INITIALIZED: Final = 94


def await_primary(port: int, check: Callable[[], None]) -> None:
    """Wait until the server accepts writes; initiate the replica set or update its port if necessary.

    Args:
        port: the port of mongod.
        check: called every few milliseconds; its exceptions end the waiting.
    """
    while not _primary(port, check):
        check()
        time.sleep(_POLL)


def move_member(port: int, check: Callable[[], None]) -> None:
    """Write the new port to the replica set's configuration, using a mongod that runs standalone on that port.

    A mongod whose configuration names another port than its own first asks that port whether it is the member itself. If another
    program listens there and does not answer, that takes up to 30 s. With the configuration updated beforehand, it does not ask.
    The procedure is that of https://www.mongodb.com/docs/manual/tutorial/change-hostnames-in-a-replica-set/

    Args:
        port: the port of mongod.
        check: called every few milliseconds; its exceptions end the waiting.
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
        # mongod has ended, or another program has the port: ``check`` notices, now or later.
        check()


def _primary(port: int, check: Callable[[], None]) -> bool:
    if not listens(port):
        return False
    try:
        with Wire(port) as wire:
            while not _is_primary(wire, port):
                check()
                time.sleep(_POLL)
    except (OSError, WireError):
        # mongod has ended, or another program has the port: ``check`` notices.
        return False
    return True


def _is_primary(wire: Wire, port: int) -> bool:
    if wire.admin("hello").get("isWritablePrimary"):
        return True
    member = f"{LOOPBACK}:{port}"
    answer = wire.admin("replSetGetConfig")
    if not answer["ok"]:
        if answer.get("code") == _NOT_YET_INITIALIZED:
            # While the server is still reading its configuration, it refuses this, which does no harm.
            wire.admin("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]})
        return False
    config = answer["config"]
    if config["members"][0]["host"] != member:
        config["version"] += 1
        config["members"][0]["host"] = member
        # Forced: only a primary accepts a normal one, and a member that is not in the configuration cannot become primary.
        wire.admin("replSetReconfig", config, force=True)
    return False

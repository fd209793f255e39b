"""Which transaction an operation of the database belongs to: that of the task by which it is made, on the same client.

The session is implicit: a task that is started within the transaction inherits its context. Such a task must not use the
session, as MongoDB takes the operations of a transaction one after the other, and neither must another host's client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession

from host.common.compat.pymongo import SessionClient
from host.common.errors import StateError


@dataclass(eq=False, slots=True)
class Binding:
    """One attempt at a transaction.

    Args:
        client: on which it runs.
        session: in which it runs.
        task: whose operations belong to it.
        outer: the transaction of another client around it.
        later: what is to be done once it is committed.
        open: whether it is neither committed nor undone.
    """

    client: AsyncMongoClient[dict[str, Any]]
    session: AsyncClientSession
    task: asyncio.Task[Any] | None
    outer: Binding | None
    later: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    open: bool = True

    def check_task(self) -> None:
        """See that an operation comes from the task that began the transaction: MongoDB takes them one after the other.

        Raises:
            StateError: it comes from a task that was started within.
        """
        if asyncio.current_task() is not self.task:
            message = "a task that was started within a transaction reads or writes while the transaction is open"
            fix = (
                "await one call after the other within a transaction, without create_task, gather or wait_for "
                "(asyncio.timeout sets a limit); start what is to run beside it before or after"
            )
            raise StateError(message, fix=fix)


#: The innermost transaction of this task and of those that it starts.
INNERMOST: Final[ContextVar[Binding | None]] = ContextVar("host_transaction", default=None)


def binding_of(client: AsyncMongoClient[dict[str, Any]] | None) -> Binding | None:
    """The transaction of a client in which this task was started or is, open or not."""
    found = INNERMOST.get()
    while found is not None and found.client is not client:
        found = found.outer
    return found


class Client(SessionClient):
    """A client that takes part in the transactions of its own host, and in no other's."""

    def session_of_task(self) -> AsyncClientSession | None:
        """Return the session of the transaction in which this task uses the database.

        Returns:
            ``None`` outside of a transaction, also for a task that outlives the transaction in which it was started.

        Raises:
            StateError: the task was started within a transaction that is still open.
        """
        found = binding_of(self)
        if found is None or not found.open:
            return None
        found.check_task()
        return found.session

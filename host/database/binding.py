"""Which transaction an operation of the database belongs to: that of the task by which it is made, on the same client.

pymongo's own ``session.bind()`` makes the session implicit, and a task that is started within inherits it. So here is also
what that task is told, and what another host's client does within this one's transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import InvalidOperation

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


class Client(AsyncMongoClient[dict[str, Any]]):
    """A client that takes part in the transactions of its own host, and in no other's."""

    def _get_bound_session(self) -> AsyncClientSession | None:
        """What pymongo asks for each operation that was given no session.

        Raises:
            StateError: the task was started within a transaction that is still open.
        """
        found = binding_of(self)
        if found is not None:
            if not found.open:
                return None  # the task outlives the transaction in which it was started
            found.check_task()
            return found.session
        try:
            return super()._get_bound_session()
        except InvalidOperation:
            return None  # the session around is that of another client

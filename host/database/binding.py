"""Binds database operations to transactions: an operation belongs to the transaction of its own task, on the same client.

The session is implicit, in a context variable, and a task that is started within a transaction inherits the context. That task must
not use the session, as MongoDB executes the operations of a transaction one after the other. Neither must another host's client.
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
    """One attempt to run a transaction.

    Args:
        client: the client on which it runs.
        session: its session.
        task: the task that began it; only operations of this task belong to it.
        outer: the transaction of another client within which it runs.
        after_commit: what to call once it is committed.
        open: whether it is neither committed nor rolled back yet.
    """

    client: AsyncMongoClient[dict[str, Any]]
    session: AsyncClientSession
    task: asyncio.Task[Any] | None
    outer: Binding | None
    after_commit: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    open: bool = True

    def check_task(self) -> None:
        """Check that the current task is the one that began the transaction.

        Raises:
            StateError: the current task was started within the transaction.
        """
        if asyncio.current_task() is not self.task:
            message = "a task that was started within a transaction used the database while the transaction was open"
            fix = (
                "await one operation after the other within a transaction, without create_task, gather or wait_for "
                "(asyncio.timeout limits the time); start concurrent tasks before or after the transaction"
            )
            raise StateError(message, fix=fix)


#: The innermost transaction of the current task, which tasks that it starts inherit.
INNERMOST: Final[ContextVar[Binding | None]] = ContextVar("host_transaction", default=None)


def binding_of(client: AsyncMongoClient[dict[str, Any]] | None) -> Binding | None:
    """Return the transaction of a client within which the current task runs or was started, open or not."""
    binding = INNERMOST.get()
    while binding is not None and binding.client is not client:
        binding = binding.outer
    return binding


class Client(SessionClient):
    """A client whose operations join the transactions of its own host, and of no other."""

    def session_of_task(self) -> AsyncClientSession | None:
        """Return the session of the transaction to which operations of the current task belong.

        Returns:
            ``None`` outside a transaction, also for a task that outlives the transaction within which it was started.

        Raises:
            StateError: the current task was started within a transaction that is still open.
        """
        binding = binding_of(self)
        if binding is None or not binding.open:
            return None
        binding.check_task()
        return binding.session

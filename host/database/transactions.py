"""Transactions that span the models of several plugins: who is called within one takes part, without a session to pass on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Final, ParamSpec, TypeVar

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession

from host.errors import StateError

P = ParamSpec("P")
T = TypeVar("T")

#: What is to be done once the transaction of this task is committed, ``None`` outside of one.
_COMMITTED: Final[ContextVar[list[Callable[[], Awaitable[None]]] | None]] = ContextVar("host_committed", default=None)


class Transactions:
    """Runs functions in transactions of one database. One a host."""

    def __init__(self) -> None:
        self._client: AsyncMongoClient[dict[str, Any]] | None = None

    def use(self, client: AsyncMongoClient[dict[str, Any]] | None) -> None:
        """Set the client, or forget it."""
        self._client = client

    async def run(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a transaction; within one, it takes part in that.

        Where another transaction was faster, everything is undone and the function is called again.

        Args:
            function: an ``async def``.
            args: its arguments.
            kwargs: its arguments by name.

        Raises:
            StateError: the database is not open.
        """
        if _COMMITTED.get() is not None:
            return await function(*args, **kwargs)
        if self._client is None:
            raise StateError("there is no open database to run a transaction in", fix="wait for on_startup; declare a model")
        later: list[Callable[[], Awaitable[None]]] = []

        async def attempt(_session: AsyncClientSession) -> T:
            later.clear()
            token = _COMMITTED.set(later)
            try:
                return await function(*args, **kwargs)
            finally:
                _COMMITTED.reset(token)

        async with self._client.start_session() as session, session.bind(end_session=False):
            result = await session.with_transaction(attempt)
        for call in later:
            await call()
        return result

    async def after_commit(self, call: Callable[[], Awaitable[None]]) -> None:
        """Do something when the transaction of this task is committed; at once outside of one, never where it is undone."""
        later = _COMMITTED.get()
        if later is None:
            await call()
        else:
            later.append(call)

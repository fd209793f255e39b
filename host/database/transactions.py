"""Transactions across the models of several plugins: functions called within one take part without passing a session on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Generic, ParamSpec, TypeVar

from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from host.common.errors import DatabaseError, StateError
from host.database.binding import INNERMOST, Binding, binding_of

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds after which a transaction that keeps conflicting with others is not retried.
RETRY_LIMIT: Final = 30.0

#: All reads see the data as of the begin of the transaction.
_READ_CONCERN: Final = ReadConcern("snapshot")
#: Committed means that most members have written it to disk.
_WRITE_CONCERN: Final = WriteConcern("majority")

#: IllegalOperation and NoSuchTransaction, see https://www.mongodb.com/docs/manual/reference/error-codes/
_ILLEGAL_OPERATION: Final = 20
_NO_SUCH_TRANSACTION: Final = 251

#: How often the server may end a transaction by itself, e.g. because another member became the primary, before that is an error.
_MAX_ENDED_BY_SERVER: Final = 3

_LOG: Final = logging.getLogger("host")


class Transactions:
    """Runs functions in transactions of one database. There is one per host."""

    def __init__(self) -> None:
        self._client: AsyncMongoClient[dict[str, Any]] | None = None

    def use(self, client: AsyncMongoClient[dict[str, Any]] | None) -> None:
        """Set the client; ``None`` when the database is closed."""
        self._client = client

    async def run(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a transaction; within a transaction, call it as part of that one.

        On a conflict with another transaction, everything is rolled back and the function is called again. An exception of the
        function also rolls everything back and is raised unchanged; so is a cancellation.

        Args:
            function: an ``async def``.
            args: its positional arguments.
            kwargs: its keyword arguments.

        Raises:
            StateError: the database is not open, or the function caught a database error, or a task that it started used the
                database.
            DatabaseError: the server does not support transactions, or the transaction conflicted with others for too long.
        """
        enclosing = binding_of(self._client)
        if enclosing is not None and enclosing.open:
            enclosing.check_task()
            return await function(*args, **kwargs)
        if self._client is None:
            raise StateError("no database is open to run a transaction in", fix="wait for on_startup, and register a model")

        async def call() -> T:
            return await function(*args, **kwargs)

        attempts = _Attempts(self._client, call)
        result = await attempts.run()
        await _uncancelled(attempts.call_after_commit())
        return result

    async def after_commit(self, call: Callable[[], Awaitable[None]]) -> None:
        """Call a function once the current transaction is committed, and not at all if it is rolled back.

        Outside a transaction, call it at once.
        """
        enclosing = binding_of(self._client)
        if enclosing is not None and enclosing.open:
            enclosing.after_commit.append(call)
        else:
            await call()


class _Attempts(Generic[T]):
    """One transaction, attempted until it is committed or fails.

    Args:
        client: the client of the database.
        call: the function to run in it.
    """

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], call: Callable[[], Awaitable[T]]) -> None:
        self._client = client
        self._call = call
        self._began = time.monotonic()
        self._ended_by_server = 0
        self._returned = False
        self._last_error: OperationFailure | None = None
        self._binding: Binding | None = None

    async def run(self) -> T:
        """Run the transaction until it is committed or fails."""
        session = self._client.start_session()
        try:
            return await session.with_transaction(self._attempt, _READ_CONCERN, _WRITE_CONCERN)
        except OperationFailure as error:
            if error.code == _ILLEGAL_OPERATION:
                raise DatabaseError(
                    "this MongoDB does not support transactions: it is neither a replica set nor a sharded cluster",
                    fix='make it a replica set (one member is enough), or set database.url to "" for the embedded MongoDB',
                ) from error
            raise
        finally:
            self._close()
            await _uncancelled(session.end_session())

    async def call_after_commit(self) -> None:
        """Call what was registered for after the commit; failures are logged only, since the commit stands."""
        for call in self._binding.after_commit if self._binding is not None else ():
            try:
                await call()
            except Exception:  # noqa: BLE001 - it is logged; raised, it would make the commit look rolled back
                _LOG.exception("a transaction was committed, but a call registered for after the commit failed")

    async def _attempt(self, session: AsyncClientSession) -> T:
        self._close()
        # with_transaction calls again: if the function had returned, the server ended the transaction during the commit.
        self._check_ended(ended=self._returned)
        self._returned = False
        if time.monotonic() - self._began > RETRY_LIMIT:
            message = f"a transaction was not committed within {RETRY_LIMIT:g} s: each attempt conflicted with another one"
            raise DatabaseError(
                message, fix="let fewer transactions write the same document, or make them shorter"
            ) from self._last_error
        self._binding = Binding(self._client, session, asyncio.current_task(), INNERMOST.get())
        token = INNERMOST.set(self._binding)
        try:
            result = await self._call()
        except OperationFailure as error:
            self._last_error = error
            self._check_ended(ended=error.code == _NO_SUCH_TRANSACTION)
            raise
        except asyncio.CancelledError:
            self._close()
            await _uncancelled(session.abort_transaction())
            raise
        finally:
            INNERMOST.reset(token)
        self._returned = True
        return result

    def _check_ended(self, *, ended: bool) -> None:
        """Count the times that the server ended the transaction, and raise when there were too many.

        A database error ends the transaction. If the function catches it and goes on, every attempt ends like that, and
        retrying would not help.

        Raises:
            StateError: the server has ended the transaction too often.
        """
        self._ended_by_server += ended
        if self._ended_by_server >= _MAX_ENDED_BY_SERVER:
            message = "a transaction went on after a database error, which had ended it"
            fix = "do not catch database errors within the function; catch them around the transaction"
            raise StateError(message, fix=fix) from self._last_error

    def _close(self) -> None:
        if self._binding is not None:
            self._binding.open = False


async def _uncancelled(work: Coroutine[Any, Any, None]) -> None:
    """Await a coroutine that runs to its end even if the caller is cancelled."""
    await asyncio.shield(asyncio.ensure_future(work))

"""Transactions that span the models of several plugins: who is called within one takes part, without a session to pass on."""

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

#: Seconds after which a function is not called again.
LIMIT: Final = 30.0

#: All reads see one moment.
_READING: Final = ReadConcern("snapshot")
#: What was committed is on the disks of most members.
_WRITING: Final = WriteConcern("majority")

#: IllegalOperation and NoSuchTransaction, see https://www.mongodb.com/docs/manual/reference/error-codes/
_ILLEGAL: Final = 20
_ABORTED: Final = 251

#: How often the server may have ended a transaction by itself, e.g. when another member became the primary.
_ENDED: Final = 3

_LOG: Final = logging.getLogger("host")


class Transactions:
    """Runs functions in transactions of one database. One a host."""

    def __init__(self) -> None:
        self._client: AsyncMongoClient[dict[str, Any]] | None = None

    def use(self, client: AsyncMongoClient[dict[str, Any]] | None) -> None:
        """Set the client, or forget it."""
        self._client = client

    async def run(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a transaction; within one, it takes part in that.

        Where another transaction was faster, everything is undone and the function is called again. What it raises undoes
        everything too, and comes out unchanged; so does a cancellation.

        Args:
            function: an ``async def``.
            args: its arguments.
            kwargs: its arguments by name.

        Raises:
            StateError: the database is not open; or an error of the database was caught within; or a task that was started
                within has used the database.
            DatabaseError: the server knows no transactions, or others were always faster.
        """
        around = binding_of(self._client)
        if around is not None and around.open:
            around.check_task()
            return await function(*args, **kwargs)
        if self._client is None:
            raise StateError("there is no open database to run a transaction in", fix="wait for on_startup; declare a model")

        async def call() -> T:
            return await function(*args, **kwargs)

        attempts = _Attempts(self._client, call)
        result = await attempts.run()
        await _unhindered(attempts.announce())
        return result

    async def after_commit(self, call: Callable[[], Awaitable[None]]) -> None:
        """Do something when the transaction of this task is committed; at once outside of one, never where it is undone."""
        around = binding_of(self._client)
        if around is not None and around.open:
            around.later.append(call)
        else:
            await call()


class _Attempts(Generic[T]):
    """One transaction, as often as it takes.

    Args:
        client: of the database.
        call: what is done in it.
    """

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], call: Callable[[], Awaitable[T]]) -> None:
        self._client = client
        self._call = call
        self._began = time.monotonic()
        self._ended = 0
        self._returned = False
        self._last: OperationFailure | None = None
        self._binding: Binding | None = None

    async def run(self) -> T:
        """Do it until it is committed or fails."""
        session = self._client.start_session()
        try:
            return await session.with_transaction(self._attempt, _READING, _WRITING)
        except OperationFailure as error:
            if error.code == _ILLEGAL:
                raise DatabaseError(
                    "this MongoDB knows no transactions: it is neither a replica set nor a sharded cluster",
                    fix='make it a replica set (one member is enough), or leave database.url "" for the embedded MongoDB',
                ) from error
            raise
        finally:
            self._close()
            await _unhindered(session.end_session())

    async def announce(self) -> None:
        """Do what was to be done after the commit; what fails of it is logged, as the rest is written already."""
        for call in self._binding.later if self._binding is not None else ():
            try:
                await call()
            except Exception:  # noqa: BLE001 - it is logged, and must not make the commit look undone
                _LOG.exception("a transaction was committed, and what was to follow it failed")

    async def _attempt(self, session: AsyncClientSession) -> T:
        self._close()
        self._check_caught(ended=self._returned)  # then it was the commit that failed
        self._returned = False
        if time.monotonic() - self._began > LIMIT:
            message = f"a transaction was not committed within {LIMIT:g} s: others were always faster"
            raise DatabaseError(message, fix="have fewer writers of one document, or shorter transactions") from self._last
        self._binding = Binding(self._client, session, asyncio.current_task(), INNERMOST.get())
        token = INNERMOST.set(self._binding)
        try:
            result = await self._call()
        except OperationFailure as error:
            self._last = error
            self._check_caught(ended=error.code == _ABORTED)
            raise
        except asyncio.CancelledError:
            self._close()
            await _unhindered(session.abort_transaction())
            raise
        finally:
            INNERMOST.reset(token)
        self._returned = True
        return result

    def _check_caught(self, *, ended: bool) -> None:
        """Tell who catches errors of the database: after one the transaction is over, and to try again would not help."""
        self._ended += ended
        if self._ended >= _ENDED:
            message = "a transaction went on after an error of the database, which had ended it"
            fix = "let such errors out of the function, and catch them around the transaction"
            raise StateError(message, fix=fix) from self._last

    def _close(self) -> None:
        if self._binding is not None:
            self._binding.open = False


async def _unhindered(work: Coroutine[Any, Any, None]) -> None:
    """Await something that goes on to its end also where the one who waits is cancelled."""
    await asyncio.shield(asyncio.ensure_future(work))

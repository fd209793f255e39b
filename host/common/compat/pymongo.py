"""A MongoDB client that decides itself which session an operation without one belongs to.

pymongo asks ``AsyncMongoClient._get_bound_session`` for each such operation since version 4.17; that name is undocumented. Where
it is missing, all documented methods that take a ``session`` are overridden instead, on the client and on the databases and
collections that it gives. A cursor then belongs to the transaction in which it was created, not to the one in which it is read.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from host.common.compat.probe import probe

BOUND_SESSION: Final = probe(
    "pymongo",
    "operations get the session of their transaction by overridden methods, which is a little slower",
    "pymongo:AsyncMongoClient._get_bound_session",
)
FEATURES: Final = (BOUND_SESSION,)

#: Methods that pass on all their keyword arguments, the session among them.
_PASSING_ON: Final = frozenset({"find", "find_one", "find_raw_batches"})


class SessionClient(AsyncMongoClient[dict[str, Any]]):
    """A client whose subclasses decide which session an operation belongs to that was given none; here it is no session."""

    def session_of_task(self) -> AsyncClientSession | None:
        """Return the session, ``None`` for no transaction; called by the task that uses the client."""
        return None

    if BOUND_SESSION.works:

        def _get_bound_session(self) -> AsyncClientSession | None:
            return self.session_of_task() or self._own_bound_session()

        def _own_bound_session(self) -> AsyncClientSession | None:
            """Return the session that a plugin has bound itself; pymongo refuses one of another client."""
            from pymongo.errors import InvalidOperation

            try:
                return super()._get_bound_session()
            except InvalidOperation:
                return None

    else:

        def __getitem__(self, name: str) -> AsyncDatabase[dict[str, Any]]:
            return _Database(self, name)

        def get_database(self, name: str | None = None, *arguments: Any, **options: Any) -> AsyncDatabase[dict[str, Any]]:
            """Return a database whose operations ask for their session."""
            return _rewrapped_database(super().get_database(name, *arguments, **options))

        def get_default_database(self, *arguments: Any, **options: Any) -> AsyncDatabase[dict[str, Any]]:
            """Return the database that the URL names, whose operations ask for their session."""
            return _rewrapped_database(super().get_default_database(*arguments, **options))


class _Database(AsyncDatabase[dict[str, Any]]):
    def __getitem__(self, name: str) -> AsyncCollection[dict[str, Any]]:
        return _Collection(self, name)

    def get_collection(self, name: str, *arguments: Any, **options: Any) -> AsyncCollection[dict[str, Any]]:
        return _rewrapped_collection(super().get_collection(name, *arguments, **options))

    async def create_collection(self, name: str, *arguments: Any, **options: Any) -> AsyncCollection[dict[str, Any]]:
        return _rewrapped_collection(await super().create_collection(name, *arguments, **options))

    def with_options(self, *arguments: Any, **options: Any) -> Any:
        return _rewrapped_database(super().with_options(*arguments, **options))


class _Collection(AsyncCollection[dict[str, Any]]):
    def __getattr__(self, name: str) -> AsyncCollection[dict[str, Any]]:
        return _rewrapped_collection(super().__getattr__(name))

    def __getitem__(self, name: str) -> AsyncCollection[dict[str, Any]]:
        return _rewrapped_collection(super().__getitem__(name))

    def with_options(self, *arguments: Any, **options: Any) -> Any:
        return _rewrapped_collection(super().with_options(*arguments, **options))


def _options_of(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in ("codec_options", "read_preference", "write_concern", "read_concern")}


def _rewrapped_database(database: AsyncDatabase[dict[str, Any]]) -> AsyncDatabase[dict[str, Any]]:
    return _Database(database.client, database.name, **_options_of(database))


def _rewrapped_collection(collection: AsyncCollection[dict[str, Any]]) -> AsyncCollection[dict[str, Any]]:
    return _Collection(collection.database, collection.name, **_options_of(collection))


def _with_session(method: Callable[..., Any], position: int, client_of: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a method that gets the session of the task where its caller gave none.

    Args:
        method: of pymongo.
        position: of its argument ``session``, if it may be given by position; else beyond all of them.
        client_of: returns the client of the object.
    """

    @functools.wraps(method)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        given = arguments[position] if position < len(arguments) else options.get("session")
        client = client_of(self) if given is None else None
        if isinstance(client, SessionClient) and (session := client.session_of_task()) is not None:
            if position < len(arguments):
                arguments = (*arguments[:position], session, *arguments[position + 1 :])
            else:
                options["session"] = session
        return method(self, *arguments, **options)

    return call


def _override(cls: type[Any], client_of: Callable[[Any], Any]) -> None:
    """Override all documented methods of a class that take a session."""
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        parameters = list(inspect.signature(method).parameters)[1:]
        if name.startswith("_") or not (name in _PASSING_ON or "session" in parameters):
            continue
        position = parameters.index("session") if "session" in parameters else len(parameters) + 100
        setattr(cls, name, _with_session(method, position, client_of))


if not BOUND_SESSION.works:
    _override(SessionClient, lambda client: client)
    _override(_Database, lambda database: database.client)
    _override(_Collection, lambda collection: collection.database.client)

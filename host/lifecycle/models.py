"""The union of all plugins' models on one database (rows R9, E13; trap P16)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, Final

from beanie import Document, init_beanie
from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from host.common.errors import DatabaseError, DatabaseUnreachableError, ModelError, PluginError, describe
from host.registration.conflicts import collection_name
from host.registration.contributions import Contributions

#: Where an open model keeps the client by which it was opened.
_CLIENT: Final = "_host_client"


def name_collections(contributions: Iterable[Contributions]) -> dict[str, type[Document]]:
    """Name each model's collection ``<plugin key>-<model>``, whatever its class says.

    Returns:
        the models by collection.
    """
    named: dict[str, type[Document]] = {}
    for one in contributions:
        for model in one.models:
            name = collection_name(one.key, model)
            model.Settings = type("Settings", (getattr(model, "Settings", object),), {"name": name})
            named[name] = model
    return named


async def open_models(
    client: AsyncMongoClient[dict[str, Any]], database: str, contributions: Sequence[Contributions]
) -> list[tuple[Contributions, PluginError]]:
    """Make all models ready at once; where one is refused, none is.

    Args:
        client: a client that is connected.
        database: the name of the database.
        contributions: of the plugins whose collections were named.

    Returns:
        the models that cannot be opened, each with its plugin.

    Raises:
        DatabaseError: the database failed.
    """
    if taken := list(_taken(client, contributions)):
        return taken
    try:
        await init_beanie(database=client[database], document_models=[model for one in contributions for model in one.models])
    except Exception as error:
        if isinstance(error, ConnectionFailure):
            raise DatabaseUnreachableError(f"the database was lost while the models were opened: {describe(error)}") from error
        refused = [refusal async for refusal in _refusals(client, database, contributions)]
        if refused:
            return refused
        raise DatabaseError(f"the models cannot be opened together: {describe(error)}") from error
    for one in contributions:
        for model in one.models:
            setattr(model, _CLIENT, client)
    return []


def close_models(client: AsyncMongoClient[dict[str, Any]], models: Iterable[type[Document]]) -> None:
    """Give models back that were opened, so that another host may open them.

    Args:
        client: by which they were opened.
        models: which they are.
    """
    for model in models:
        if model.__dict__.get(_CLIENT) is client:
            delattr(model, _CLIENT)


def _taken(
    client: AsyncMongoClient[dict[str, Any]], contributions: Iterable[Contributions]
) -> Iterator[tuple[Contributions, PluginError]]:
    """The models that another host has opened: Beanie binds a class to one database, so the two would share it unseen."""
    for one in contributions:
        for model in one.models:
            if model.__dict__.get(_CLIENT, client) is not client:
                message = f"the model {model.__name__} is open in another host of this process"
                fix = "stop that one first, or run this one in a process of its own"
                yield one, one.plugin.make_error(ModelError, message, hook="register_models", fix=fix)


async def _refusals(
    client: AsyncMongoClient[dict[str, Any]], database: str, contributions: Iterable[Contributions]
) -> AsyncIterator[tuple[Contributions, PluginError]]:
    """Try each model alone, to learn whose it is that fails."""
    for one in contributions:
        for model in one.models:
            try:
                await init_beanie(database=client[database], document_models=[model])
            except Exception as error:  # noqa: BLE001 - whatever a model of a plugin raises is reported
                yield one, _refusal(one, model, error)


def _refusal(one: Contributions, model: type[Document], error: Exception) -> PluginError:
    name = collection_name(one.key, model)
    fix = f"correct the class; what conflicts with the data in the collection {name} must be dropped by hand"
    message = f"the model {model.__name__} cannot be opened"
    if isinstance(error, OperationFailure) and error.details:
        # Its own text repeats all that the server sent.
        reason = error.details.get("errmsg", "no reason given")
        return one.plugin.make_error(ModelError, f"{message}: {reason}", hook="register_models", fix=fix)
    found = one.plugin.make_error(ModelError, message, hook="register_models", fix=fix)
    found.__cause__ = error
    return found

"""Open the models of all plugins on one database, and find those that cannot be opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, Final

from beanie import Document, init_beanie
from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from host.common.describe import describe_exception
from host.common.errors import DatabaseError, DatabaseUnreachableError, ModelError, PluginError
from host.registration.conflicts import collection_name
from host.registration.contributions import Contributions

#: The attribute of an open model that holds the client by which it was opened.
_CLIENT: Final = "_host_client"


def name_collections(contributions: Iterable[Contributions]) -> dict[str, type[Document]]:
    """Name each model's collection ``<plugin key>-<model>``, regardless of its own ``Settings.name``.

    Args:
        contributions: of the plugins that have not failed.

    Returns:
        the models by collection.
    """
    named: dict[str, type[Document]] = {}
    for plugin in contributions:
        for model in plugin.models:
            name = collection_name(plugin.key, model)
            model.Settings = type("Settings", (getattr(model, "Settings", object),), {"name": name})
            named[name] = model
    return named


async def open_models(
    client: AsyncMongoClient[dict[str, Any]], database: str, contributions: Sequence[Contributions]
) -> list[tuple[Contributions, PluginError]]:
    """Open all models at once; if one is refused, none is open afterwards.

    Once the plugins at fault have failed, the models of the others must be opened again, which may find further errors: what
    one model refuses may hide what another one does.

    Args:
        client: a connected client.
        database: the name of the database.
        contributions: of the plugins whose collections were named.

    Returns:
        the models that cannot be opened, each with its plugin.

    Raises:
        DatabaseError: the database failed.
    """
    refused = list(_open_elsewhere(client, contributions))
    elsewhere = {plugin.key for plugin, _ in refused}
    openable = [plugin for plugin in contributions if plugin.key not in elsewhere]
    models = [model for plugin in openable for model in plugin.models]
    # Claimed before the first await: two hosts that start at the same time must not both believe that a model is free.
    for model in models:
        setattr(model, _CLIENT, client)
    try:
        refused += await _initialize(client, database, openable)
    except BaseException:
        close_models(client, models)
        raise
    if refused:
        close_models(client, models)
    return refused


def close_models(client: AsyncMongoClient[dict[str, Any]], models: Iterable[type[Document]]) -> None:
    """Release models that were opened, so that another host may open them.

    Args:
        client: the client by which they were opened; models that another client has opened are left alone.
        models: the models.
    """
    for model in models:
        if model.__dict__.get(_CLIENT) is client:
            delattr(model, _CLIENT)


def _open_elsewhere(
    client: AsyncMongoClient[dict[str, Any]], contributions: Iterable[Contributions]
) -> Iterator[tuple[Contributions, PluginError]]:
    """Find models that another host has opened. Beanie binds a class to one database, so both hosts would write to one of them.

    A base class counts too, because Beanie initializes it together with its subclasses.
    """
    for plugin in contributions:
        for model in plugin.models:
            if any(base.__dict__.get(_CLIENT, client) is not client for base in model.__mro__):
                message = f"the model {model.__name__} is open in another host of this process"
                fix = "stop that host first, or run this one in another process"
                yield plugin, plugin.make_error(ModelError, message, hook="register_models", fix=fix)


async def _initialize(
    client: AsyncMongoClient[dict[str, Any]], database: str, contributions: Sequence[Contributions]
) -> list[tuple[Contributions, PluginError]]:
    """Initialize all models together, or find those that cannot be."""
    models = [model for plugin in contributions for model in plugin.models]
    try:
        await init_beanie(database=client[database], document_models=models)
    except Exception as error:
        if isinstance(error, ConnectionFailure):
            message = f"the database was lost while the models were opened: {describe_exception(error)}"
            raise DatabaseUnreachableError(message) from error
        errors = [failure async for failure in _model_errors(client, database, contributions)]
        if not errors:
            raise DatabaseError(f"the models cannot be opened together: {describe_exception(error)}") from error
        return errors
    return []


async def _model_errors(
    client: AsyncMongoClient[dict[str, Any]], database: str, contributions: Iterable[Contributions]
) -> AsyncIterator[tuple[Contributions, PluginError]]:
    """Try each model alone, to find those that fail: Beanie's error does not name the model."""
    for plugin in contributions:
        for model in plugin.models:
            try:
                await init_beanie(database=client[database], document_models=[model])
            except Exception as error:  # noqa: BLE001 - a model of a plugin may raise anything, and it is reported
                yield plugin, _model_error(plugin, model, error)


def _model_error(plugin: Contributions, model: type[Document], error: Exception) -> PluginError:
    name = collection_name(plugin.key, model)
    fix = f"correct the class; drop by hand what conflicts with it in the collection {name}"
    message = f"the model {model.__name__} cannot be opened"
    if isinstance(error, OperationFailure) and error.details:
        # The error's own message repeats the whole response of the server.
        reason = error.details.get("errmsg", "no reason given")
        return plugin.make_error(ModelError, f"{message}: {reason}", hook="register_models", fix=fix)
    model_error = plugin.make_error(ModelError, message, hook="register_models", fix=fix)
    model_error.__cause__ = error
    return model_error

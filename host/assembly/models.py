"""The union of all plugins' models on one database (rows R9, E13; trap P16)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from beanie import Document, init_beanie
from pymongo import AsyncMongoClient

from host.conflicts import collection_name
from host.contributions import Contributions
from host.errors import DatabaseError, describe


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


async def open_models(client: AsyncMongoClient[dict[str, Any]], database: str, models: Iterable[type[Document]]) -> None:
    """Make all models ready, once: a second ``init_beanie`` corrupts shared bases.

    Args:
        client: a client that is connected.
        database: the name of the database.
        models: of all plugins.

    Raises:
        DatabaseError: an index cannot be made, or a model does not fit.
    """
    try:
        await init_beanie(database=client[database], document_models=list(models))
    except Exception as error:
        fix = "see the cause; an index that conflicts with the data must be dropped by hand"
        raise DatabaseError(f"the models cannot be opened: {describe(error)}", fix=fix) from error

"""Documents of two kinds on a real database of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import beanie
from beanie import Indexed, Link, init_beanie
from pydantic import Field
from pymongo import AsyncMongoClient

from host.data import Document, UtcDatetime

T = TypeVar("T")


class Folder(Document):
    """A folder of notes."""

    name: str


class Note(Document):
    """A note."""

    title: str = "a"
    pages: int = 0
    due_at: UtcDatetime | None = None
    code: Annotated[str | None, Indexed(unique=True, partialFilterExpression={"code": {"$type": "string"}})] = None
    folder: Link[Folder] | None = None
    labels: dict[str, int] = Field(default_factory=dict)


class Tracked(Document):
    """A document that tracks changes in memory."""

    title: str = "a"
    pages: int = 0

    class Settings:
        """Beanie's."""

        use_state_management = True


class Shape(Document):
    """The root of a family in one collection."""

    name: str = "shape"

    class Settings:
        """Beanie's."""

        is_root = True


class Circle(Shape):
    """A member of the family."""

    radius: int = 1


MODELS: tuple[type[beanie.Document], ...] = (Folder, Note, Tracked, Shape, Circle)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncMongoClient[dict[str, Any]]]:
    """The documents on a database of their own, which is dropped afterwards."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, tz_aware=True)
    name = f"test-{uuid4().hex}"
    try:
        await init_beanie(database=client[name], document_models=list(MODELS))
        yield client
    finally:
        await client.drop_database(name)
        await client.close()


def on_database(url: str, function: Callable[[], Awaitable[T]]) -> T:
    """Open the documents and do something with them."""

    async def run() -> T:
        async with opened(url):
            return await function()

    return asyncio.run(run())


async def stored(document: Document) -> dict[str, Any] | None:
    """Return a document as it is stored."""
    return await document.get_pymongo_collection().find_one({"_id": document.id})

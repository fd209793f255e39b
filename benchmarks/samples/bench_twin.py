"""A hand-written application with the same models and controllers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from beanie import init_beanie
from bench_orders import Order, OrderController
from bench_people import Person, PersonController
from bench_stock import Article, ArticleController
from litestar import Litestar
from pymongo import AsyncMongoClient


@asynccontextmanager
async def database(_app: Litestar) -> AsyncIterator[None]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(os.environ["TWIN_DATABASE_URL"])
    await init_beanie(database=client["twin"], document_models=[Person, Order, Article])
    yield
    await client.close()


app = Litestar([PersonController, OrderController, ArticleController], lifespan=[database])

"""A stock of articles, a module like :mod:`bench_people`."""

from __future__ import annotations

from typing import Annotated

from beanie import Document, Indexed
from litestar import Controller, get, put
from litestar.exceptions import NotFoundException
from pydantic import BaseModel


class Article(Document):
    code: Annotated[str, Indexed(unique=True)]
    stock: int = 0


class Stock(BaseModel):
    stock: int


class ArticleController(Controller):
    path = "/article"

    @get("/")
    async def list_articles(self, limit: int = 20) -> list[Article]:
        return await Article.find().limit(limit).to_list()

    @get("/{code:str}")
    async def read(self, code: str) -> Article:
        article = await Article.find_one({"code": code})
        if article is None:
            raise NotFoundException(f"there is no article {code}")
        return article

    @put("/{code:str}")
    async def replace(self, code: str, data: Stock) -> Article:
        article = await Article.find_one({"code": code}) or Article(code=code)
        article.stock = data.stock
        return await article.save()

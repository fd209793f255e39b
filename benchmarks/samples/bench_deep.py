"""The handler of the nesting measurement, with the guard and the service that it inherits from the outermost scope."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct


class Words:
    """The inherited service."""

    def __init__(self, *words: str) -> None:
        self.words = list(words)


class Echo(Struct):
    number: int
    text: str
    words: list[str]


def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse clients that send the header ``X-Nobody``."""
    if connection.headers.get("x-nobody"):
        raise NotAuthorizedException


@get("/echo/{number:int}")
async def echo(number: int, words: Words, text: str = "none") -> Echo:
    return Echo(number, text, words.words)

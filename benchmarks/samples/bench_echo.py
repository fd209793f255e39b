"""The handler of the throughput measurement: it does little, so that the overhead around it is visible."""

from __future__ import annotations

from litestar import get
from msgspec import Struct


class Echo(Struct):
    number: int
    text: str
    words: list[str]


@get("/echo/{number:int}")
async def echo(number: int, text: str = "none") -> Echo:
    return Echo(number, text, ["some", "words"])

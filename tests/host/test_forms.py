"""A list with one value in a form is a list, for every kind of form and class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from litestar import Litestar, post
from litestar.params import MultipartBody, URLEncodedBody
from litestar.testing import TestClient
from pydantic import BaseModel, Field

from host.web.litestar.application import Application


class Struct(msgspec.Struct, rename="camel"):
    all_words: list[str] = []
    one_word: str = ""


@dataclass
class Class:
    words: list[str] = field(default_factory=list)
    numbers: list[int] | None = None


class Model(BaseModel):
    words: list[str] = Field(alias="allWords", default=[])
    plain: set[int] = set()


def handler(path: str, annotation: Any) -> Any:
    async def take(data: Any) -> str:
        return repr(data)

    take.__annotations__["data"] = annotation
    return post(path)(take)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    handlers = [
        handler(f"/{kind}/{name}", marker[cls])
        for kind, marker in (("form", URLEncodedBody), ("multipart", MultipartBody))
        for name, cls in (("struct", Struct), ("class", Class), ("model", Model), ("maybe", Struct | None), ("any", dict[str, Any]))
    ]
    with TestClient(Application(route_handlers=handlers, openapi_config=None)) as client:
        yield client


@pytest.mark.parametrize("kind", ["form", "multipart"])
@pytest.mark.parametrize(
    ("name", "fields", "read"),
    [
        ("struct", {"allWords": ["a"]}, "all_words=['a']"),
        ("struct", {"allWords": ["a", "b"]}, "all_words=['a', 'b']"),
        ("struct", {"oneWord": ["a"]}, "all_words=[], one_word='a'"),
        ("maybe", {"allWords": ["a"]}, "all_words=['a']"),
        ("class", {"words": ["a"], "numbers": ["1"]}, "words=['a'], numbers=[1]"),
        ("model", {"allWords": ["a"], "plain": ["1"]}, "words=['a'], plain={1}"),
        ("any", {"words": ["a"]}, "'words': 'a'"),
    ],
)
def test_a_single_value_is_a_list_if_a_list_is_expected(
    client: TestClient[Litestar], kind: str, name: str, fields: dict[str, list[str]], read: str
) -> None:
    for _attempt in range(2):  # Litestar caches the form of an equal body
        if kind == "form":
            answer = client.post(f"/form/{name}", data=fields)
        else:
            files = [(key, (None, value)) for key, values in fields.items() for value in values]
            answer = client.post(f"/multipart/{name}", files=files)
        assert answer.status_code == 201, answer.text
        assert read in answer.text

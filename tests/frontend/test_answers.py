"""Types of successful responses and how a client reads them, compared with what Litestar sends for the same handlers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, NewType

import msgspec
import pytest
from litestar import Litestar, MediaType, Response, Router, get, post
from litestar.dto import DataclassDTO, DTOConfig, DTOData, MsgspecDTO
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from litestar.plugins.pydantic import PydanticDTO
from litestar.response import File, Redirect, ServerSentEvent, Stream, Template
from litestar.response.base import ASGIResponse
from litestar.testing import TestClient
from pydantic import BaseModel

from hookspecs import Page, PayloadBody
from host.frontend.emit import generate
from tests.frontend import signatures
from tests.frontend.building import plugin
from tests.frontend.compile import compile_files
from tests.frontend.signatures import part

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.base_exceptions.LitestarDeprecationWarning")

interface = partial(part, package=__name__)
signature = partial(signatures.signature, package=__name__)


class Rows(msgspec.Struct):
    rows: list[int]


class Word(StrEnum):
    YES = "yes"


class Kind(Enum):
    A = "a"


Name = NewType("Name", str)


def answering(annotation: Any, value: Any = None, **options: Any) -> Any:
    async def answer() -> Any:
        return value

    answer.__annotations__["return"] = annotation
    return get("/x", **options)(answer)


#: annotation, value, options of the handler, type, how it is read, the value that the client reads.
ANSWERS: list[tuple[Any, Any, dict[str, Any], str, str, Any]] = [
    (None, None, {}, "void", "", None),
    (None, None, {"status_code": 204}, "void", "", None),
    (int, 3, {}, "number", "", 3),
    (str, "x", {}, "string", "text", "x"),
    (str, "x", {"media_type": MediaType.JSON}, "string", "text", "x"),
    (Annotated[str, "text"], "x", {}, "string", "text", "x"),
    (Name, "x", {}, "string", "text", "x"),
    (str | None, "x", {}, "string", "text", "x"),
    (Literal["a", "b"], "a", {}, '"a" | "b"', "text", "a"),
    (Word, Word.YES, {}, "AcmeX.Word", "text", "yes"),
    (Kind, Kind.A, {}, "AcmeX.Kind", "", "a"),
    (Rows | str, "x", {}, "string", "text", "x"),
    (Rows | str, Rows([1]), {}, "string", "text", '{"rows":[1]}'),
    (Rows, Rows([1]), {}, "AcmeX.Rows", "", {"rows": [1]}),
    (Rows, Rows([1]), {"media_type": "application/problem+json"}, "AcmeX.Rows", "", {"rows": [1]}),
    (Rows, Rows([1]), {"media_type": MediaType.MESSAGEPACK}, "Blob", "blob", b"\x81\xa4rows\x91\x01"),
    (bytes, b"\xff\x00", {}, "Blob", "blob", b"\xff\x00"),
    (bytes, b"\xff\x00", {"media_type": "image/png"}, "Blob", "blob", b"\xff\x00"),
    (str, "<a/>", {"media_type": "application/xml"}, "string", "text", "<a/>"),
    (list[Rows] | None, None, {}, "AcmeX.Rows[] | null", "", None),
    (Response[Rows], Response(Rows([1]), status_code=202), {}, "AcmeX.Rows", "", {"rows": [1]}),
    (Response[None], Response(None, status_code=204), {}, "void", "", None),
    (Response[str], Response("x"), {}, "string", "text", "x"),
    (Response[bytes], Response(b"\xff"), {}, "Blob", "blob", b"\xff"),
    (Response[Rows] | Response[int], Response(3), {}, "number | AcmeX.Rows", "", 3),
    (Response[Rows] | Response[str], Response("x"), {}, "Blob", "blob", b"x"),
    (Response, Response("x"), {"media_type": MediaType.HTML}, "string", "text", "x"),
    (Response, Response(b"x"), {"media_type": "image/png"}, "Blob", "blob", b"x"),
    (ASGIResponse, ASGIResponse(body=b"x"), {}, "Blob", "blob", b"x"),
    (Stream, Stream(iter([b"a", b"b"])), {}, "ReadableStream<Uint8Array>", "stream", b"ab"),
    (ServerSentEvent, ServerSentEvent(iter(["a"])), {}, "ReadableStream<Uint8Array>", "stream", b"data: a\r\n\r\n"),
    (File, File(__file__), {}, "Blob", "blob", Path(__file__).read_bytes()),
    (Redirect, Redirect("/there"), {"status_code": 302}, "Blob", "blob", b"there"),
    (Template | Redirect, Redirect("/there"), {"status_code": 302}, "Blob", "blob", b"there"),
    (dict[str, Any], {"a": [1]}, {}, "{ [key: string]: unknown }", "", {"a": [1]}),
]


@get("/there")
async def there() -> str:
    return "there"


def application(*handlers: Any) -> Litestar:
    return Litestar([*handlers, there], openapi_config=None)


@pytest.mark.parametrize(("annotation", "value", "options", "shown", "how", "read"), ANSWERS)
def test_a_response_is_typed_and_read_as_litestar_sends_it(
    annotation: Any, value: Any, options: dict[str, Any], shown: str, how: str, read: Any
) -> None:
    assert signature(answering(annotation, **options)) == f"Read<[], {shown}>"
    assert (f'answer: "{how}"' if how else 'args: "" }') in interface(answering(annotation, **options))
    with TestClient(application(answering(annotation, value, **options))) as client:
        got = client.get("/x")
    assert got.is_success
    as_json = json.loads(got.content) if got.content and not how else None
    assert read == {"": as_json, "text": got.text, "blob": got.content, "stream": got.content}[how]


def test_a_template_is_read_as_text() -> None:
    assert signature(answering(Template)) == "Read<[], string>"
    assert 'answer: "text"' in interface(answering(Template))


@pytest.mark.parametrize(("annotation", "shown"), [(Page, "Page"), (PayloadBody[Rows], 'Payload<AcmeX.Rows>["body"]')])
def test_the_envelope_uses_the_files_own_type(annotation: Any, shown: str) -> None:
    assert signature(answering(annotation)) == f"Read<[], {shown}>"


def test_a_response_of_any_type_is_unknown_with_a_warning() -> None:
    generated = generate([plugin("acme__x", answering(Response))])
    assert generated.warnings == (
        "acme__x: GET /acme__x/x: litestar.response.base.Response has no TypeScript type and becomes unknown",
    )


def test_an_async_iterator_is_not_typed_as_data() -> None:
    assert signature(answering(AsyncIterator[int])) == "Read<[], unknown>"


def test_an_additional_success_response_joins_the_response_type() -> None:
    responses = {202: ResponseSpec(int), 404: ResponseSpec(Rows)}
    assert signature(answering(Rows, responses=responses)).startswith("Read<[], AcmeX.Rows | number, ")


def test_an_additional_success_response_that_is_read_differently_is_left_as_bytes() -> None:
    responses = {206: ResponseSpec(bytes, media_type="application/octet-stream")}
    assert signature(answering(Rows, responses=responses)) == "Read<[], Blob>"


# ── DTOs


@dataclass
class Home:
    street_name: str
    secret: str = ""


@dataclass
class User:
    first_name: str
    password: str
    home: Home
    age: int = 0


@dataclass
class Family:
    homes: dict[str, list[Home]]


class StructUser(msgspec.Struct):
    first_name: str
    password: str
    age: int = 0


class ModelUser(BaseModel):
    first_name: str
    password: str
    age: int = 0


CONFIG = DTOConfig(exclude={"password", "home.secret"}, rename_strategy="camel")
PARTIAL = DTOConfig(partial=True, exclude={"home"})
CODEGEN = DTOConfig(exclude={"password"}, experimental_codegen_backend=True)


def shape(text: str, name: str) -> dict[str, str]:
    """Return the members of an interface in a part."""
    body = text.partition(f"interface {name} {{\n")[2].partition("\n  }")[0]
    return dict(line.strip().rstrip(";").split(": ", 1) for line in body.splitlines() if not line.strip().startswith(("/*", "*")))


def test_a_dto_is_typed_by_its_transferred_fields() -> None:
    class Public(DataclassDTO[User]):
        config = CONFIG

    @post("/user", dto=DataclassDTO[User], return_dto=Public)
    async def make(data: JSONBody[User]) -> User:
        return data

    expected = "Write<[body: AcmeX.UserCreateBody], AcmeX.UserCreateAnswer, Invalid>"
    assert signature(make) == expected
    assert signature(make) == expected, "Litestar counts its names up"
    text = interface(make)
    assert shape(text, "UserCreateAnswer") == {"firstName": "string", "home": "AcmeX.UserCreateAnswerHome", "age": "number"}
    assert shape(text, "UserCreateAnswerHome") == {"streetName": "string"}
    with TestClient(application(make)) as client:
        got = client.post("/user", json={"first_name": "a", "password": "b", "home": {"street_name": "c"}})
    assert got.json() == {"firstName": "a", "home": {"streetName": "c"}, "age": 0}


@pytest.mark.parametrize("base", [DataclassDTO, MsgspecDTO, PydanticDTO])
def test_every_dto_class_is_typed_for_requests_and_responses(base: Any) -> None:
    model = {DataclassDTO: User, MsgspecDTO: StructUser, PydanticDTO: ModelUser}[base]
    config = DTOConfig(exclude={"password", "home"}, rename_strategy="camel")
    request_dto = type("Taken", (base[model],), {"config": DTOConfig(exclude={"home"}, rename_strategy="camel")})
    response_dto = type("Given", (base[model],), {"config": config})

    async def make(data: Any) -> Any:
        return data.create_instance(**({"home": Home("")} if model is User else {}))

    make.__annotations__ = {"data": JSONBody[DTOData[model]], "return": model}
    handler = post("/user", dto=request_dto, return_dto=response_dto)(make)
    assert signature(handler) == "Write<[body: AcmeX.UserCreateBody], AcmeX.UserCreateAnswer, Invalid>"
    text = interface(handler)
    assert shape(text, "UserCreateBody") == {"firstName": "string", "password": "string", "age?": "number"}
    assert shape(text, "UserCreateAnswer") == {"firstName": "string", "age": "number"}
    with TestClient(application(handler)) as client:
        got = client.post("/user", json={"firstName": "a", "password": "b"})
        assert got.json() == {"firstName": "a", "age": 0}
        assert client.post("/user", json={"password": "b"}).status_code == 400


def test_a_partial_dto_makes_all_fields_optional() -> None:
    class Patch(DataclassDTO[User]):
        config = PARTIAL

    @post("/user", dto=Patch, return_dto=None)
    async def change(data: JSONBody[DTOData[User]]) -> dict[str, Any]:
        return dict(data.as_builtins())

    assert shape(interface(change), "UserCreateBody") == {"first_name?": "string", "password?": "string", "age?": "number"}
    with TestClient(application(change)) as client:
        assert client.post("/user", json={"age": 3}).json() == {"age": 3}


def test_a_nested_class_in_a_dto_is_named_by_its_fields() -> None:
    class Public(DataclassDTO[Family]):
        config = DTOConfig(partial=True)

    @post("/family", dto=Public, return_dto=None)
    async def create(data: JSONBody[DTOData[Family]]) -> dict[str, Any]:
        return dict(data.as_builtins())

    text = interface(create)
    assert shape(text, "FamilyCreateBody") == {"homes?": "{ [key: string]: AcmeX.FamilyCreateBodyHomes[] }"}
    assert "interface FamilyCreateBodyHomes {" in text


def test_a_dto_with_code_generation_is_typed_the_same() -> None:
    class Public(MsgspecDTO[StructUser]):
        config = CODEGEN

    @get("/user", return_dto=Public)
    async def read() -> StructUser:
        return StructUser("a", "b")

    assert signature(read) == "Read<[], AcmeX.UserGetAllAnswer>"
    assert shape(interface(read), "UserGetAllAnswer") == {"first_name": "string", "age": "number"}


@pytest.mark.parametrize(
    ("annotation", "value", "shown", "read"),
    [
        (list[StructUser], [StructUser("a", "b")], "AcmeX.XGetAllAnswer[]", [{"first_name": "a", "age": 0}]),
        (Response[StructUser], Response(StructUser("a", "b")), "AcmeX.XGetAllAnswer", {"first_name": "a", "age": 0}),
        (Response[list[StructUser]], Response([StructUser("a", "b")]), "AcmeX.XGetAllAnswer[]", [{"first_name": "a", "age": 0}]),
    ],
)
def test_a_dto_applies_inside_lists_and_responses(annotation: Any, value: Any, shown: str, read: Any) -> None:
    class Public(MsgspecDTO[StructUser]):
        config = DTOConfig(exclude={"password"})

    assert signature(answering(annotation, return_dto=Public)) == f"Read<[], {shown}>"
    with TestClient(application(answering(annotation, value, return_dto=Public))) as client:
        assert client.get("/x").json() == read


def test_the_dto_of_a_layer_does_not_apply_to_other_classes() -> None:
    router = Router("/", route_handlers=[answering(Rows)], return_dto=MsgspecDTO[StructUser])
    assert signature(router) == "Read<[], AcmeX.Rows>"


def test_every_way_to_read_a_response_compiles(tmp_path: Path) -> None:
    handlers = []
    for number, (annotation, _value, options, *_rest) in enumerate(ANSWERS):
        handler = answering(annotation, **options)
        handlers.append(Router(f"/e{number}", route_handlers=[handler]))
    file = tmp_path / "answers.ts"
    file.write_text(interface_file(handlers), encoding="utf-8")
    assert compile_files([file]) == ""


def interface_file(handlers: list[Any]) -> str:
    return generate([plugin("acme__x", *handlers, package=__name__)]).text

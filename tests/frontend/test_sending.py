"""The encoding of request bodies, compared with what Litestar reads: forms, files, bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from litestar import post
from litestar.datastructures import UploadFile
from litestar.dto import DTOConfig, MsgspecDTO
from litestar.enums import RequestEncodingType
from litestar.params import Body, JSONBody, MsgPackBody, MultipartBody, RawBody, URLEncodedBody
from litestar.testing import TestClient
from pydantic import BaseModel, ConfigDict

from host.frontend.emit import generate
from tests.frontend import signatures
from tests.frontend.building import application, plugin
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.signatures import part

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.base_exceptions.LitestarDeprecationWarning")

interface = partial(part, package=__name__)
signature = partial(signatures.signature, package=__name__)


class Color(Enum):
    RED = "red"


class Level(IntEnum):
    ONE = 1


class Inner(msgspec.Struct):
    number: int


class Entry(msgspec.Struct):
    number: int
    flag: bool
    color: Color
    level: Level
    when: dt.datetime
    must: int | None
    words: list[str] = []
    numbers: list[int] = []
    maybe: int | None = None
    inner: Inner | None = None


class EntryModel(BaseModel):
    number: int
    words: list[str] = []
    maybe: int | None = None


class Upload(msgspec.Struct):
    title: str
    files: list[UploadFile]
    cover: UploadFile | None = None


@dataclass
class UploadClass:
    title: str
    files: list[UploadFile] = field(default_factory=list)
    cover: UploadFile | None = None


class UploadModel(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    title: str
    files: list[UploadFile] = []
    cover: UploadFile | None = None


def taking(annotation: Any, path: str = "/x", **options: Any) -> Any:
    async def take(data: Any) -> str:
        return repr(await shown(data))

    take.__annotations__["data"] = annotation
    return post(path, **options)(take)


async def shown(value: Any) -> Any:
    """Return the received value, with the bytes of files in their place."""
    if isinstance(value, UploadFile):
        return await value.read()
    if isinstance(value, list):
        return [await shown(item) for item in value]
    if isinstance(value, dict):
        return {name: await shown(item) for name, item in value.items()}
    if isinstance(value, Upload | UploadClass | UploadModel):
        return [value.title, await shown(value.files), await shown(value.cover)]
    return value


@pytest.mark.parametrize(
    ("annotation", "shown", "how"),
    [
        (JSONBody[Entry], "body: AcmeX.Entry", ""),
        (Annotated[Entry, Body()], "body: AcmeX.Entry", ""),
        (Entry, "body: AcmeX.Entry", ""),
        (bytes, "body: Base64", ""),
        (URLEncodedBody[Entry], "body: Form<AcmeX.Entry>", "form"),
        (URLEncodedBody[Entry | None], "body?: Form<AcmeX.Entry>", "form"),
        (MultipartBody[Entry], "body: Form<AcmeX.Entry>", "multipart"),
        (Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)], "body: Form<AcmeX.Upload>", "multipart"),
        (MultipartBody[UploadClass], "body: Form<AcmeX.UploadClass>", "multipart"),
        (MultipartBody[UploadModel], "body: Form<AcmeX.UploadModel>", "multipart"),
        (MultipartBody[dict[str, UploadFile]], "body: Form<{ [key: string]: Blob }>", "multipart"),
        (MultipartBody[UploadFile], "body: Blob", "multipart"),
        (MultipartBody[list[UploadFile]], "body: Blob[]", "multipart"),
        (MultipartBody[list[UploadFile] | None], "body?: Blob[]", "multipart"),
        (MsgPackBody[Entry], "body: Blob | ArrayBuffer", "raw"),
    ],
)
def test_a_body_is_sent_as_its_marker_says(annotation: Any, shown: str, how: str) -> None:
    assert signature(taking(annotation)) == f"Write<[{shown}], string, Invalid>"
    text = interface(taking(annotation))
    assert f'args: "b"{f", send: {chr(34)}{how}{chr(34)}" if how else ""}, answer: "text"' in text
    assert ("* The body is sent as" in text) is bool(how)


def test_a_raw_body_is_sent_as_it_is() -> None:
    @post("/raw")
    async def raw(body: RawBody) -> None: ...

    assert signature(raw) == "Write<[body: Blob | ArrayBuffer | string], void>"
    assert 'send: "raw"' in interface(raw)


def test_a_form_with_a_dto_is_typed_by_its_transferred_fields() -> None:
    class Taken(MsgspecDTO[Entry]):
        config = DTOConfig(include={"number"}, rename_fields={"number": "no"})

    handler = taking(URLEncodedBody[Entry], dto=Taken)
    assert signature(handler) == "Write<[body: Form<AcmeX.XCreateBody>], string, Invalid>"
    assert "interface XCreateBody {\n    no: number;\n  }" in interface(handler)


# ── what Litestar reads

BASE = {"number": "3", "flag": "false", "color": "red", "level": "1", "when": "2026-01-02T03:04:05Z", "must": "4"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    handlers = [
        taking(URLEncodedBody[Entry], "/form/entry"),
        taking(MultipartBody[Entry], "/multipart/entry"),
        taking(URLEncodedBody[EntryModel], "/form/model"),
        taking(MultipartBody[EntryModel], "/multipart/model"),
        taking(MultipartBody[Upload], "/multipart/upload"),
        taking(MultipartBody[UploadClass], "/multipart/upload-class"),
        taking(MultipartBody[UploadModel], "/multipart/upload-model"),
        taking(MultipartBody[UploadFile], "/multipart/file"),
        taking(MultipartBody[list[UploadFile]], "/multipart/files"),
        taking(MultipartBody[dict[str, UploadFile]], "/multipart/named"),
        taking(MsgPackBody[Inner], "/packed"),
    ]
    with TestClient(application({"acme__x": handlers})) as client:
        yield client


def sent(client: TestClient[Any], way: str, name: str, fields: dict[str, Any]) -> Any:
    """Send fields as the runtime does: one part for each value, and one for each item of a list."""
    pairs = [(key, item) for key, value in fields.items() for item in (value if isinstance(value, list) else [value])]
    if way == "form":
        return client.post(f"/acme__x/form/{name}", data=fields)
    return client.post(f"/acme__x/multipart/{name}", files=[(key, (None, value)) for key, value in pairs])


@pytest.mark.parametrize("way", ["form", "multipart"])
def test_numbers_booleans_dates_and_enumerations_are_read_from_text(client: TestClient[Any], way: str) -> None:
    got = sent(client, way, "entry", BASE)
    assert got.status_code == 201
    assert "Entry(number=3, flag=False, color=<Color.RED: 'red'>, level=<Level.ONE: 1>, when=datetime.datetime(2026" in got.text


@pytest.mark.parametrize("way", ["form", "multipart"])
@pytest.mark.parametrize("name", ["entry", "model"])
def test_a_list_is_read_from_several_fields(client: TestClient[Any], way: str, name: str) -> None:
    got = sent(client, way, name, {**BASE, "words": ["a", "b"], "numbers": ["1", "2"]})
    assert "words=['a', 'b']" in got.text


@pytest.mark.parametrize("way", ["form", "multipart"])
@pytest.mark.parametrize(("name", "fields"), [("entry", BASE), ("model", {"number": "1"})])
def test_an_omitted_field_is_read_as_none(client: TestClient[Any], way: str, name: str, fields: dict[str, str]) -> None:
    assert "maybe=None" in sent(client, way, name, fields).text


@pytest.mark.parametrize("way", ["form", "multipart"])
def test_an_object_cannot_be_in_a_form(client: TestClient[Any], way: str) -> None:
    assert sent(client, way, "entry", {**BASE, "inner": '{"number": 1}'}).status_code == 400


@pytest.mark.parametrize("name", ["upload", "upload-class", "upload-model"])
@pytest.mark.parametrize("count", [1, 2])
def test_files_are_read_into_classes(client: TestClient[Any], name: str, count: int) -> None:
    files = [("files", (f"{number}.txt", b"%d" % number)) for number in range(count)]
    got = client.post(f"/acme__x/multipart/{name}", files=[("title", (None, "t")), *files, ("cover", ("c.png", b"c"))])
    assert got.text == repr(["t", [b"%d" % number for number in range(count)], b"c"])


@pytest.mark.parametrize(
    ("path", "files", "read"),
    [
        ("file", [("data", ("a", b"a"))], b"a"),
        ("files", [("0", ("a", b"a"))], [b"a"]),
        ("files", [("0", ("a", b"a")), ("1", ("b", b"b"))], [b"a", b"b"]),
        ("named", [("x", ("a", b"a")), ("y", ("b", b"b"))], {"x": b"a", "y": b"b"}),
    ],
)
def test_files_are_read_without_a_class(client: TestClient[Any], path: str, files: Any, read: Any) -> None:
    assert client.post(f"/acme__x/multipart/{path}", files=files).text == repr(read)


def test_messagepack_is_read_whatever_its_media_type(client: TestClient[Any]) -> None:
    assert client.post("/acme__x/packed", content=msgspec.msgpack.encode({"number": 1})).text == "Inner(number=1)"


# ── what the types accept

USAGE = """\
import type { AcmeXApi, FormField } from "./generated-config";
declare const api: AcmeXApi;
declare const file: File;
const base = { number: 1, flag: true, color: "red", level: 1, when: "", must: 1 } as const;
void api.form.createEntry(base);
void api.form.createEntry({ ...base, words: ["a"], numbers: [1], maybe: 2 });
void api.multipart.createUpload({ title: "t", files: [file], cover: file });
void api.multipart.createUpload({ title: "t", files: [] });
void api.multipart.createFile(file);
void api.multipart.createFiles([file, file]);
void api.multipart.createNamed({ any: file });
export const open: FormField<unknown> = {};
// @ts-expect-error a form cannot contain null
void api.form.createEntry({ ...base, maybe: null });
// @ts-expect-error nor omit a required field
void api.form.createEntry({ ...base, must: null });
// @ts-expect-error nor hold an object
void api.form.createEntry({ ...base, inner: { number: 1 } });
// @ts-expect-error a file is not a string
void api.multipart.createUpload({ title: "t", files: ["a.txt"] });
// @ts-expect-error only one file
void api.multipart.createFile([file]);
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_forms_that_litestar_reads_compile_and_others_do_not(compiler: str, tmp_path: Path) -> None:
    handlers = [
        taking(URLEncodedBody[Entry], "/form/entry"),
        taking(MultipartBody[Upload], "/multipart/upload"),
        taking(MultipartBody[UploadFile], "/multipart/file"),
        taking(MultipartBody[list[UploadFile]], "/multipart/files"),
        taking(MultipartBody[dict[str, UploadFile]], "/multipart/named"),
    ]
    text = generate([plugin("acme__x", *handlers, package=__name__)]).text
    (tmp_path / "generated-config.ts").write_text(text, encoding="utf-8")
    usage = tmp_path / "usage.ts"
    usage.write_text(USAGE, encoding="utf-8")
    assert compile_files([usage], compiler) == ""

"""What a call takes and answers, held against what Litestar does with the same handlers."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from litestar import Controller, Litestar, MediaType, Request, Response, Router, get, post, put
from litestar.datastructures import State, UploadFile
from litestar.di import NamedDependency, Provide
from litestar.dto import DataclassDTO, DTOConfig, DTOData
from litestar.enums import ParamType, RequestEncodingType
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException
from litestar.handlers import HTTPRouteHandler
from litestar.params import (
    Body,
    CookieParameter,
    Dependency,
    FromCookie,
    FromHeader,
    FromPath,
    FromQuery,
    HeaderParameter,
    JSONBody,
    PathParameter,
    QueryParameter,
    RawBody,
)
from litestar.response import File, Redirect, ServerSentEvent, Stream, Template
from litestar.routes import HTTPRoute

from hookspecs import Page, PayloadBody
from host.frontend.emit import generate
from host.frontend.model import PluginInput, Route
from host.frontend.parameters import parameters_of
from tests.frontend.building import plugin
from tests.frontend.compile import compile_files

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.base_exceptions.LitestarDeprecationWarning")


class Kind(Enum):
    A = "a"
    B = "b"


def interface(*handlers: Any, **options: Any) -> str:
    """The interface of the calls of a plugin with these handlers."""
    router = Router("/", route_handlers=list(handlers), **options) if options else None
    made = plugin("acme__x", router, package=__name__) if router else plugin("acme__x", *handlers, package=__name__)
    return generate([made]).parts["acme__x"]


def signature(handler: Any, **options: Any) -> str:
    """The typed call of the only handler."""
    lines = [line for line in interface(handler, **options).splitlines() if "Read<" in line or "Write<" in line]
    (line,) = lines
    return line.partition(": ")[2].rstrip(";")


# ── parameters


async def inner(shared: FromQuery[int], x_inner: Annotated[str, HeaderParameter(name="X-Inner")]) -> int: ...


async def outer(inner: NamedDependency[int], size: FromQuery[int] = 10) -> int: ...


async def bodied(data: JSONBody[dict[str, int]]) -> int: ...


@get("/plain/{id:int}")
async def plain(id: FromPath[int], q: FromQuery[str], page: FromQuery[int] = 1) -> None: ...  # noqa: A002


@get("/marked")
async def marked(
    named: Annotated[str, QueryParameter(name="a-name")],
    header: Annotated[str | None, HeaderParameter(name="X-Header")],
    cookie: Annotated[str, CookieParameter(name="session")],
    plain_header: FromHeader[str],
    plain_cookie: FromCookie[str | None],
    many: FromQuery[list[int] | None] = None,
) -> None: ...


@get("/depends", dependencies={"outer": Provide(outer), "inner": Provide(inner), "unused": Provide(bodied)})
async def depends(outer: NamedDependency[int], inner: NamedDependency[int], own: FromQuery[bool]) -> None: ...


@get("/inferred/{id:str}", dependencies={"outer": Provide(outer), "inner": Provide(inner)})
async def inferred(id: str, outer: int, maybe: str | None, number: int = 3, both: int | None = None) -> None: ...  # noqa: A002


@get("/aliased/{task_id:uuid}")
async def aliased(task: Annotated[uuid.UUID, PathParameter(name="task_id")]) -> None: ...


@get("/untaken/{a:int}/{b:str}/{rest:path}")
async def untaken() -> None: ...


@get("/reserved")
async def reserved(
    request: Request[Any, Any, Any], headers: dict[str, str], cookies: dict[str, str], query: dict[str, str], state: State
) -> None: ...


@get("/explicit")
async def explicit(given: Annotated[int, Dependency(skip_validation=True)] = 3) -> None: ...


@get(["/several", "/several/{id:int}"])
async def several(id: int | None = None) -> None: ...  # noqa: A002


@post("/data/{id:int}", dependencies={"bodied": Provide(bodied)})
async def data_of_a_dependency(bodied: NamedDependency[int], id: FromPath[int]) -> None: ...  # noqa: A002


ALL = [plain, marked, depends, inferred, aliased, untaken, reserved, explicit, data_of_a_dependency]


def routes_of(app: Litestar) -> list[tuple[HTTPRoute, HTTPRouteHandler]]:
    return [
        (route, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"}
    ]


@pytest.mark.parametrize("handler", ALL, ids=lambda one: one.fn.__name__)
@pytest.mark.parametrize("layered", [False, True], ids=["", "layered"])
def test_every_parameter_is_taken_from_where_litestar_takes_it(handler: HTTPRouteHandler, layered: bool) -> None:
    parameters = {"tenant": QueryParameter(annotation=str), "q": QueryParameter(annotation=str, name="query")}
    router = Router("/", route_handlers=[handler], parameters=parameters if layered else None)
    ((route, registered),) = routes_of(Litestar([router], openapi_config=None))
    model = registered.create_kwargs_model(path_parameters=route.path_parameters)
    mine = parameters_of(registered, route.path)
    explicit_ones = {one.field_alias for one in model.expected_query_params if one.param_type == ParamType.DEPENDENCY}
    for kind, expected in (
        (ParamType.QUERY, model.expected_query_params),
        (ParamType.HEADER, model.expected_header_params),
        (ParamType.COOKIE, model.expected_cookie_params),
    ):
        found = {(one.name, one.required) for one in mine.of(kind)}
        assert found == {(one.field_alias, one.is_required) for one in expected if one.field_alias not in explicit_ones}
    assert [one.name for one in mine.path] == list(route.path_parameters)
    assert (mine.data is not None) == ("data" in model.expected_reserved_kwargs)


@pytest.mark.parametrize(
    ("handler", "shown"),
    [
        (plain, "Read<[path: { id: number }, query: { q: string; page?: number }], void>"),
        (marked, 'Read<[query: { "a-name": string; many?: number[] }], void>'),
        (depends, "Read<[query: { shared: number; size?: number; own: boolean }], void>"),
        (
            inferred,
            (
                "Read<[path: { id: string }, "
                "query: { shared: number; size?: number; maybe?: string; number?: number; both?: number }], void>"
            ),
        ),
        (aliased, "Read<[path: { task_id: UUID }], void>"),
        (untaken, "Read<[path: { a: number; b: string; rest: string }], void>"),
        (reserved, "Read<[], void>"),
        (explicit, "Read<[], void>"),
        (data_of_a_dependency, "Write<[path: { id: number }, body: { [key: string]: number }], void>"),
    ],
    ids=lambda one: one.fn.__name__ if isinstance(one, HTTPRouteHandler) else "",
)
def test_arguments_are_labelled_in_order(handler: HTTPRouteHandler, shown: str) -> None:
    assert signature(handler) == shown


def test_a_handler_on_two_paths_is_two_operations() -> None:
    part = interface(several)
    assert "readonly getAll: Read<[], void>;" in part
    assert "readonly get: Read<[path: { id: number }], void>;" in part


def test_a_needed_body_makes_an_optional_query_a_needed_argument() -> None:
    @put("/x")
    async def change(data: JSONBody[int], dry: FromQuery[bool] = False) -> None: ...

    assert signature(change) == "Write<[query: { dry?: boolean } | undefined, body: number], void>"


def test_a_body_may_be_optional() -> None:
    @post("/x")
    async def make(data: JSONBody[int | None] = None, dry: FromQuery[bool] = False) -> None: ...

    assert signature(make) == "Write<[query?: { dry?: boolean }, body?: number | null], void>"


def test_headers_are_told_in_the_comment() -> None:
    part = interface(marked)
    assert "* Header `X-Header`, optional." in part
    assert "* Header `plain_header`." in part


def test_the_target_encodes_parameters_and_keeps_the_slashes_of_a_path() -> None:
    part = interface(untaken)
    assert (
        "target: (payload: { a: number; b: string; rest: string }) => `/acme__x/untaken/${encodeURIComponent(payload.a)}/" in part
    )
    assert '${String(payload.rest).replace(/^\\/+/, "").split("/").map(encodeURIComponent).join("/")}`' in part


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (Kind, "AcmeX.Kind"),
        (Literal["a", "b"], '"a" | "b"'),
        (Annotated[int, msgspec.Meta(ge=1)], "number"),
        (int | None, "string"),
        (list[int], "string"),
        (Any, "string"),
    ],
)
def test_only_what_can_be_written_into_a_path_narrows_it(annotation: Any, shown: str) -> None:
    async def one(id: Any) -> None: ...  # noqa: A002

    one.__annotations__["id"] = annotation
    assert signature(get("/x/{id:str}")(one)) == f"Read<[path: {{ id: {shown} }}], void>"


# ── answers


class Rows(msgspec.Struct):
    rows: list[int]


@pytest.mark.parametrize(
    ("annotation", "options", "shown"),
    [
        (None, {}, "void"),
        (int, {}, "number"),
        (str, {}, "string"),
        (str, {"media_type": MediaType.JSON}, "string"),
        (Rows, {"media_type": "application/problem+json"}, "AcmeX.Rows"),
        (Rows, {"media_type": MediaType.MESSAGEPACK}, "Blob"),
        (bytes, {"media_type": "application/octet-stream"}, "Blob"),
        (list[Rows] | None, {}, "AcmeX.Rows[] | null"),
        (Response[Rows], {}, "AcmeX.Rows"),
        (Response[None], {}, "void"),
        (Response[str], {"media_type": MediaType.TEXT}, "string"),
        (Response, {"media_type": MediaType.HTML}, "string"),
        (File, {}, "Blob"),
        (Stream, {}, "Blob"),
        (ServerSentEvent, {}, "Blob"),
        (Template, {}, "string"),
        (Redirect, {"status_code": 302}, "void"),
        (Page, {}, "Page"),
        (PayloadBody[Rows], {}, 'Payload<AcmeX.Rows>["body"]'),
        (dict[str, Any], {}, "{ [key: string]: unknown }"),
    ],
)
def test_what_is_answered(annotation: Any, options: dict[str, Any], shown: str) -> None:
    async def answer() -> Any: ...

    answer.__annotations__["return"] = annotation
    assert signature(get("/x", **options)(answer)) == f"Read<[], {shown}>"


def test_an_answer_that_can_be_anything_is_unknown_with_a_warning() -> None:
    @get("/x")
    async def answer() -> Response: ...  # type: ignore[type-arg]

    generated = generate([plugin("acme__x", answer)])
    assert generated.warnings == (
        "acme__x: GET /acme__x/x: litestar.response.base.Response has no type in TypeScript; it is unknown there",
    )


# ── errors


class Details(msgspec.Struct):
    left: int


class Full(HTTPException):
    status_code = 402
    extra: Details  # type: ignore[assignment]


class Fuller(Full):
    pass


def test_declared_errors_are_told_apart_by_status() -> None:
    @get("/x", raises=[PermissionDeniedException, Fuller, NotFoundException, NotFoundException])
    async def answer() -> int: ...

    assert signature(answer) == "Read<[], number, Problem<402, AcmeX.Details> | Problem<403> | Problem<404>>"
    assert "errors: [402, 403, 404]" in interface(answer)


# ── bodies


@dataclass
class User:
    name: str
    password: str
    age: int = 0


def test_a_dto_is_typed_by_what_travels() -> None:
    class Public(DataclassDTO[User]):
        config = DTOConfig(exclude={"password"}, rename_strategy="camel")

    @post("/user", dto=DataclassDTO[User], return_dto=Public)
    async def make(data: JSONBody[User]) -> User: ...

    expected = "Write<[body: AcmeX.UserCreateBody], AcmeX.UserCreateAnswer>"
    assert signature(make) == expected
    assert signature(make) == expected, "Litestar counts its names up"
    assert "interface UserCreateAnswer {\n    name: string;\n    age: number;\n  }" in interface(make)


def test_dto_data_is_typed_by_what_travels() -> None:
    class Patch(DataclassDTO[User]):
        config = DTOConfig(partial=True)

    @put("/user", dto=Patch, return_dto=None)
    async def change(data: JSONBody[DTOData[User]]) -> None: ...

    part = interface(change)
    assert "name?: string" in part
    assert "password?: string" in part


@dataclass
class Upload:
    title: str
    files: list[UploadFile]


def test_uploads_are_blobs() -> None:
    @post("/upload")
    async def upload(data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]) -> None: ...

    part = interface(upload)
    assert "files: Blob[];" in part
    assert "* The body is sent as `multipart/form-data`." in part


def test_a_raw_body_is_sent_as_it_is() -> None:
    @post("/raw")
    async def raw(body: RawBody) -> None: ...

    assert signature(raw) == "Write<[body: Blob | string], void>"


def test_an_async_iterator_is_no_data() -> None:
    @get("/x")
    async def answer() -> AsyncIterator[int]: ...

    assert signature(answer) == "Read<[], unknown>"


# ── the rest


def test_the_comment_has_the_first_paragraph_the_route_and_its_channels() -> None:
    @get("/x", deprecated=True)
    async def one() -> int:
        """Says
        what it does.

        At length.
        """

    assert "    /**\n     * Says what it does. `GET /acme__x/x`.\n     * @deprecated\n     */\n" in interface(one)


def test_controllers_and_websockets_are_handled() -> None:
    class Things(Controller):
        path = "/thing"

        @get("/")
        async def all_of_them(self) -> list[int]: ...

    assert "readonly thing: {" in interface(Things)


def test_routes_that_are_no_calls_are_left_out() -> None:
    made = plugin("acme__x", plain)
    other = Route("acme__x", "WEBSOCKET", "/acme__x/socket", made.routes[0].handler)
    with_socket = PluginInput(**{**vars(made), "routes": (*made.routes, other)})
    assert generate([with_socket]) == generate([made])


def test_every_call_here_compiles(tmp_path: Path) -> None:
    file = tmp_path / "calls.ts"
    file.write_text(generate([plugin("acme__x", *ALL, several, package=__name__)]).text, encoding="utf-8")
    assert compile_files([file]) == ""

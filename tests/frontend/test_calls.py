"""Arguments of the generated calls and the errors they declare, compared with what Litestar does for the same handlers."""

from __future__ import annotations

import uuid
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from litestar import Controller, Litestar, MediaType, Request, Response, Router, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.enums import ParamType
from litestar.exceptions import ClientException, HTTPException, NotFoundException, PermissionDeniedException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import (
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
)
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from hookspecs import Frontend
from host.frontend.calls.parameters import parameters_of
from host.frontend.emit import generate
from host.frontend.model import PluginInput, Route
from tests.frontend import signatures
from tests.frontend.building import plugin
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.signatures import part

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.base_exceptions.LitestarDeprecationWarning")


class Kind(Enum):
    A = "a"
    B = "b"


interface = partial(part, package=__name__)
signature = partial(signatures.signature, package=__name__)


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
async def explicit(value: Annotated[int, Dependency(skip_validation=True)] = 3) -> None: ...


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


@pytest.mark.parametrize("handler", ALL, ids=lambda handler: handler.fn.__name__)
@pytest.mark.parametrize("layered", [False, True], ids=["", "layered"])
def test_every_parameter_is_sent_to_where_litestar_reads_it(handler: HTTPRouteHandler, layered: bool) -> None:
    parameters = {"tenant": QueryParameter(annotation=str), "q": QueryParameter(annotation=str, name="query")}
    router = Router("/", route_handlers=[handler], parameters=parameters if layered else None)
    ((route, registered),) = routes_of(Litestar([router], openapi_config=None))
    model = registered.create_kwargs_model(path_parameters=route.path_parameters)
    parameters = parameters_of(registered, route.path)
    explicit = {field.field_alias for field in model.expected_query_params if field.param_type == ParamType.DEPENDENCY}
    for kind, expected in (
        (ParamType.QUERY, model.expected_query_params),
        (ParamType.HEADER, model.expected_header_params),
        (ParamType.COOKIE, model.expected_cookie_params),
    ):
        sent = {(parameter.name, parameter.required) for parameter in parameters.of(kind)}
        assert sent == {(field.field_alias, field.is_required) for field in expected if field.field_alias not in explicit}
    assert [parameter.name for parameter in parameters.path] == list(route.path_parameters)
    assert (parameters.data is not None) == ("data" in model.expected_reserved_kwargs)


@pytest.mark.parametrize(
    ("handler", "shown"),
    [
        (plain, "Read<[path: { id: number }, query: { q: string; page?: number }], void, Invalid>"),
        (
            marked,
            (
                'Read<[query: { "a-name": string; many?: number[] }, '
                'headers: { "x-header"?: string; plain_header: string }], void, Invalid>'
            ),
        ),
        (
            depends,
            'Read<[query: { shared: number; size?: number; own: boolean }, headers: { "x-inner": string }], void, Invalid>',
        ),
        (
            inferred,
            (
                "Read<[path: { id: string }, "
                "query: { shared: number; size?: number; maybe?: string; number?: number; both?: number }, "
                'headers: { "x-inner": string }], void, Invalid>'
            ),
        ),
        (aliased, "Read<[path: { task_id: UUID }], void>"),
        (untaken, "Read<[path: { a: number; b: string; rest: string }], void>"),
        (reserved, "Read<[], void>"),
        (explicit, "Read<[], void>"),
        (data_of_a_dependency, "Write<[path: { id: number }, body: { [key: string]: number }], void, Invalid>"),
    ],
    ids=lambda value: value.fn.__name__ if isinstance(value, HTTPRouteHandler) else "",
)
def test_arguments_are_labelled_in_order(handler: HTTPRouteHandler, shown: str) -> None:
    assert signature(handler) == shown


def test_a_handler_with_two_paths_is_two_operations() -> None:
    text = interface(several)
    assert "readonly getAll: Read<[], void>;" in text
    assert "readonly get: Read<[path: { id: number }], void>;" in text


def test_a_required_body_makes_the_optional_query_before_it_required() -> None:
    @put("/x")
    async def change(data: JSONBody[int], dry: FromQuery[bool] = False) -> None: ...

    assert signature(change) == "Write<[query: { dry?: boolean } | undefined, body: number], void, Invalid>"


def test_a_body_may_be_optional() -> None:
    @post("/x")
    async def make(data: JSONBody[int | None] = None, dry: FromQuery[bool] = False) -> None: ...

    assert signature(make) == "Write<[query?: { dry?: boolean }, body?: number | null], void, Invalid>"


def test_headers_come_last_and_are_optional_if_none_is_required() -> None:
    @put("/x")
    async def change(
        data: JSONBody[int | None] = None,
        trace: Annotated[str | None, HeaderParameter(name="X-Trace")] = None,
        size: Annotated[int, HeaderParameter(name="X-Size")] = 3,
    ) -> None: ...

    expected = 'Write<[body?: number | null, headers?: { "x-trace"?: string; "x-size"?: number }], void, Invalid>'
    assert signature(change) == expected
    assert 'args: "bh"' in interface(change)


def test_a_required_header_makes_the_arguments_before_it_required() -> None:
    @put("/x")
    async def change(
        tenant: Annotated[Kind, HeaderParameter(name="X-Tenant")], dry: FromQuery[bool] = False, data: JSONBody[int | None] = None
    ) -> None: ...

    expected = 'headers: { "x-tenant": AcmeX.Kind }], void, Invalid>'
    assert signature(change) == f"Write<[query: {{ dry?: boolean }} | undefined, body: number | null | undefined, {expected}"


def test_cookies_and_headers_that_a_page_cannot_set_are_named_in_the_comment() -> None:
    @get("/x")
    async def read(
        host: Annotated[str, HeaderParameter(name="Host")],
        session: Annotated[str, CookieParameter(name="session")],
        theme: FromCookie[str | None],
        mode: Annotated[str | None, HeaderParameter(name="Sec-Fetch-Mode")] = None,
        accept: Annotated[str, HeaderParameter(name="Accept")] = "*/*",
        kind: Annotated[str, HeaderParameter(name="Content-Type")] = "",
    ) -> None: ...

    text = interface(read)
    lines = ["Header `Host`.", "Header `Sec-Fetch-Mode`, optional.", "Cookie `session`.", "Cookie `theme`, optional."]
    assert "".join(f"     * {line}\n" for line in lines) in text
    assert signature(read) == "Read<[], void, Invalid>"
    assert "Accept" not in text
    assert "Content-Type" not in text


def test_the_target_encodes_parameters_and_keeps_the_slashes_of_a_path() -> None:
    text = interface(untaken)
    assert (
        "target: (payload: { a: number; b: string; rest: string }): string => `/acme__x/untaken/${encodeURIComponent(payload.a)}/"
        in text
    )
    assert '${String(payload.rest).replace(/^\\/+/, "").split("/").map(encodeURIComponent).join("/")}`' in text


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
def test_only_types_that_can_be_written_into_a_path_narrow_the_argument(annotation: Any, shown: str) -> None:
    async def read(id: Any) -> None: ...  # noqa: A002

    read.__annotations__["id"] = annotation
    assert signature(get("/x/{id:str}")(read)).startswith(f"Read<[path: {{ id: {shown} }}], void")


# ── errors


class Details(msgspec.Struct):
    left: int


class Full(HTTPException):
    status_code = 402
    extra: Details  # type: ignore[assignment]


class Fuller(Full):
    pass


class Worse(ValidationException):
    extra: Details  # type: ignore[assignment]


class Gone(msgspec.Struct):
    since: int


def test_declared_errors_are_discriminated_by_status() -> None:
    @get("/x", raises=[PermissionDeniedException, Fuller, NotFoundException, NotFoundException])
    async def answer() -> int: ...

    assert signature(answer) == "Read<[], number, Problem<402, AcmeX.Details> | Problem<403> | Problem<404>>"
    assert "errors: [402, 403, 404]" in interface(answer)


@pytest.mark.parametrize("error", [ValidationException, ClientException])
def test_a_declared_400_without_fields_of_its_own_has_the_type_of_litestars_400(error: type[HTTPException]) -> None:
    @post("/x", raises=[error])
    async def make(data: JSONBody[int]) -> int: ...

    assert signature(make) == "Write<[body: number], number, Invalid>"
    assert "errors: [400]" in interface(make)


def test_a_declared_400_is_kept_beside_litestars_400() -> None:
    @post("/x", raises=[Worse])
    async def make(data: JSONBody[int]) -> int: ...

    assert signature(make) == "Write<[body: number], number, Problem<400, AcmeX.Details> | Invalid>"


def test_a_route_without_arguments_declares_no_validation_error() -> None:
    @post("/x", raises=[ValidationException])
    async def make() -> int: ...

    assert signature(make) == "Write<[], number, Problem<400>>"


@pytest.mark.parametrize(
    ("path", "annotation", "checked"),
    [
        ("{id:int}", int, False),
        ("{id:str}", FromPath[str], False),
        ("{id:str}", Kind, True),
        ("{id:str}", uuid.UUID, True),
        ("{id:int}", Annotated[int, PathParameter(ge=1)], True),
    ],
)
def test_a_path_can_be_invalid_if_the_handler_restricts_it_further(path: str, annotation: Any, checked: bool) -> None:
    async def read(id: Any) -> None: ...  # noqa: A002

    read.__annotations__["id"] = annotation
    handler = get(f"/x/{path}")(read)
    assert signature(handler).endswith(", Invalid>") is checked
    with TestClient(Litestar([handler], openapi_config=None)) as client:
        assert client.get("/x/0").status_code == (400 if checked else 200)


def test_additional_responses_are_declared_too() -> None:
    responses = {
        404: ResponseSpec(Gone),
        409: ResponseSpec(None),
        410: ResponseSpec(Gone | Details),
        418: ResponseSpec(str, media_type=MediaType.TEXT),
        202: ResponseSpec(Details),
        304: ResponseSpec(None),
    }

    @get("/x", responses=responses, raises=[NotFoundException])
    async def answer() -> Response[Gone]: ...

    errors = "Problem<404> | Problem<409> | Problem<410> & (AcmeX.Details | AcmeX.Gone) | Problem<418>"
    assert signature(answer) == f"Read<[], AcmeX.Gone | AcmeX.Details, {errors}>"
    assert "errors: [404, 409, 410, 418]" in interface(answer)


def test_an_additional_response_that_no_exception_declares_has_its_fields() -> None:
    @get("/x", responses={404: ResponseSpec(Gone)})
    async def answer() -> int: ...

    assert signature(answer) == "Read<[], number, Problem<404> & AcmeX.Gone>"


# ── the rest


def test_the_comment_has_the_first_paragraph_the_route_and_its_channels() -> None:
    @get("/x", deprecated=True)
    async def read() -> int:
        """Says
        what it does.

        At length.
        """

    assert "    /**\n     * Says what it does. `GET /acme__x/x`.\n     * @deprecated\n     */\n" in interface(read)


def test_controllers_are_supported() -> None:
    class Things(Controller):
        path = "/thing"

        @get("/")
        async def all_of_them(self) -> list[int]: ...

    assert "readonly thing: {" in interface(Things)


def test_routes_that_are_not_calls_are_omitted() -> None:
    normal = plugin("acme__x", plain)
    other = Route("acme__x", "ASGI", "/acme__x/asgi", normal.routes[0].handler)
    with_other = PluginInput(**{**vars(normal), "routes": (*normal.routes, other)})
    assert generate([with_other]) == generate([normal])


USAGE = """\
import { acme__x, createApi } from "./generated-config";
const api = createApi({ acme__x }, { csrf: acme__x.custom.csrf }).acme__x;
export const header: "X-CSRF-Token" = acme__x.custom.csrf.header;
void api.marked.getAll({ "a-name": "x" }, { plain_header: "y", "x-header": "z" }, { signal: AbortSignal.timeout(1) });
void api.marked.getAll.query({ "a-name": "x" }, { plain_header: "y" });
// @ts-expect-error a header is needed
void api.marked.getAll({ "a-name": "x" });
// @ts-expect-error a cookie is not a header
void api.marked.getAll({ "a-name": "x" }, { plain_header: "y", session: "z" });
export async function refused(): Promise<string | undefined> {
  const result = await api.marked.getAll.safe({ "a-name": "x" }, { plain_header: "y" });
  if (result.ok) return;
  const status: 400 = result.error.status;
  void status;
  return result.error.extra?.map((issue) => `${issue.source} ${issue.key}: ${issue.message}`).join();
}
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_call_in_this_module_compiles(compiler: str, tmp_path: Path) -> None:
    frontend = Frontend(custom={"csrf": {"cookie": "acme_csrf", "header": "X-CSRF-Token"}})
    text = generate([plugin("acme__x", *ALL, several, package=__name__, frontend=frontend)]).text
    (tmp_path / "generated-config.ts").write_text(text, encoding="utf-8")
    usage = tmp_path / "usage.ts"
    usage.write_text(USAGE, encoding="utf-8")
    assert compile_files([usage], compiler) == ""

"""The OpenAPI document of all plugins: Litestar's own, with the problems that routes really answer (design, 6)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from hookspecs.auth import RequiresUser
from host.common.version import __version__
from host.web.litestar.routing import OWNER
from host.web.problems import MEDIA_TYPE, Problem

_PROBLEM: Final = "host.Problem"
#: What is answered by any route of a plugin.
_ALWAYS: Final = (500, 503)
_RETRY: Final = (429, 503)
_BAD_REQUEST: Final = 400
_MEANT: Final[Mapping[int, str]] = {
    400: "What was sent does not fit.",
    401: "Nobody has signed in, or the token does not hold.",
    403: "Who has signed in may not do this.",
    404: "There is no such thing.",
    413: "The body is too long.",
    415: "The body is not said to be JSON.",
    500: "The server made an error; it stands in its log under the id of the request.",
    503: "It cannot be done now.",
}


class Routes(ReceiveRoutePlugin):
    """Notes the routes of an application, for who describes them."""

    def __init__(self) -> None:
        self.found: list[HTTPRoute] = []

    def receive_route(self, route: BaseRoute) -> None:
        """Note a route when it is registered."""
        if isinstance(route, HTTPRoute):
            self.found.append(route)


@dataclass
class HostOpenAPIConfig(OpenAPIConfig):
    """Makes the document.

    Args:
        routes: those that it describes.
    """

    routes: Routes = field(default_factory=Routes)

    def to_openapi_schema(self) -> OpenAPI:
        """The document, before Litestar fills it."""
        found = super().to_openapi_schema()
        return _Document(**{one.name: getattr(found, one.name) for one in fields(found)}, routes=self.routes)


def openapi_config(routes: Routes) -> HostOpenAPIConfig:
    """How the host describes itself.

    Args:
        routes: notes the routes; it is a plugin of the application too.
    """
    return HostOpenAPIConfig(title="litestar-host", version=__version__, routes=routes)


@dataclass
class _Document(OpenAPI):
    """Litestar's document, with problems in the place of its own errors."""

    routes: Routes = field(default_factory=Routes)

    @property
    def _exclude_fields(self) -> set[str]:
        return {"routes"}

    def to_schema(self) -> dict[str, Any]:
        """The document as it travels."""
        self.components.schemas = {**(self.components.schemas or {}), _PROBLEM: _schema_of_problems()}
        standard: dict[str, OpenAPIResponse | Reference] = {}
        for route in self.routes.found:
            item = (self.paths or {}).get(route.path_format or "/")
            for method, (handler, _) in route.route_handler_map.items():
                operation = getattr(item, method.lower(), None)
                if isinstance(operation, Operation) and OWNER in handler.opt:
                    _describe(operation, route, handler, standard)
        self.components.responses = {**(self.components.responses or {}), **dict(sorted(standard.items()))}
        return super().to_schema()


def _describe(operation: Operation, route: HTTPRoute, handler: Any, standard: dict[str, OpenAPIResponse | Reference]) -> None:
    """Say which problems an operation answers.

    Args:
        operation: gets them.
        route: the path.
        handler: of the method.
        standard: gets the responses that many operations have.
    """
    responses = operation.responses = {} if operation.responses is None else operation.responses
    said = {str(status) for status in [handler.status_code, *(handler.responses or {})]}
    raised: dict[int, list[type[HTTPException]]] = {}
    for error in handler.raises or ():
        raised.setdefault(error.status_code, []).append(error)
    expected = set(_expected(operation, route, handler))
    for status in sorted({*raised, *expected}):
        if str(status) in said:
            continue
        texts = list(dict.fromkeys(filter(None, map(_told, raised.get(status, ())))))
        if texts:
            meant = [_MEANT[status]] if status in expected and status == _BAD_REQUEST else []
            responses[str(status)] = _problem(status, " ".join([*texts, *meant]))
        else:
            name = f"Problem{status}"
            standard.setdefault(name, _problem(status, _MEANT.get(status) or _phrase(status)))
            responses[str(status)] = Reference(f"#/components/responses/{name}")


def _expected(operation: Operation, route: HTTPRoute, handler: Any) -> Iterator[int]:
    """The problems that follow from how a route is made."""
    yield from _ALWAYS
    if operation.parameters or operation.request_body is not None:
        yield 400
    if route.path_parameters:
        yield 404
    if isinstance(body := operation.request_body, RequestBody):
        yield 413
        if "application/json" in body.content:
            yield 415
    if any(isinstance(guard, RequiresUser) for guard in handler.resolve_guards()):
        yield from (401, 403)


def _told(error: type[HTTPException]) -> str:
    """What a plugin says of its own error: the first line of its docstring, without the status."""
    if error.__module__.partition(".")[0] == "litestar" or not error.__doc__:
        return ""
    line = inspect.cleandoc(error.__doc__).partition("\n")[0]
    text = line.removeprefix(f"{error.status_code}:").strip()
    return text[:1].upper() + text[1:]


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"


def _problem(status: int, description: str) -> OpenAPIResponse:
    text = Schema(type=OpenAPIType.STRING)
    headers: dict[str, OpenAPIHeader | Reference] = {"X-Request-Id": OpenAPIHeader(schema=text, description="as in the problem")}
    if status in _RETRY:
        headers["Retry-After"] = OpenAPIHeader(schema=text, description="seconds after which to ask again")
    content = {MEDIA_TYPE: OpenAPIMediaType(schema=Reference(f"#/components/schemas/{_PROBLEM}"))}
    return OpenAPIResponse(description=description, headers=headers, content=content)


def _schema_of_problems() -> Schema:
    (found,) = msgspec.json.schema_components([Problem])[1].values()
    properties: dict[str, Schema | Reference] = {name: Schema(type=one.get("type")) for name, one in found["properties"].items()}
    required = list(found["required"])
    return Schema(type=OpenAPIType.OBJECT, title="Problem", description="RFC 9457", properties=properties, required=required)

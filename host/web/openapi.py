"""The OpenAPI document of all plugins: Litestar's, with the problems that the host answers instead of Litestar's errors."""

from __future__ import annotations

import inspect
import re
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
from host.common.compat.litestar import handlers_of, unwrapped
from host.common.version import __version__
from host.web.litestar.routing import OWNER
from host.web.problems import MEDIA_TYPE, Problem

_PROBLEM: Final = "host.Problem"
#: Statuses that every route of a plugin may answer.
_ALWAYS: Final = (500, 503)
_RETRYABLE: Final = (429, 503)
#: What a path of Litestar has that a path of OpenAPI does not.
_TYPE_OF_PARAMETER: Final = re.compile(r":\w+\}")
_BAD_REQUEST: Final = 400
_DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The request is invalid.",
    401: "Credentials are missing or invalid.",
    403: "The user is not permitted to do this.",
    404: "The resource does not exist.",
    413: "The body is too large.",
    415: "The content type of the body is not JSON.",
    500: "An internal error occurred; the server logged it under the request id.",
    503: "The plugin, the database or the host is temporarily unavailable.",
}


class RouteRecorder(ReceiveRoutePlugin):
    """Records the routes of an application, which the document describes."""

    def __init__(self) -> None:
        self.routes: list[HTTPRoute] = []

    def receive_route(self, route: BaseRoute) -> None:
        """Record a route when it is registered."""
        if isinstance(route, HTTPRoute):
            self.routes.append(route)


@dataclass
class HostOpenAPIConfig(OpenAPIConfig):
    """Makes the document.

    Args:
        recorder: records the routes that it describes.
        schemas: further components, by name.
    """

    recorder: RouteRecorder = field(default_factory=RouteRecorder)
    schemas: Mapping[str, Schema] = field(default_factory=dict)

    def to_openapi_schema(self) -> OpenAPI:
        """Return the document, before Litestar adds the operations."""
        litestars = super().to_openapi_schema()
        document = _Document(**{item.name: getattr(litestars, item.name) for item in fields(litestars)})
        document.recorder, document.further_schemas = self.recorder, self.schemas
        return document


def openapi_config(recorder: RouteRecorder, schemas: Mapping[str, Schema]) -> HostOpenAPIConfig:
    """Return the configuration of the document.

    Args:
        recorder: records the routes; it must be a plugin of the application, too.
        schemas: components that are added, by name; they may be filled while the document is made.
    """
    return HostOpenAPIConfig(title="litestar-host", version=__version__, recorder=recorder, schemas=schemas)


class _Document(OpenAPI):
    """Litestar's document, with problems instead of Litestar's own errors."""

    # Plain attributes, as this is no dataclass itself: Litestar writes all fields of a specification class into the document.
    recorder: RouteRecorder
    further_schemas: Mapping[str, Schema]

    def to_schema(self) -> dict[str, Any]:
        """Return the document as it is sent."""
        own = {**self.further_schemas, _PROBLEM: _schema_of_problems()}
        self.components.schemas = {**(self.components.schemas or {}), **own}
        standard: dict[str, OpenAPIResponse | Reference] = {}
        for route in self.recorder.routes:
            item = (self.paths or {}).get(_TYPE_OF_PARAMETER.sub("}", route.path) or "/")
            for handler in handlers_of(route):
                for method in handler.http_methods:
                    operation = getattr(item, method.lower(), None)
                    if isinstance(operation, Operation) and OWNER in handler.opt:
                        _describe(operation, route, handler, standard)
        self.components.responses = {**(self.components.responses or {}), **dict(sorted(standard.items()))}
        document = super().to_schema()
        return unwrapped(document, self.further_schemas) if self.further_schemas else document


def _describe(operation: Operation, route: HTTPRoute, handler: Any, standard: dict[str, OpenAPIResponse | Reference]) -> None:
    """Add the problems that an operation answers to its responses.

    Args:
        operation: the operation.
        route: its route.
        handler: its route handler.
        standard: collects the responses that operations share.
    """
    responses = operation.responses = {} if operation.responses is None else operation.responses
    declared = {str(status) for status in [handler.status_code, *(handler.responses or {})]}
    raised: dict[int, list[type[HTTPException]]] = {}
    for error in handler.raises or ():
        raised.setdefault(error.status_code, []).append(error)
    expected = set(_expected(operation, route, handler))
    for status in sorted({*raised, *expected}):
        if str(status) in declared:
            continue
        texts = list(dict.fromkeys(filter(None, map(_documented, raised.get(status, ())))))
        if texts:
            general = [_DESCRIPTIONS[status]] if status in expected and status == _BAD_REQUEST else []
            responses[str(status)] = _problem(status, " ".join([*texts, *general]))
        else:
            name = f"Problem{status}"
            standard.setdefault(name, _problem(status, _DESCRIPTIONS.get(status) or _phrase(status)))
            responses[str(status)] = Reference(f"#/components/responses/{name}")


def _expected(operation: Operation, route: HTTPRoute, handler: Any) -> Iterator[int]:
    """Yield the statuses that follow from the parameters, the body and the guards of a route."""
    yield from _ALWAYS
    if operation.parameters or operation.request_body is not None:
        yield 400
    if "{" in route.path:
        yield 404
    if isinstance(body := operation.request_body, RequestBody):
        yield 413
        if "application/json" in body.content:
            yield 415
    if any(isinstance(guard, RequiresUser) for guard in handler.resolve_guards()):
        yield from (401, 403)


def _documented(error: type[HTTPException]) -> str:
    """Return the description of a plugin's own error class: the first line of its docstring, without the status."""
    if error.__module__.partition(".")[0] == "litestar" or not error.__doc__:
        return ""
    line = inspect.cleandoc(error.__doc__).partition("\n")[0]
    text = line.removeprefix(f"{error.status_code}:").strip()
    return text[:1].upper() + text[1:]


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"


def _problem(status: int, description: str) -> OpenAPIResponse:
    text = Schema(type=OpenAPIType.STRING)
    headers: dict[str, OpenAPIHeader | Reference] = {
        "X-Request-Id": OpenAPIHeader(schema=text, description="The request id, as in the problem.")
    }
    if status in _RETRYABLE:
        headers["Retry-After"] = OpenAPIHeader(schema=text, description="Seconds after which the client may try again.")
    content = {MEDIA_TYPE: OpenAPIMediaType(schema=Reference(f"#/components/schemas/{_PROBLEM}"))}
    return OpenAPIResponse(description=description, headers=headers, content=content)


def _schema_of_problems() -> Schema:
    (schema,) = msgspec.json.schema_components([Problem])[1].values()
    properties: dict[str, Schema | Reference] = {
        name: Schema(type=value.get("type")) for name, value in schema["properties"].items()
    }
    required = list(schema["required"])
    return Schema(type=OpenAPIType.OBJECT, title="Problem", description="RFC 9457", properties=properties, required=required)

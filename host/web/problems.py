"""Errors on the wire: RFC 9457 problems with the id of the request (design, 6)."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import uuid4

import msgspec
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, InternalServerException, NotFoundException, WebSocketException
from pymongo.errors import ConnectionFailure

from host.web.litestar.routing import OWNER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from litestar import Request
    from litestar.types import Scope as Connection

    from hookspecs import Layer

_LOG: Final = logging.getLogger("host.web")
#: Of a problem on the wire.
MEDIA_TYPE: Final = "application/problem+json"
_SERVER_ERROR: Final = 500
_NOT_FOUND: Final = 404
_UNAUTHORIZED: Final = 401
#: A 401 must say how one may sign in (RFC 9110, 15.5.2).
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
#: Seconds after which a client may ask again.
_AGAIN: Final = 2
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: What may stand in a path as it is (RFC 3986, 3.3).
_SHOWN: Final = "/:@!$&'()*+,;="
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}\Z")


class Problem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a client gets instead of an answer.

    Args:
        type: a URI of the kind of problem.
        title: of the status.
        status: the HTTP status.
        detail: what happened this time.
        request_id: of the request; an unexpected error stands under it in the log.
        extra: further facts, e.g. one entry for each field that did not fit.
    """

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    extra: Any = None


def request_id(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The id that the client sent as ``X-Request-Id``, or a new one."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.match(given) else uuid4().hex


def http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """The answer to an :class:`~litestar.exceptions.HTTPException`; a plugin's own 5xx is logged too."""
    if isinstance(error, InternalServerException):
        return unexpected_problem(request, error)
    if error.status_code >= _SERVER_ERROR:
        _log(request, request_id(request), error)
    headers = {**_CHALLENGE, **(error.headers or {})} if error.status_code == _UNAUTHORIZED else error.headers
    return _answer(request, error.status_code, error.detail, _clear(error.extra) or None, headers)


def _clear(extra: Any) -> Any:
    """What does not fit, field by field; where Litestar has but the name of what is missing, a text."""
    if not isinstance(extra, list):
        return extra
    missing = [isinstance(one, dict) and one.get("message") == repr(one.get("key")) for one in extra]
    return [{**one, "message": "it is missing"} if gone else one for one, gone in zip(extra, missing, strict=True)]


def http_or_unrouted(unrouted: Callable[..., Any]) -> Callable[[Request[Any, Any, Any], HTTPException], Any]:
    """The host's handler of HTTP errors, which tells a path without a route from what a handler raises.

    Registered for ``NotFoundException`` it would come before a layer's handler for all HTTP errors.

    Args:
        unrouted: handles the one; :func:`http_problem` the other.
    """

    def handle(request: Request[Any, Any, Any], error: HTTPException) -> Any:
        routed = not isinstance(error, NotFoundException) or request.scope.get("route_handler") is not None
        return http_problem(request, error) if routed else unrouted(request, error)

    return handle


def not_found(layers: Sequence[tuple[str, Layer]]) -> Callable[[Request[Any, Any, Any], NotFoundException], Any]:
    """The handler of paths without a route: that of the innermost scope that they lie under and that has one (row F31).

    Args:
        layers: with their prefixes, the longest first.
    """
    chosen = [
        (prefix, found)
        for prefix, layer in layers
        if (found := layer.exception_handlers.get(NotFoundException) or layer.exception_handlers.get(_NOT_FOUND)) is not None
    ]

    def handle(request: Request[Any, Any, Any], error: NotFoundException) -> Any:
        path = request.scope["path"]
        for prefix, found in chosen:
            if path == prefix or path.startswith(f"{prefix}/"):
                return found(request, error)
        return http_problem(request, error)

    return handle


def unexpected_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """The answer to any other exception: nothing of it is told, all of it is logged with plugin and request id.

    Where the database does not answer, the client may try again (503); a plugin's own handler of exceptions comes first.
    """
    if isinstance(error, ConnectionFailure):
        return _database_lost(request, error)
    answer = _answer(request, _SERVER_ERROR, "the server made an error; it is in its log under the request id")
    _log(request, answer.content.request_id, error)
    return answer


async def socket_failed(error: Exception, scope: Connection) -> None:
    """Log what the handler of a WebSocket did not expect: Litestar closes with 4500 and tells nobody else.

    Args:
        error: what it raised; a refusal, and that the client has left, are no errors.
        scope: of the connection; an HTTP request has been logged by its handler of exceptions.
    """
    refusal = isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR
    if scope["type"] == ScopeType.WEBSOCKET and not refusal and not isinstance(error, WebSocketException):
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        _log(connection, request_id(connection), error)


def _database_lost(request: Request[Any, Any, Any], error: ConnectionFailure) -> Response[Problem]:
    """The answer where a request needs the database, which does not answer. One line of the log, for there may be many."""
    unknown = "" if request.method in _SAFE else "; whether the request was carried out is not known"
    answer = unavailable(request, f"the database does not answer{unknown}", _AGAIN)
    _LOG.error(f"{_what(request, answer.content.request_id)}: the database does not answer: {type(error).__name__}")
    return answer


def _log(request: ASGIConnection[Any, Any, Any, Any], identifier: str, error: Exception) -> None:
    _LOG.error(_what(request, identifier), exc_info=error)


def _what(request: ASGIConnection[Any, Any, Any, Any], identifier: str) -> str:
    owner = getattr(request.scope.get("route_handler"), "opt", {}).get(OWNER, "host")
    path = quote(request.url.path, safe=_SHOWN)  # decoded, it could hold the end of the line
    return f"{request.scope.get('method', 'WEBSOCKET')} {path} of {owner} failed, request {identifier}"


def unavailable(request: Request[Any, Any, Any], detail: str, retry_after: int) -> Response[Problem]:
    """The answer in the place of what is not there now.

    Args:
        request: what was asked.
        detail: why it is not there.
        retry_after: seconds after which the client may ask again.
    """
    return _answer(request, 503, detail, None, {"Retry-After": str(retry_after)})


def _answer(
    request: Request[Any, Any, Any], status: int, detail: str, extra: Any = None, headers: Mapping[str, str] | None = None
) -> Response[Problem]:
    known = status in HTTPStatus._value2member_map_
    title = HTTPStatus(status).phrase if known else "Error"
    identifier = request_id(request)
    problem = Problem("about:blank", title, status, detail or title, identifier, extra)
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers={**(headers or {}), "X-Request-Id": identifier})


EXCEPTION_HANDLERS: Final[Mapping[int | type[Exception], Any]] = {HTTPException: http_problem, Exception: unexpected_problem}

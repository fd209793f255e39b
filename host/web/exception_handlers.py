"""What the host answers and logs when a handler raises an exception that no plugin handles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, InternalServerException, WebSocketException
from pymongo.errors import ConnectionFailure

from host.web.problems import problem_response
from host.web.request_log import log_failure, log_failure_briefly
from host.web.response_503 import unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar import Request, Response
    from litestar.types import Scope as Connection

    from host.web.problems import Problem

_SERVER_ERROR: Final = 500
_UNAUTHORIZED: Final = 401
#: A 401 must name an authentication scheme (RFC 9110, 15.5.2).
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
#: Seconds after which a client may try again when the database did not answer.
_RETRY_AFTER: Final = 2
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Answer an :class:`~litestar.exceptions.HTTPException`. A 5xx that a plugin raises is logged too."""
    if isinstance(error, InternalServerException):
        return unexpected_problem(request, error)
    if error.status_code >= _SERVER_ERROR:
        log_failure(request, error)
    headers = {**_CHALLENGE, **(error.headers or {})} if error.status_code == _UNAUTHORIZED else error.headers
    return problem_response(request, error.status_code, error.detail, _clear(error.extra) or None, headers)


def unexpected_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer any other exception: the client sees no details; the exception is logged with the plugin and the request id.

    If the database does not answer, the client may try again (503). A plugin's own exception handlers take precedence.
    """
    if isinstance(error, ConnectionFailure):
        return _database_unavailable(request, error)
    log_failure(request, error)
    return problem_response(request, _SERVER_ERROR, "an internal error occurred; the server logged it under the request id")


async def log_websocket_error(error: Exception, scope: Connection) -> None:
    """Log an unexpected error of a WebSocket handler: Litestar closes the connection with 4500 and reports nothing.

    Args:
        error: the exception. A refusal and a disconnect of the client are not logged.
        scope: of the connection. Errors of HTTP requests are logged by their exception handlers.
    """
    refused = isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR
    if scope["type"] == ScopeType.WEBSOCKET and not refused and not isinstance(error, WebSocketException):
        log_failure(ASGIConnection(scope), error)


def _clear(extra: Any) -> Any:
    """Return the list of invalid fields with a clear message for missing ones, for which Litestar's is only the field's name."""
    if not isinstance(extra, list):
        return extra
    missing = [isinstance(entry, dict) and entry.get("message") == repr(entry.get("key")) for entry in extra]
    return [{**entry, "message": "missing"} if gone else entry for entry, gone in zip(extra, missing, strict=True)]


def _database_unavailable(request: Request[Any, Any, Any], error: ConnectionFailure) -> Response[Problem]:
    unknown = "" if request.method in _SAFE_METHODS else "; whether the request was carried out is not known"
    log_failure_briefly(request, f"the database does not answer: {type(error).__name__}")
    return unavailable(request, f"the database does not answer{unknown}", _RETRY_AFTER)


EXCEPTION_HANDLERS: Final[Mapping[int | type[Exception], Any]] = {HTTPException: http_problem, Exception: unexpected_problem}

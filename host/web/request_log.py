"""The id of a request, and the log entries of requests that failed."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import uuid4

from host.web.litestar.routing import OWNER

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection

    Connection = ASGIConnection[Any, Any, Any, Any]

_LOG: Final = logging.getLogger("host.web")
#: Characters that stand in a path as they are (RFC 3986, 3.3).
_UNQUOTED: Final = "/:@!$&'()*+,;="
#: What is accepted as an id: it goes into the log and into a header.
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}\Z")
_STATE_KEY: Final = "host.request_id"


def request_id(connection: Connection) -> str:
    """Return the id of a request: what the client sent as ``X-Request-Id``, or else a new id, the same at each call."""
    # Kept in the ASGI state, which is shared by the copies that middleware makes of the scope. Servers make one per request.
    state: dict[str, Any] = connection.scope.setdefault("state", {})
    if (identifier := state.get(_STATE_KEY)) is None:
        sent = connection.headers.get("x-request-id", "")
        identifier = state[_STATE_KEY] = sent if _REQUEST_ID.match(sent) else uuid4().hex
    return str(identifier)


def log_failure(connection: Connection, error: BaseException) -> None:
    """Log an error with its traceback, the plugin that owns the route and the request id.

    Args:
        connection: the request or WebSocket that failed.
        error: what the handler raised.
    """
    _LOG.error(_failed(connection), exc_info=error)


def log_failure_briefly(connection: Connection, reason: str) -> None:
    """Log a failure in one line, without a traceback: for failures of which there may be many at once.

    Args:
        connection: the request or WebSocket that failed.
        reason: why it failed.
    """
    _LOG.error("%s: %s", _failed(connection), reason)


def _failed(connection: Connection) -> str:
    owner = getattr(connection.scope.get("route_handler"), "opt", {}).get(OWNER, "host")
    path = quote(connection.url.path, safe=_UNQUOTED)  # the decoded path could contain a line break and forge a log line
    return f"{connection.scope.get('method', 'WEBSOCKET')} {path} of {owner} failed, request {request_id(connection)}"

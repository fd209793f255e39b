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
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}\Z")


def request_id(connection: Connection) -> str:
    """Return the id that the client sent as ``X-Request-Id``, or a new one."""
    sent = connection.headers.get("x-request-id", "")
    return sent if _REQUEST_ID.match(sent) else uuid4().hex


def log_failure(connection: Connection, identifier: str, error: Exception) -> None:
    """Log an error with its traceback, the plugin that owns the route and the request id.

    Args:
        connection: the request or WebSocket that failed.
        identifier: its id.
        error: what the handler raised.
    """
    _LOG.error(_failed(connection, identifier), exc_info=error)


def log_failure_briefly(connection: Connection, identifier: str, reason: str) -> None:
    """Log a failure in one line, without a traceback: for failures of which there may be many at once.

    Args:
        connection: the request or WebSocket that failed.
        identifier: its id.
        reason: why it failed.
    """
    _LOG.error("%s: %s", _failed(connection, identifier), reason)


def _failed(connection: Connection, identifier: str) -> str:
    owner = getattr(connection.scope.get("route_handler"), "opt", {}).get(OWNER, "host")
    path = quote(connection.url.path, safe=_UNQUOTED)  # the decoded path could contain a line break and forge a log line
    return f"{connection.scope.get('method', 'WEBSOCKET')} {path} of {owner} failed, request {identifier}"

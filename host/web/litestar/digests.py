"""The header ``x-schema``: each answer of a plugin says which TypeScript fits it, so that a stale page learns of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from host.web.litestar.routing import OWNER

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.types import ASGIApp, Receive
    from litestar.types import Scope as Connection

#: In small letters, as ASGI has them.
HEADER: Final = b"x-schema"
#: Compared with each request's type: a plain text, which is quicker than Litestar's enumeration.
_HTTP: Final[Any] = "http"
_START: Final = "http.response.start"


def send_digests(app: Litestar, schema: str, digests: Mapping[str, str], prefixes: Iterable[tuple[str, str]] = ()) -> None:
    """Put ``x-schema: <schema>, <plugin key>=<digest>`` on every answer of these plugins' routes, also on problems.

    It is put on at the outermost place, where every answer comes by, and costs a request two calls of functions. What lies
    under a plugin's prefix and has no route gets it too: it is a stale page that asks for a route that is gone.

    Args:
        app: the application.
        schema: the digest of the whole file.
        digests: plugin key → digest of its part.
        prefixes: the plugins' prefixes with their keys.
    """
    headers = {key: (HEADER, f"{schema}, {key}={digest}".encode("ascii")) for key, digest in digests.items()}
    below = sorted(((f"{prefix}/", key) for prefix, key in prefixes if key in headers), key=lambda pair: -len(pair[0]))

    def unrouted(path: str) -> tuple[bytes, bytes] | None:
        return next((headers[key] for prefix, key in below if f"{path}/".startswith(prefix)), None)

    inner = app.asgi_handler

    # Functions that return what the other one is awaited as: a coroutine around each would cost more than all the rest.
    def stamp(connection: Connection, receive: Receive, send: Any) -> Any:
        if connection["type"] != _HTTP:
            return inner(connection, receive, send)

        def stamped(message: Any) -> Any:
            if message["type"] != _START:
                return send(message)
            handler: Any = connection.get("route_handler")
            header = unrouted(connection["path"]) if handler is None else headers.get(handler.opt.get(OWNER))
            if header is not None:  # a copy, for an application that a plugin mounts may send the same again
                message = {**message, "headers": [*message.get("headers", ()), header]}
            return send(message)

        return inner(connection, receive, stamped)

    app.asgi_handler = cast("ASGIApp", stamp)

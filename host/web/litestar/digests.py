"""The header ``x-schema``: each answer of a plugin names the TypeScript that fits it, so that a stale page notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from host.web.litestar.routing import OWNER

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.types import Scope as Connection

    from host.web.litestar.application import Application

#: In lower case, as ASGI has them.
HEADER: Final = b"x-schema"
_START: Final = "http.response.start"

_Header = tuple[bytes, bytes]


def send_digests(app: Litestar, schema: str, digests: Mapping[str, str], prefixes: Iterable[tuple[str, str]] = ()) -> None:
    """Send ``x-schema: <schema>, <plugin key>=<digest>`` with every answer of these plugins' routes, also with problems.

    It is added outside of all that Litestar does, where every answer comes by, and costs a request two calls of functions. A
    path under a plugin's prefix without a route gets it too: it is a stale page that asks for a route that is gone.

    Args:
        app: the host's application.
        schema: the digest of the whole file.
        digests: plugin key → digest of its part.
        prefixes: the plugins' prefixes with their keys.
    """
    headers = {key: (HEADER, f"{schema}, {key}={digest}".encode("ascii")) for key, digest in digests.items()}
    below = sorted(((f"{prefix}/", key) for prefix, key in prefixes if key in headers), key=lambda pair: -len(pair[0]))

    def unrouted(path: str) -> _Header | None:
        return next((headers[key] for prefix, key in below if f"{path}/".startswith(prefix)), None)

    # Functions that return what the other function is awaited as: a coroutine around each would cost more than all the rest.
    def wrap(connection: Connection, send: Any) -> Any:
        def stamped(message: Any) -> Any:
            if message["type"] != _START:
                return send(message)
            handler: Any = connection.get("route_handler")
            header = unrouted(connection["path"]) if handler is None else headers.get(handler.opt.get(OWNER))
            if header is not None:  # a copy, for an application that a plugin mounts may send the same again
                message = {**message, "headers": [*message.get("headers", ()), header]}
            return send(message)

        return stamped

    cast("Application", app).wrap_send = wrap

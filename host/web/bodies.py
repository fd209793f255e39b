"""Bodies of requests: one that cannot be read is an error of the client, not of the server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Final

from litestar import Request
from litestar.exceptions import ClientException, HTTPException, InternalServerException

_UNSUPPORTED: Final = 415


class HostRequest(Request[Any, Any, Any]):
    """Litestar's request, which answers 4xx to malformed bodies for which Litestar itself would answer 500.

    For a handler that declares ``data`` as JSON, the content type must be JSON or missing: a browser sends a JSON content type to
    another site only after a preflight request, so this stops forged requests (CSRF). ``request.json()`` reads any content type.
    """

    async def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            litestar.exceptions.HTTPException: the content type is not JSON (415).
            litestar.exceptions.ClientException: the body is not valid UTF-8, or is nested too deeply.
        """
        if "data" in self.route_handler.parsed_fn_signature.parameters:
            self._must_be_json()
        try:
            return await super().json()
        except UnicodeDecodeError:
            raise ClientException("the body is not valid UTF-8") from None
        except RecursionError:
            raise ClientException("the body is nested too deeply") from None

    async def msgpack(self) -> Any:
        """Return the body as MessagePack.

        Raises:
            litestar.exceptions.ClientException: a string in the body is not valid UTF-8, or the body is nested too deeply.
        """
        try:
            return await super().msgpack()
        except UnicodeDecodeError:
            raise ClientException("a string in the body is not valid UTF-8") from None
        except RecursionError:
            raise ClientException("the body is nested too deeply") from None

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in chunks.

        Raises:
            litestar.exceptions.ClientException: the client disconnected before the end of the body.
        """
        try:
            async for chunk in super().stream():
                yield chunk
        except InternalServerException:
            if not self.is_connected:  # the body was read before: an error of the handler, not of the client
                raise
            raise ClientException("the body is incomplete") from None

    def _must_be_json(self) -> None:
        kind = self.content_type[0].lower()
        if kind not in ("application/json", "") and not kind.endswith("+json"):
            raise HTTPException("the body must be application/json", status_code=_UNSUPPORTED)

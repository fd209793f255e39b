"""What clients send as the body of a request: what cannot be read is their fault, not the server's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Final

from litestar import Request
from litestar.exceptions import ClientException, HTTPException, InternalServerException

_UNSUPPORTED: Final = 415


class HostRequest(Request[Any, Any, Any]):
    """Litestar's request, with clear refusals where Litestar itself would answer 500.

    A handler that declares ``data`` as JSON gets it only from who says that it is JSON, or says nothing: a page of another site
    cannot make a browser say that without asking first. Who reads ``request.json()`` takes whatever there is.
    """

    async def json(self) -> Any:
        """The body as JSON.

        Raises:
            litestar.exceptions.HTTPException: 415, it is said to be something else.
            litestar.exceptions.ClientException: it is no UTF-8, or nested too deeply.
        """
        if "data" in self.route_handler.parsed_fn_signature.parameters:
            self._must_be_json()
        try:
            return await super().json()
        except UnicodeDecodeError:
            raise ClientException("the body is no UTF-8") from None
        except RecursionError:
            raise ClientException("the body is nested too deeply") from None

    async def msgpack(self) -> Any:
        """The body as MessagePack.

        Raises:
            litestar.exceptions.ClientException: a text in it is no UTF-8, or it is nested too deeply.
        """
        try:
            return await super().msgpack()
        except UnicodeDecodeError:
            raise ClientException("a text in the body is no UTF-8") from None
        except RecursionError:
            raise ClientException("the body is nested too deeply") from None

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body, piece by piece.

        Raises:
            litestar.exceptions.ClientException: it broke off.
        """
        try:
            async for chunk in super().stream():
                yield chunk
        except InternalServerException:
            if not self.is_connected:  # it was read before, which is the server's own fault
                raise
            raise ClientException("the body broke off") from None

    def _must_be_json(self) -> None:
        kind = self.content_type[0].lower()
        if kind not in ("application/json", "") and not kind.endswith("+json"):
            raise HTTPException("the body must be application/json", status_code=_UNSUPPORTED)

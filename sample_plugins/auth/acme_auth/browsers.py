"""Cookies, and protection against forged requests: a browser sends cookies no matter which page makes the request."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.security.jwt import Token

from acme_auth.errors import Forged
from acme_auth.tokens import csrf_of

Connection = ASGIConnection[Any, Any, Any, Any]

#: Contains the token; scripts cannot read it.
TOKEN_COOKIE: Final = "acme_auth"  # noqa: S105 - the name, not the token
#: Contains the value for :data:`CSRF_HEADER`; only pages of this site can read it.
CSRF_COOKIE: Final = "acme_auth_csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class SentToken:
    """A token that a client sent.

    Args:
        text: the token.
        by_cookie: whether it was in the cookie, which a browser sends by itself.
    """

    text: str
    by_cookie: bool


def token_of(connection: Connection) -> SentToken | None:
    """Return the token of a request or a WebSocket; the header takes precedence over the cookie."""
    scheme, _, text = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return SentToken(text.strip(), by_cookie=False)
    cookie = connection.cookies.get(TOKEN_COOKIE)
    return SentToken(cookie, by_cookie=True) if cookie else None


def check_forgery(connection: Connection, token: Token, origins: Collection[str]) -> None:
    """Check that a request with the cookie was not caused by a page of another site.

    Args:
        connection: the request or the WebSocket.
        token: the token in the cookie.
        origins: origins besides the request's own that are allowed.

    Raises:
        Forged: a WebSocket or an event stream from another origin, or an unsafe request without the CSRF header.
    """
    if connection.scope["type"] == ScopeType.WEBSOCKET:
        check_origin(connection, origins, required=True)
    elif connection.scope["method"] not in _SAFE_METHODS:
        sent = connection.headers.get(CSRF_HEADER.lower(), "")
        if not secrets.compare_digest(sent.encode(), csrf_of(token).encode()):
            raise Forged(f"send the header {CSRF_HEADER} with the value of the cookie {CSRF_COOKIE}")
    elif "text/event-stream" in connection.headers.get("accept", ""):
        check_origin(connection, origins)  # not required: a browser sends none to the page's own origin


def check_origin(connection: Connection, origins: Collection[str], *, required: bool = False) -> None:
    """Check the header ``Origin``, which browsers set and pages cannot change.

    Args:
        connection: the request or the WebSocket.
        origins: origins besides the request's own that are allowed.
        required: whether the header must be present.

    Raises:
        Forged: the origin is not allowed.
    """
    origin = connection.headers.get("origin")
    if origin is None and not required:
        return
    origin = (origin or "").lower()
    site = origin.partition("://")[2]
    if origin not in origins and (not site or site != connection.headers.get("host", "").lower()):
        raise Forged("requests from this origin are not allowed")


def cookies(token: Token, text: str, *, seconds: int, secure: bool) -> list[Cookie]:
    """Return the cookies that sign a browser in.

    Args:
        token: the decoded token.
        text: the token as a string.
        seconds: the lifetime of the cookies.
        secure: whether browsers send them over TLS only.
    """
    return [
        Cookie(TOKEN_COOKIE, value=text, max_age=seconds, httponly=True, samesite="lax", secure=secure),
        Cookie(CSRF_COOKIE, value=csrf_of(token), max_age=seconds, httponly=False, samesite="lax", secure=secure),
    ]


def expired_cookies() -> list[Cookie]:
    """Return cookies that make a browser delete those of :func:`cookies`."""
    return [Cookie(name, value="", max_age=0, samesite="lax") for name in (TOKEN_COOKIE, CSRF_COOKIE)]


def clear_token_cookie() -> dict[str, str]:
    """Return the header that makes a browser delete a token which is no longer valid."""
    expired = Cookie(TOKEN_COOKIE, value="", max_age=0, httponly=True, samesite="lax")
    return {"Set-Cookie": expired.to_header(header="")}

"""What a browser sends by itself proves little: the cookies, and how a request shows that our own page made it."""

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

#: Holds the token; no script can read it.
TOKEN_COOKIE: Final = "acme_auth"  # noqa: S105 - the name, not the token
#: Holds what :data:`CSRF_HEADER` must send; our pages can read it, others cannot.
CSRF_COOKIE: Final = "acme_auth_csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says who they are.

    Args:
        text: the token.
        by_cookie: the browser sent it by itself.
    """

    text: str
    by_cookie: bool


def claim_of(connection: Connection) -> Claim | None:
    """The token of a request or a socket; the header comes before the cookie."""
    scheme, _, text = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Claim(text.strip(), by_cookie=False)
    cookie = connection.cookies.get(TOKEN_COOKIE)
    return Claim(cookie, by_cookie=True) if cookie else None


def check_intended(connection: Connection, token: Token, origins: Collection[str]) -> None:
    """Refuse what a page of somebody else may have made a browser send.

    Args:
        connection: known by the cookie alone.
        token: what the cookie holds.
        origins: further ones that are ours.

    Raises:
        Forged: a socket or a stream from another origin, or a request that changes something without the right header.
    """
    if connection.scope["type"] == ScopeType.WEBSOCKET:
        check_origin(connection, origins, required=True)
    elif connection.scope["method"] not in _SAFE:
        given = connection.headers.get(CSRF_HEADER.lower(), "")
        if not secrets.compare_digest(given.encode(), csrf_of(token).encode()):
            raise Forged(f"send the header {CSRF_HEADER} with the value of the cookie {CSRF_COOKIE}")
    elif "text/event-stream" in connection.headers.get("accept", ""):
        check_origin(connection, origins)  # a page of our own sends none


def check_origin(connection: Connection, origins: Collection[str], *, required: bool = False) -> None:
    """Refuse what comes from a page of somebody else.

    Args:
        connection: with the header ``Origin``, which browsers send and pages cannot change.
        origins: further ones that are ours.
        required: whether there must be one.

    Raises:
        Forged: it is another's.
    """
    origin = connection.headers.get("origin")
    if origin is None and not required:
        return
    origin = (origin or "").lower()
    site = origin.partition("://")[2]
    if origin not in origins and (not site or site != connection.headers.get("host", "").lower()):
        raise Forged("this comes from another origin")


def cookies(token: Token, text: str, *, seconds: int, secure: bool) -> list[Cookie]:
    """The cookies of somebody who has just signed in.

    Args:
        token: what stands in the token.
        text: the token.
        seconds: how long it is good.
        secure: whether it is sent over TLS alone.
    """
    return [
        Cookie(TOKEN_COOKIE, value=text, max_age=seconds, httponly=True, samesite="lax", secure=secure),
        Cookie(CSRF_COOKIE, value=csrf_of(token), max_age=seconds, httponly=False, samesite="lax", secure=secure),
    ]


def no_cookies() -> list[Cookie]:
    """The same, taken away."""
    return [Cookie(name, value="", max_age=0, samesite="lax") for name in (TOKEN_COOKIE, CSRF_COOKIE)]


def forget() -> dict[str, str]:
    """The header that takes the token away from a browser that sends one which is good no more."""
    gone = Cookie(TOKEN_COOKIE, value="", max_age=0, httponly=True, samesite="lax")
    return {"Set-Cookie": gone.to_header(header="")}

"""What goes wrong over HTTP. The host makes problems of it, and the routes name it in ``raises``."""

from __future__ import annotations

from collections.abc import Mapping

from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException, PermissionDeniedException


class WrongCredentials(NotAuthorizedException):
    """401: no user has this email and this password; which of the two it is, nobody is told."""

    def __init__(self) -> None:
        super().__init__("email or password is wrong", headers={"WWW-Authenticate": "Bearer"})


class NotSignedIn(NotAuthorizedException):
    """401: the token is none of ours, has expired or was logged out."""

    def __init__(self, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer", **(headers or {})})


class Forged(PermissionDeniedException):
    """403: a browser sent the cookie, and it is not sure that our page asked it to."""


class EmailTaken(HTTPException):
    """409: somebody has registered with this email."""

    status_code = 409


class UserNotFound(NotFoundException):
    """404: no such user."""

    def __init__(self, user: str) -> None:
        super().__init__(f"there is no user {user}")


class TooManyAttempts(HTTPException):
    """429: too many logins failed."""

    status_code = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts; try again in {seconds} seconds", headers={"Retry-After": str(seconds)})

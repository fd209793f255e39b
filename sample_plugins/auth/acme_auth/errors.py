"""The HTTP errors. The host renders them as problem details; routes declare them in ``raises``."""

from __future__ import annotations

from collections.abc import Mapping

from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException, PermissionDeniedException


class WrongCredentials(NotAuthorizedException):
    """401: no user has this email and this password; the response does not reveal which of the two is wrong."""

    def __init__(self) -> None:
        super().__init__("email or password is wrong", headers={"WWW-Authenticate": "Bearer"})


class NotSignedIn(NotAuthorizedException):
    """401: the token is not valid, has expired, or its session has ended."""

    def __init__(self, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer", **(headers or {})})


class Forged(PermissionDeniedException):
    """403: a browser sent the cookie, but a page of another site may have caused the request."""


class EmailTaken(HTTPException):
    """409: the email is already registered."""

    status_code = 409


class UserNotFound(NotFoundException):
    """404: the user does not exist."""

    def __init__(self, user: str) -> None:
        super().__init__(f"there is no user {user}")


class TooManyAttempts(HTTPException):
    """429: too many attempts from an address or for an account."""

    status_code = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts; try again in {seconds} seconds", headers={"Retry-After": str(seconds)})

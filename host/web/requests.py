"""The dependency ``request_data``: what a client sends with a request beside its body.

Its two headers are read from the request instead of declared as parameters; otherwise every operation of the OpenAPI document
and of the generated file would list them.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.exceptions import ValidationException

from hookspecs import RequestData, user_of
from hookspecs.auth import AUTHENTICATOR
from host.registration.authentication import HostAuthenticator

#: Maximum number of characters of ``X-Project``.
_MAX_LENGTH: Final = 200
_BROADCAST: Final = {"true": True, "1": True, "false": False, "0": False}


async def request_data(request: Request[Any, Any, Any]) -> RequestData:
    """Return the data of a request.

    Raises:
        ValidationException: a header is invalid.
        NotAuthorizedException: the credentials are invalid.
    """
    authenticator: HostAuthenticator | None = request.app.state.get(AUTHENTICATOR)
    return RequestData(
        broadcast=_broadcast(request.headers.get("x-broadcast", "true")),
        project=_project(request.headers.get("x-project")),
        user=await user_of(request) if authenticator is not None and authenticator.works else None,
        request=request,
    )


def _broadcast(value: str) -> bool:
    if value not in _BROADCAST:
        raise ValidationException("the header X-Broadcast must be true, false, 1 or 0")
    return _BROADCAST[value]


def _project(value: str | None) -> str | None:
    if not value:
        return None
    try:
        project = value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        project = value  # a browser sends Latin-1, most other clients send UTF-8
    if len(project) > _MAX_LENGTH or not project.isprintable():
        raise ValidationException(f"the header X-Project must be at most {_MAX_LENGTH} printable characters")
    return project

"""The dependency ``request_data``: what a client says of a request beside its body (row R27).

The two headers are read from the request and are no parameters of the routes, so that they do not stand at each operation of
the OpenAPI document and of the generated file.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.exceptions import ValidationException

from hookspecs import RequestData, user_of
from hookspecs.auth import AUTHENTICATOR
from host.registration.authentication import HostAuthenticator

#: Characters of ``X-Project``.
_LONGEST: Final = 200
_BROADCAST: Final = {"true": True, "1": True, "false": False, "0": False}


async def request_data(request: Request[Any, Any, Any]) -> RequestData:
    """Read it from a request.

    Raises:
        ValidationException: a header does not fit.
        NotAuthorizedException: somebody claims to be a user and is not.
    """
    authenticator: HostAuthenticator | None = request.app.state.get(AUTHENTICATOR)
    return RequestData(
        broadcast=_broadcast(request.headers.get("x-broadcast", "true")),
        project=_project(request.headers.get("x-project")),
        user=await user_of(request) if authenticator is not None and authenticator.works else None,
        request=request,
    )


def _broadcast(text: str) -> bool:
    if text not in _BROADCAST:
        raise ValidationException("the header X-Broadcast is true, false, 1 or 0")
    return _BROADCAST[text]


def _project(text: str | None) -> str | None:
    if not text:
        return None
    try:
        project = text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        project = text  # a browser sends Latin-1, other clients mostly UTF-8
    if len(project) > _LONGEST or not project.isprintable():
        raise ValidationException(f"the header X-Project is at most {_LONGEST} printable characters")
    return project

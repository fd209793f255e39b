"""Errors on the wire: problems (RFC 9457) with the id of the request."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import Response

from host.web.request_log import request_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar import Request

#: The media type of a problem.
MEDIA_TYPE: Final = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The body of every error response.

    Args:
        type: a URI that identifies the type of problem.
        title: the phrase of the status.
        status: the HTTP status.
        detail: what happened this time.
        request_id: the id of the request; an unexpected error is logged under it.
        extra: further facts, e.g. one entry per field that is not valid.
    """

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    extra: Any = None


def problem_response(
    request: Request[Any, Any, Any], status: int, detail: str, extra: Any = None, headers: Mapping[str, str] | None = None
) -> Response[Problem]:
    """Return the response that describes a problem.

    Args:
        request: the request.
        status: the HTTP status.
        detail: what happened; the phrase of the status if it is empty.
        extra: further facts.
        headers: further headers.
    """
    known = status in HTTPStatus._value2member_map_
    title = HTTPStatus(status).phrase if known else "Error"
    identifier = request_id(request)
    problem = Problem("about:blank", title, status, detail or title, identifier, extra)
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers={**(headers or {}), "X-Request-Id": identifier})

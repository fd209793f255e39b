"""Check the response to bad input."""

from __future__ import annotations

import re
from typing import Any

import httpx

TASKS = "/acme__todo/task"

#: Details of the implementation: files, tracebacks, the names of library classes.
_LEAKS = re.compile(
    r"Traceback|site-packages|\.py\b|/root|/home|pymongo|beanie|bson|litestar\.|msgspec|pydantic|mongod", re.IGNORECASE
)


def check_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Check that a response is a problem document without further details, and return it.

    Args:
        answer: the response.
        status: the expected status.
    """
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["requestId"] == answer.headers["x-request-id"]
    assert not _LEAKS.search(answer.text), answer.text[:500]
    return problem

"""What an answer to bad input must be."""

from __future__ import annotations

import re
from typing import Any

import httpx

TASKS = "/acme__todo/task"

#: What tells how a server is made: its files, its tracebacks, the classes of its libraries.
_LEAKS = re.compile(
    r"Traceback|site-packages|\.py\b|/root|/home|pymongo|beanie|bson|litestar\.|msgspec|pydantic|mongod", re.IGNORECASE
)


def check_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """See that an answer is a problem that says what it is and no more, and return it.

    Args:
        answer: the answer.
        status: what it must be.
    """
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["requestId"] == answer.headers["x-request-id"]
    assert not _LEAKS.search(answer.text), answer.text[:500]
    return problem

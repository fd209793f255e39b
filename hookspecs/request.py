"""What a client says of a request beside its body (row R27)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hookspecs.auth import User


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestData:
    """Says how a request is meant. In a handler: the dependency ``request_data``; in a payload handler: what ``fields`` gets.

    Args:
        broadcast: whether a success is announced on the route's channels; ``X-Broadcast: false`` says no.
        project: what the client works in, free text of the header ``X-Project``; ``None`` where it does not say.
        user: who has signed in, ``None`` for nobody, or where no plugin knows users.
        request: the Litestar request, ``None`` where there is none.
    """

    broadcast: bool = True
    project: str | None = None
    user: User | None = None
    request: Any = None

"""What a client says about a request in its headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hookspecs.auth import User


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestData:
    """How a request is meant, beside its body.

    A handler takes it as the dependency ``request_data``; ``fields`` of a :class:`hookspecs.PayloadHandler` receives it from the
    routes of :func:`host.data.crud`.

    Args:
        broadcast: Whether a success is announced on the route's channels; the header ``X-Broadcast: false`` says no.
        project: What the client works in: the header ``X-Project`` as it is, ``None`` without it.
        user: The signed-in user. ``None`` for an anonymous request, and if no plugin provides an ``Authenticator``.
        request: The Litestar request, ``None`` if there is none.

    Example:
        >>> RequestData(project="garden").broadcast
        True
    """

    broadcast: bool = True
    project: str | None = None
    user: User | None = None
    request: Any = None

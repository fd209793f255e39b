"""What ``register_services`` returns beside plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hookspecs.values import Owned


@dataclass(frozen=True, slots=True)
class Service(Owned):
    """A service that is made at start-up, after the database is open.

    Args:
        factory: makes it; takes the scope or nothing, may be an ``async def``. Another awaitable is taken as the service itself.
        close: called with the service at shutdown; may be async.

    Raises:
        TypeError: one of them is not callable.
    """

    factory: Callable[..., Any]
    close: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        for function in (self.factory, self.close or self.factory):
            if not callable(function):
                raise TypeError(f"Service(factory, close=…) takes callables, not {function!r}")


@dataclass(frozen=True, slots=True)
class RequestService(Owned):
    """A service that is made anew for each request, so that no two requests share one (row F19).

    Args:
        factory: makes it; its arguments are those that a route handler may take, among them other services. May be async, and
            may be a generator function that cleans up after its ``yield``.

    Raises:
        TypeError: it is not callable: a value would be shared between requests.
    """

    factory: Callable[..., Any]

    def __post_init__(self) -> None:
        if not callable(self.factory):
            raise TypeError(f"RequestService takes a factory, which is called for each request, not {self.factory!r}")

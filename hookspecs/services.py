"""Services that the host creates: one for the life of the host, or one per request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hookspecs.values import Owned


@dataclass(frozen=True, slots=True)
class Service(Owned):
    """A service that is created at start-up, after the database is open, and closed at shutdown.

    Args:
        factory: Creates the service. It takes the scope or nothing, and may be an ``async def``; a coroutine is awaited within
            ``plugins.timeout`` seconds. Any other awaitable that it returns is the service itself.
        close: Called with the service at shutdown, after ``on_shutdown``, in reverse order of creation; may be async.

    Raises:
        TypeError: ``factory`` or ``close`` is not callable.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> pool = Service(lambda: ThreadPoolExecutor(2), close=lambda pool: pool.shutdown())
    """

    factory: Callable[..., Any]
    close: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        for function in (self.factory, self.close or self.factory):
            if not callable(function):
                raise TypeError(f"Service(factory, close=…) takes callables, not {function!r}")


@dataclass(frozen=True, slots=True)
class RequestService(Owned):
    """A service that is created for each request, so that no two requests share it.

    It is available to handlers by its name; ``scope.services`` does not contain it.

    Args:
        factory: Creates the service. It takes what a route handler can take, other services included; it may be async, and may be
            a generator function that cleans up after its ``yield``.

    Raises:
        TypeError: ``factory`` is not callable: a value would be shared between requests.

    Example:
        >>> basket = RequestService(dict)
    """

    factory: Callable[..., Any]

    def __post_init__(self) -> None:
        if not callable(self.factory):
            raise TypeError(f"RequestService takes a factory, which is called for each request, not {self.factory!r}")

"""Guards that return an awaitable: Litestar drops what an ordinary function returns, and would let the request pass."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from litestar.concurrency import sync_to_thread

from host.common.compat.litestar import layers_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.handlers import BaseRouteHandler


def await_guards(handler: BaseRouteHandler) -> None:
    """Have Litestar await what guards return that are not ``async def``, such as ``lambda *args: authenticated(*args)``.

    Args:
        handler: registered, but its guards not collected yet.
    """
    for layer in layers_of(handler):
        guards = layer.guards or ()
        if any(not _is_async(guard) for guard in guards):
            layer.guards = [guard if _is_async(guard) else _Awaited(guard) for guard in guards]


def _is_async(guard: Any) -> bool:
    while isinstance(guard, partial):
        guard = guard.func
    return inspect.iscoroutinefunction(guard) or inspect.iscoroutinefunction(getattr(type(guard), "__call__", None))  # noqa: B004


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A guard that is called in a thread, as Litestar would, and whose result is awaited if it can be.

    Args:
        guard: the plugin's.
    """

    guard: Callable[[Any, Any], Any]

    async def __call__(self, connection: Any, handler: Any) -> None:
        result: object = await sync_to_thread(self.guard, connection, handler)
        if inspect.isawaitable(result):
            await result

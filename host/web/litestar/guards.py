"""Guards that return what another one says: Litestar drops what an ordinary function returns, and would let pass (row R26)."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar.plugins import ReceiveRoutePlugin
from litestar.utils.sync import AsyncCallable

from host.web.litestar.application import handlers_of

if TYPE_CHECKING:
    from litestar.routes import BaseRoute


class AwaitedGuards(ReceiveRoutePlugin):
    """Has the application await what guards return that are no ``async def``, such as ``lambda *given: authenticated(*given)``."""

    def receive_route(self, route: BaseRoute) -> None:
        """Look at the guards of a route when it is registered."""
        for handler in handlers_of(route):
            guards = handler.resolve_guards()  # the list that is gone through at each request
            guards[:] = [_Awaited(guard) if isinstance(guard, AsyncCallable) else guard for guard in guards]


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A guard that is called in a thread, and whose answer is awaited where that is what one does with it.

    Args:
        guard: as Litestar has it.
    """

    guard: AsyncCallable

    async def __call__(self, connection: Any, handler: Any) -> None:
        answer: object = await self.guard(connection, handler)
        if inspect.isawaitable(answer):
            await answer

"""An event loop whose clock a test can advance, so that no test of a time limit has to wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Clock(asyncio.SelectorEventLoop):
    """An event loop whose time a test can advance."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def run(scenario: Callable[[Clock], Awaitable[None]]) -> None:
    """Run a scenario in an event loop of its own."""

    async def life() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Clock)
        await scenario(loop)

    with asyncio.Runner(loop_factory=Clock) as runner:
        runner.run(life())

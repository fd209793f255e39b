"""A coroutine run step by step in the task that awaits it: each step is timed, and it can be left (row F22).

A task of its own could be left too, but what a plugin opens in ``on_startup`` it may close in ``on_shutdown`` only in the same
task: such are the cancel scopes of anyio.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Generator
from time import perf_counter
from typing import Any, Final

from host.common.describe import describe_exception

_LOG: Final = logging.getLogger("host")


class CoroutineRunner:
    """Awaits a coroutine; once, as a coroutine itself.

    Args:
        coroutine: what to run.
        leave: asked when the task is cancelled, whether to go without waiting for the coroutine. It is closed then.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any], leave: Callable[[], bool]) -> None:
        self._coroutine = coroutine
        self._leave = leave
        #: Seconds of the longest step: for so long nothing else ran.
        self.longest = 0.0

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        try:
            while True:
                try:
                    waits = self._step(error)
                except StopIteration as end:
                    return end.value
                error = yield from self._wait(waits)
        finally:
            self._close()

    def _step(self, error: BaseException | None) -> Any:
        began = perf_counter()
        try:
            return self._coroutine.send(None) if error is None else self._coroutine.throw(error)
        finally:
            self.longest = max(self.longest, perf_counter() - began)

    def _wait(self, waits: Any) -> Generator[Any, Any, BaseException | None]:
        """Wait for what the coroutine waits for, and give what is to be raised in it.

        The future is not passed on to the task: one that is a task itself, and swallows its cancellation, would keep ours from
        ever being told of it.
        """
        if not isinstance(waits, asyncio.Future):
            return (yield from self._bare(waits))
        while not waits.done():
            woken = waits.get_loop().create_future()
            waits.add_done_callback(lambda _, woken=woken: woken.done() or woken.set_result(None))  # type: ignore[misc]
            try:
                yield from woken
            except asyncio.CancelledError as error:
                if self._leave():
                    raise
                if not waits.cancel():
                    return error
        return None

    def _bare(self, waits: Any) -> Generator[Any, Any, BaseException | None]:
        """``None`` lets the others run; the task refuses anything else."""
        try:
            yield waits
        except asyncio.CancelledError as error:
            if self._leave():
                raise
            return error
        return None

    def _close(self) -> None:
        try:
            self._coroutine.close()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is given up, and what it says to that is told
            name = getattr(self._coroutine, "__qualname__", "a coroutine")
            _LOG.warning("%s, which was left, raised when it was closed: %s", name, describe_exception(error))

"""Run a coroutine step by step in the task that awaits it, so that each step is timed and the coroutine can be abandoned.

A separate task could be abandoned too. But a plugin may close in ``on_shutdown`` what it opened in ``on_startup`` only if both
run in the same task: the cancel scopes of anyio require that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Generator
from time import perf_counter
from typing import Any, Final

from host.common.describe import describe_exception
from host.common.timeline import Span, Timeline

_LOG: Final = logging.getLogger("host")


class CoroutineRunner:
    """Awaits a coroutine, once.

    Args:
        coroutine: the coroutine.
        timeline: counts the time for which it runs.
        span: its span in the timeline, if it has one.
        leave: called when the task is cancelled; whether to abandon the coroutine, which is then closed, without waiting for it.
    """

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], timeline: Timeline, span: Span | None, leave: Callable[[], bool]
    ) -> None:
        self._coroutine = coroutine
        self._timeline = timeline
        self._span = span
        self._leave = leave
        #: Seconds of the longest step: for so long nothing else ran.
        self.longest = 0.0
        #: Seconds of all steps together.
        self.ran = 0.0

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
        """Run the coroutine until it waits for the next time.

        Returns:
            what it waits for, as a task would get it.
        """
        began = perf_counter()
        self._mark(suspended=False)
        try:
            return self._coroutine.send(None) if error is None else self._coroutine.throw(error)
        finally:
            took = perf_counter() - began
            self._mark(suspended=True)
            self.longest = max(self.longest, took)
            self.ran += took
            self._timeline.busy += took

    def _mark(self, *, suspended: bool) -> None:
        """Let the thread that reports progress know whether to look into the coroutine, or at what the event loop runs."""
        if self._span is not None:
            self._span.awaits = self._coroutine if suspended else None

    def _wait(self, waits: Any) -> Generator[Any, Any, BaseException | None]:
        """Wait for what the coroutine waits for, and return what is to be raised in it.

        The future is not passed on to the task: a future that is itself a task, and swallows its cancellation, would keep the
        cancellation of this task from ever arriving here.
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
        """Pass on what is not a future: ``None`` lets other tasks run, and the task refuses everything else."""
        try:
            yield waits
        except asyncio.CancelledError as error:
            if self._leave():
                raise
            return error
        return None

    def _close(self) -> None:
        self._mark(suspended=False)
        try:
            self._coroutine.close()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the coroutine is abandoned, and its objection is logged
            name = getattr(self._coroutine, "__qualname__", "a coroutine")
            _LOG.warning("%s was abandoned, and raised when it was closed: %s", name, describe_exception(error))

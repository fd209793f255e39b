"""One task per plugin, in which all its hooks from ``on_startup`` to ``on_shutdown`` run.

Plugins start concurrently, so they need tasks. A plugin keeps its task for its whole life, because what it opens in one hook,
such as a task group or a cancel scope of anyio, it can close in another hook only in the same task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

Operation = Callable[[], Awaitable[object]]

#: A task group of asyncio cancels an idle task once; a cancel scope of anyio repeats it until the plugin leaves the scope.
_REPEATED: Final = 3


class PluginTasks:
    """The tasks of the plugins of one host; a task is created when it is first used."""

    def __init__(self) -> None:
        #: Called in the task of a plugin that something the plugin itself has opened cancels again and again.
        self.on_cancelled: Callable[[str], Awaitable[object]] | None = None
        self._tasks: dict[str, _PluginTask] = {}

    def submit(self, key: str, operation: Operation) -> asyncio.Future[None]:
        """Run something in the task of a plugin, after what was submitted before.

        Args:
            key: of the plugin.
            operation: is called in the task, and awaited.

        Returns:
            a future that is done when the operation has ended; cancelled if it was interrupted.
        """
        if key not in self._tasks or self._tasks[key].done:
            self._tasks[key] = _PluginTask(key, self.on_cancelled)
        return self._tasks[key].submit(operation)

    def interrupt(self, key: str, future: asyncio.Future[None]) -> None:
        """Cancel an operation; the task of the plugin stays.

        Args:
            key: of the plugin.
            future: what :meth:`submit` returned for the operation.
        """
        if key in self._tasks:
            self._tasks[key].interrupt(future)

    def is_interrupted(self) -> bool:
        """Whether a cancellation of the current task comes from the host, or from a server in whose task the host runs.

        What cancels one of these tasks, unless it is :meth:`interrupt`, is the plugin itself.
        """
        current = asyncio.current_task()
        return all(task.interrupted for task in self._tasks.values() if task.task is current)

    async def run(self, key: str, operation: Operation) -> None:
        """Run something in the task of a plugin, and wait for its end. A cancellation is passed on to it.

        Args:
            key: of the plugin.
            operation: is called in the task, and awaited.
        """
        future = self.submit(key, operation)
        cancelled = False
        while not future.done():
            try:
                await asyncio.wait({future})
            except asyncio.CancelledError:
                cancelled = True
                self.interrupt(key, future)  # it may need time to clean up
        if cancelled:
            raise asyncio.CancelledError
        future.result()

    async def end(self, key: str) -> None:
        """End the task of a plugin, once it has done what was submitted."""
        if (task := self._tasks.pop(key, None)) is not None:
            task.end()
            await task.ended()

    async def end_all(self) -> None:
        """End all tasks.

        They end even if this is cancelled while it waits for them: a task that is not ended ignores its cancellation, so it would
        keep ``asyncio.run`` from returning.
        """
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.end()
        for task in tasks:
            await task.ended()


class _PluginTask:
    """A task that runs one operation after the other."""

    def __init__(self, key: str, on_cancelled: Callable[[str], Awaitable[object]] | None) -> None:
        self._key = key
        self._on_cancelled = on_cancelled
        self._queue: asyncio.Queue[tuple[Operation, asyncio.Future[None]] | None] = asyncio.Queue()
        self._running: asyncio.Future[None] | None = None
        #: Whether the host has cancelled what is running.
        self.interrupted = False
        self.task = asyncio.create_task(self._work(), name=f"host-plugin {key}")

    @property
    def done(self) -> bool:
        return self.task.done()

    def submit(self, operation: Operation) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((operation, done))
        return done

    def interrupt(self, future: asyncio.Future[None]) -> None:
        if future is self._running:
            self.interrupted = True
            self.task.cancel()
        else:
            future.cancel()  # it has not begun

    def end(self) -> None:
        """Let the task end after what was submitted."""
        self._queue.put_nowait(None)

    async def ended(self) -> None:
        """Wait until the task has ended."""
        await asyncio.wait({self.task})

    async def _work(self) -> None:
        while (item := await self._next()) is not None:
            operation, done = item
            if done.cancelled():
                continue
            self._running, self.interrupted = done, False
            try:
                await operation()
            except asyncio.CancelledError:
                done.cancel()
            except Exception as error:  # noqa: BLE001 - passed on to the one that waits for the operation
                done.set_exception(error)
            except BaseException:
                done.cancel()
                raise
            else:
                done.set_result(None)
            finally:
                self._running = None
                while self.task.cancelling():  # it ends here, and the task goes on
                    self.task.uncancel()

    async def _next(self) -> tuple[Operation, asyncio.Future[None]] | None:
        """Wait for the next operation. The host cancels no idle task, so a cancellation comes from what the plugin has opened."""
        cancellations = 0
        while True:
            try:
                if cancellations:
                    await asyncio.sleep(0)
                return await self._queue.get()
            except asyncio.CancelledError:
                self.task.uncancel()
                cancellations += 1
                if cancellations == _REPEATED and self._on_cancelled is not None:
                    await self._on_cancelled(self._key)

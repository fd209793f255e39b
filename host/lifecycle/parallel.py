"""Call something for each plugin: independent plugins together, each after its prerequisites."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from graphlib import TopologicalSorter
from heapq import heappop, heappush

from host.lifecycle.plugin_tasks import PluginTasks


class ParallelRun:
    """Calls a function for each of some plugins, each in the task of its plugin.

    Plugins whose prerequisites have ended begin in load order. Each gets to run until it first waits for something before the
    next one begins, so plugins that never wait are called exactly in load order.

    Args:
        keys: of the plugins, in load order.
        prerequisites: key → the keys that must have ended before; those that are not among ``keys`` are ignored.
        tasks: the tasks of the plugins.
        function: takes a key; it handles failures of the plugin itself.
        is_active: whether a plugin needs its task; the function is called directly for the others, which wait for nothing.
        settle: called whenever some have ended, with those that are running: key → what :class:`PluginTasks` returned.
    """

    def __init__(
        self,
        keys: Sequence[str],
        prerequisites: Mapping[str, Collection[str]],
        *,
        tasks: PluginTasks,
        function: Callable[[str], Awaitable[object]],
        is_active: Callable[[str], bool],
        settle: Callable[[Mapping[str, asyncio.Future[None]]], Awaitable[object]] | None = None,
    ) -> None:
        self._places = {key: place for place, key in enumerate(keys)}
        self._sorter = TopologicalSorter({key: [other for other in prerequisites[key] if other in self._places] for key in keys})
        self._tasks = tasks
        self._function = function
        self._is_active = is_active
        self._settle = settle
        self._ready: list[tuple[int, str]] = []
        self._running: dict[str, asyncio.Future[None]] = {}
        self._unfinished: set[str] = set()
        self._ended: deque[str] = deque()
        self._progress = asyncio.Event()

    async def run(self) -> None:
        """Call the function for all plugins, and return when all calls have ended.

        A cancellation, or an exception that the function does not handle, is passed on to those that run; they have ended when
        it is raised here.
        """
        self._sorter.prepare()
        try:
            while self._sorter.is_active():
                await self._advance()
        except BaseException:
            await self._cancel()
            raise

    async def _advance(self) -> None:
        """Begin with the next plugin, or wait until another one has ended."""
        for key in self._sorter.get_ready():
            heappush(self._ready, (self._places[key], key))
        if self._ready:
            await self._begin(heappop(self._ready)[1])
            await asyncio.sleep(0)  # until the plugin waits; a start that was cancelled ends here, whatever the plugins do
        elif not self._ended:
            self._progress.clear()
            await self._progress.wait()
        if not self._ended:
            return
        while self._ended:
            key = self._ended.popleft()
            self._sorter.done(key)
            future = self._running.pop(key, None)
            if future is not None and not future.cancelled():
                future.result()
        if self._settle is not None:
            await self._settle(self._running)

    async def _begin(self, key: str) -> None:
        async def call() -> None:
            try:
                await self._function(key)
            finally:
                self._note_end(key)

        self._unfinished.add(key)
        if not self._is_active(key):
            await call()
            return
        self._running[key] = self._tasks.submit(key, call)
        self._running[key].add_done_callback(lambda _: self._note_end(key))  # it may be interrupted before it is called

    def _note_end(self, key: str) -> None:
        if key in self._unfinished:
            self._unfinished.remove(key)
            self._ended.append(key)
            self._progress.set()

    async def _cancel(self) -> None:
        for key, future in self._running.items():
            self._tasks.interrupt(key, future)
        if self._running:
            await asyncio.wait(self._running.values())

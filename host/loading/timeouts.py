"""Hooks under their time limit: awaited, given up when they take too long, and blamed on the plugin that waits (row F22)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from host.common.errors import HookCallError, HookTimeoutError, PluginError
from host.loading.coroutine_runner import CoroutineRunner
from host.loading.plugin import LoadedPlugin
from host.loading.stack_attribution import Owners, SourceLocation, raised_through, waiting_in

_LOG: Final = logging.getLogger("host")

#: Seconds, at most, that something may take to end once its limit is over and it was cancelled.
_GRACE: Final = 1.0


@dataclass(frozen=True)
class Limit:
    """How long one thing of one plugin may take.

    Args:
        seconds: 0 for no limit.
        plugins: gives the plugins among whom to look for the one to blame, parents before children.
    """

    seconds: float
    plugins: Callable[[], Iterable[LoadedPlugin]] = tuple

    @property
    def grace(self) -> float:
        """Seconds that it has to end after its cancellation: as many again, but few."""
        return min(self.seconds, _GRACE)


async def call_limited(plugin: LoadedPlugin, hook: str, limit: Limit, **arguments: Any) -> None:
    """Call a hook and await what it returns.

    Args:
        plugin: whose hook.
        hook: its name.
        limit: after which it is given up.
        arguments: of the hook.

    Raises:
        HookCallError: it raised.
        HookTimeoutError: it took longer. What does not await cannot be interrupted; it is named in the log.
    """
    if hook not in plugin.hooks:
        return
    with plugin.timeline.span(hook, plugin.key):
        result = plugin.invoke(hook, **arguments)
        if inspect.isawaitable(result):
            await awaited(plugin, hook, limit, result)


async def awaited(
    plugin: LoadedPlugin,
    hook: str,
    limit: Limit,
    result: Awaitable[Any],
    *,
    what: str = "",
    kind: type[PluginError] = HookCallError,
) -> Any:
    """Await something of a plugin's under its time limit, and put its name on what goes wrong.

    What swallows the cancellation is left after some grace, so that one plugin delays a start, or a stop, by that at most.

    Args:
        plugin: whose it is.
        hook: the hook that gave it, or that registered what gave it.
        limit: after which it is given up.
        result: what to await.
        what: what gave it, where it is not the hook itself.
        kind: of the error when it raises.

    Raises:
        HookTimeoutError: it took longer; the plugin is the innermost one that waits.
        PluginError: it raised.
    """
    waiting = _Waiting(plugin, limit, result)
    with waiting.shown():
        problem = await waiting.finish(hook, what, kind)
    if waiting.interrupted:
        raise asyncio.CancelledError  # meant for the start as a whole; the plugin may have swallowed it
    if waiting.first.expired():
        raise waiting.late(hook, what or hook) from (problem.__cause__ if isinstance(problem, PluginError) else None)
    if isinstance(problem, asyncio.CancelledError):
        raise plugin.raised(problem, hook, what, kind) from problem  # the plugin cancelled something of its own
    if problem is not None:
        raise problem
    return waiting.found


class _Waiting:
    """Awaits one thing under two limits: at the first it is cancelled, at the last it is left."""

    def __init__(self, plugin: LoadedPlugin, limit: Limit, result: Awaitable[Any]) -> None:
        self._plugin = plugin
        self._limit = limit
        self._coroutine = result if inspect.iscoroutine(result) else _awaiting(result)
        self._stepped = CoroutineRunner(self._coroutine, self._leaves)
        self._task = asyncio.current_task()
        self._cancelled = self._task.cancelling() if self._task else 0
        #: Where it waited when it was cancelled.
        self._place: SourceLocation | None = None
        self.first = asyncio.timeout(limit.seconds or None)
        self.last = asyncio.timeout(limit.seconds + limit.grace if limit.seconds else None)
        self.found: Any = None

    @property
    def interrupted(self) -> bool:
        """Whether somebody else has cancelled the task meanwhile."""
        return self._task is not None and self._task.cancelling() > self._cancelled

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Note in the timeline what is awaited, and afterwards for how long it blocked."""
        opened = self._plugin.timeline.open
        if not opened or opened[-1].plugin != self._plugin.key:
            yield
            return
        span = opened[-1]
        called = self._plugin.timeline.now() - span.began
        span.awaits = self._coroutine
        try:
            yield
        finally:
            span.awaits, span.longest = None, max(called, self._stepped.longest)

    async def finish(self, hook: str, what: str, kind: type[PluginError]) -> BaseException | None:
        """Wait for its end, or for that of its limits; what is wrong is returned."""
        try:
            async with self.last, self.first:
                with self._plugin.error_context(hook, what, kind):
                    try:
                        self.found = await self._stepped
                    except asyncio.CancelledError as error:
                        self._look(raised_through(error))
                        raise
        except (PluginError, TimeoutError, asyncio.CancelledError) as error:
            return error
        return None

    def late(self, hook: str, what: str) -> PluginError:
        """What to raise when it took too long."""
        plugin, seconds = self._plugin, f"{self._limit.seconds:g} s"
        message = f"{what} did not finish within {seconds}"
        if self._stepped.longest > self._limit.seconds:
            message = f"{what} blocked the event loop for {self._stepped.longest:.1f} s; the limit is {seconds}"
        elif self._place is not None and self._place.plugin is not plugin:
            plugin = self._place.plugin
            message = (
                f"{what} of {self._plugin.key} did not finish within {seconds}; it waits in {self._place.function} of {plugin.key}"
            )
        if self.last.expired():
            _LOG.warning("%s of %s goes on after it was cancelled; it is left unfinished", what, self._plugin.key)
        fix = f"look for what it waits on, or leave the plugin out: host plugins disable {plugin.installed.key}"
        return plugin.make_error(HookTimeoutError, message, hook=hook, fix=f"{fix}; the limit is plugins.timeout, 0 for none")

    def _leaves(self) -> bool:
        """Asked at each cancellation."""
        self._look(waiting_in(self._coroutine))
        return self.last.expired()

    def _look(self, frames: Iterable[FrameType]) -> None:
        """Look for the plugin that waits, where it is waited for too long."""
        if not self.first.expired():
            return
        place = Owners(self._limit.plugins()).innermost(frames, self._plugin)
        if place is not None and (place.plugin is not self._plugin or self._place is None):
            self._place = place


async def _awaiting(result: Awaitable[Any]) -> Any:
    return await result

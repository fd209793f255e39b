"""Run hooks under their time limit: await them, cancel those that take too long, and blame the plugin that waits."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Final

from host.common.errors import HookCallError, HookTimeoutError, PluginError
from host.common.timeline import Span
from host.loading.coroutine_runner import CoroutineRunner
from host.loading.plugin import LoadedPlugin
from host.loading.stack_attribution import CodeLocation, Owners, raised_through, waiting_in

_LOG: Final = logging.getLogger("host")

#: Maximum clean-up time after a cancelled hook, in seconds.
_GRACE: Final = 1.0
#: Seconds that are too few to extend a limit for.
_NEGLIGIBLE: Final = 0.001


@dataclass(frozen=True)
class Limit:
    """How long one call into a plugin may take.

    Args:
        seconds: 0 for no limit.
        plugins: returns the plugins that may be to blame, parents before children.
        is_interrupted: returns whether a cancellation of the current task is meant for the call as a whole. Otherwise it is the
            plugin's own, for example of a task group that the plugin has open.
    """

    seconds: float
    plugins: Callable[[], Iterable[LoadedPlugin]] = tuple
    is_interrupted: Callable[[], bool] = lambda: True

    @property
    def grace(self) -> float:
        """Seconds allowed for clean-up after cancellation: the limit itself, at most 1 s."""
        return min(self.seconds, _GRACE)


async def call_limited(plugin: LoadedPlugin, hook: str, limit: Limit, **arguments: Any) -> None:
    """Call a hook and await what it returns; do nothing if the plugin does not implement it.

    Args:
        plugin: whose hook.
        hook: its name.
        limit: after which it is cancelled.
        arguments: of the hook.

    Raises:
        HookCallError: it raised.
        HookTimeoutError: it took longer. Code that does not await cannot be interrupted; the log names it.
    """
    if hook not in plugin.hooks:
        return
    with plugin.timeline.span(hook, plugin.key) as span:
        result = plugin.invoke(hook, **arguments)
        if inspect.isawaitable(result):
            await awaited(plugin, hook, limit, result, span=span)


async def awaited(
    plugin: LoadedPlugin,
    hook: str,
    limit: Limit,
    result: Awaitable[Any],
    *,
    span: Span | None = None,
    what: str = "",
    kind: type[PluginError] = HookCallError,
) -> Any:
    """Await something that a plugin returned under its time limit, and put the plugin's name on any error.

    Code that swallows its cancellation is abandoned after the grace period, so that one plugin cannot delay a start, or a stop,
    by more than that.

    Args:
        plugin: whose it is.
        hook: the hook that returned it, or that registered the function that did.
        limit: after which it is cancelled.
        result: what to await.
        span: the span in which it runs, if it is recorded.
        what: the function that returned it, if that is not the hook itself.
        kind: the class of the error if it raises.

    Raises:
        HookTimeoutError: it took longer; the plugin of the error is the innermost one that waits.
        PluginError: it raised.
    """
    try:
        value = await _awaited(plugin, hook, limit, result, span, what, kind)
    except BaseException as error:
        if not what:
            plugin.hooks[hook].trace_error(error.__cause__ or error)
        raise
    if not what:
        plugin.hooks[hook].trace_result(value)
    return value


async def _awaited(
    plugin: LoadedPlugin,
    hook: str,
    limit: Limit,
    result: Awaitable[Any],
    span: Span | None,
    what: str,
    kind: type[PluginError],
) -> Any:
    waiting = _Waiting(plugin, limit, result, span)
    with waiting.recorded():
        problem = await waiting.finish(hook, what, kind)
    if waiting.interrupted:
        raise asyncio.CancelledError  # meant for the start as a whole; the plugin may have swallowed it
    if waiting.first.expired():
        raise waiting.late(hook, what or hook) from (problem.__cause__ if isinstance(problem, PluginError) else None)
    if isinstance(problem, asyncio.CancelledError):
        raise plugin.raised(problem, hook, what, kind) from problem  # the plugin cancelled something of its own
    if problem is not None:
        raise problem
    return waiting.result


class _Deadline:
    """Cancels what runs in its context when the time is over, as ``asyncio.timeout`` does.

    Plugins start together in one event loop. The time for which code of other plugins kept the loop busy does not count, or a
    plugin that blocks the loop would make all the others exceed their limits.

    Args:
        seconds: the limit, 0 for none.
        others: returns the seconds for which code of other plugins has run so far.
    """

    def __init__(self, seconds: float, others: Callable[[], float]) -> None:
        self._seconds = seconds
        self._others = others
        self._granted = 0.0
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    def expired(self) -> bool:
        """Whether the time was over before what runs in the context had finished."""
        return self._timeout.expired()

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        if self._seconds:
            self._wait(self._seconds)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._check)

    def _check(self) -> None:
        owed = self._others() - self._granted
        if owed > _NEGLIGIBLE:
            self._granted += owed
            self._wait(owed)
        else:
            self._timeout.reschedule(asyncio.get_running_loop().time())


class _Waiting:
    """Awaits one coroutine under two limits: at the first it is cancelled, at the last it is abandoned."""

    def __init__(self, plugin: LoadedPlugin, limit: Limit, result: Awaitable[Any], span: Span | None) -> None:
        self._plugin = plugin
        self._limit = limit
        self._span = span
        self._coroutine = result if inspect.iscoroutine(result) else _awaiting(result)
        self._runner = CoroutineRunner(self._coroutine, plugin.timeline, span, self._leaves)
        self._task = asyncio.current_task()
        self._cancelled = self._task.cancelling() if self._task else 0
        self._busy = plugin.timeline.busy
        #: The place in which it waited when it was cancelled.
        self._place: CodeLocation | None = None
        self.first = _Deadline(limit.seconds, self._others)
        self.last = _Deadline(limit.seconds + limit.grace if limit.seconds else 0, self._others)
        self.result: Any = None

    @property
    def interrupted(self) -> bool:
        """Whether the task was cancelled meanwhile, neither by its time limit nor by the plugin itself."""
        if self._task is None or self._task.cancelling() <= self._cancelled:
            return False
        return self._limit.is_interrupted()

    def _others(self) -> float:
        return self._plugin.timeline.busy - self._busy - self._runner.ran

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record in the span for how long the plugin blocked the event loop."""
        if self._span is None:
            yield
            return
        called = self._plugin.timeline.now() - self._span.began  # before anything was awaited
        self._plugin.timeline.busy += called
        try:
            yield
        finally:
            self._span.longest = max(called, self._runner.longest)

    async def finish(self, hook: str, what: str, kind: type[PluginError]) -> BaseException | None:
        """Wait until it ends, or until its limits do.

        Returns:
            the error, if any.
        """
        try:
            async with self.last, self.first:
                with self._plugin.error_context(hook, what, kind):
                    try:
                        self.result = await self._runner
                    except asyncio.CancelledError as error:
                        self._look(raised_through(error))
                        raise
        except (PluginError, TimeoutError, asyncio.CancelledError) as error:
            return error
        return None

    def late(self, hook: str, what: str) -> PluginError:
        """Return the error for a call that took too long."""
        plugin, seconds = self._plugin, f"{self._limit.seconds:g} s"
        message = f"{what} did not finish within {seconds}"
        if self._runner.longest > self._limit.seconds:
            message = f"{what} blocked the event loop for {self._runner.longest:.1f} s; the limit is {seconds}"
        elif self._place is not None and self._place.plugin is not plugin:
            plugin = self._place.plugin
            message = (
                f"{what} of {self._plugin.key} did not finish within {seconds}; it waits in {self._place.function} of {plugin.key}"
            )
        if self.last.expired():
            _LOG.warning("%s of %s went on after it was cancelled; it was abandoned", what, self._plugin.key)
        fix = f"look for what it waits on, or disable the plugin: host plugins disable {plugin.installed.key}"
        return plugin.make_error(HookTimeoutError, message, hook=hook, fix=f"{fix}; the limit is plugins.timeout, 0 for none")

    def _leaves(self) -> bool:
        """Decide at each cancellation whether to abandon the coroutine."""
        self._look(waiting_in(self._coroutine))
        return self.last.expired()

    def _look(self, frames: Iterable[FrameType]) -> None:
        """Look for the plugin that waits, once the time is over."""
        if not self.first.expired():
            return
        place = Owners(self._limit.plugins()).innermost(frames, self._plugin)
        if place is not None and (place.plugin is not self._plugin or self._place is None):
            self._place = place


async def _awaiting(result: Awaitable[Any]) -> Any:
    return await result

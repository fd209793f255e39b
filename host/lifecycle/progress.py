"""Log which plugins are slow while a start, or a stop, waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from host.common.timeline import Span, Timeline
from host.loading.stack_attribution import CodeLocation, Owners, running_in, waiting_in

if TYPE_CHECKING:
    from host.loading.plugin import LoadedPlugin

_LOG: Final = logging.getLogger("host")

#: Seconds by which a line may come early, so that plugins that began at about the same time share it.
_EARLY: Final = 0.2
#: The number of plugins that one line names beside the slowest.
_SHOWN: Final = 3
#: Spans that belong to no plugin and are not phases.
_RESOURCES: Final = frozenset({"database", "channels"})


def ages() -> Iterator[int]:
    """Yield the seconds after which a slow plugin is named: 1, 2, 3, 5, 8, 13 …, which become rarer as they become less news."""
    age, next_age = 1, 2
    while True:
        yield age
        age, next_age = next_age, age + next_age


@contextmanager
def report_progress(timeline: Timeline, plugins: Callable[[], Iterable[LoadedPlugin]], doing: str = "starting") -> Iterator[None]:
    """Log which plugins are slow, as long as this lasts.

    A thread does it, because an import or a function that is not async keeps the event loop from doing anything.

    Args:
        timeline: its innermost open spans are named.
        plugins: returns those that are loaded, parents before children.
        doing: ``starting`` or ``stopping``.
    """
    ended = Event()
    watch = _Watch(timeline, plugins, doing)
    thread = Thread(target=watch.run, args=(ended,), name="host-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Schedule:
    """When a span is named next."""

    def __init__(self) -> None:
        self._ages = ages()
        self.due = next(self._ages)

    def advance(self, age: float) -> None:
        while self.due <= age + _EARLY:
            self.due = next(self._ages)


class _Watch:
    def __init__(self, timeline: Timeline, plugins: Callable[[], Iterable[LoadedPlugin]], doing: str) -> None:
        self._timeline = timeline
        self._plugins = plugins
        self._doing = doing
        self._schedules: dict[Span, _Schedule] = {}

    def run(self, ended: Event) -> None:
        """Look whenever a line may be due. A span that begins in between cannot be slow before the next look."""
        pause = 1.0
        while not ended.wait(pause):
            pause = self._look()

    def _look(self) -> float:
        """Log a line if one is due.

        Returns:
            seconds until the next look.
        """
        spans = self._timeline.pending
        now = self._timeline.now()
        self._schedules = {span: self._schedules.get(span) or _Schedule() for span in spans}
        if any(now - span.began >= schedule.due for span, schedule in self._schedules.items()):
            slow = [span for span in spans if now - span.began >= self._schedules[span].due - _EARLY]
            self._report(slow, now)
            for span in slow:
                self._schedules[span].advance(now - span.began)
        waits = (schedule.due - (now - span.began) for span, schedule in self._schedules.items())
        return min(1.0, max(0.01, min(waits, default=1.0)))

    def _report(self, slow: Sequence[Span], now: float) -> None:
        slowest, *others = slow
        place = self._place(slowest)
        where = "" if place is None or place.plugin.key == slowest.plugin else f", in {place.function} of {place.plugin.key}"
        names = [_name(span) for span in others[:_SHOWN]] + ([f"{len(others) - _SHOWN} more"] if len(others) > _SHOWN else [])
        also = f"; also for {', '.join(names)}" if names else ""
        age = now - slowest.began
        _LOG.warning("still %s: waiting for %s (%.1f s so far)%s%s", self._doing, _name(slowest), age, where, also)

    def _place(self, span: Span) -> CodeLocation | None:
        """The function in which a plugin runs or waits right now, as far as that can be seen from outside."""
        plugins = list(self._plugins())
        called = next((plugin for plugin in plugins if plugin.key == span.plugin), None)
        if called is None:
            return None  # the plugin is being imported, or the span belongs to no plugin
        coroutine = span.awaits  # read once: the event loop goes on meanwhile
        frames = running_in(self._timeline.thread) if coroutine is None else waiting_in(coroutine)
        return Owners(plugins).innermost(frames, called)


def _name(span: Span) -> str:
    """Return what is waited for, in words: a hook or the import of a plugin, the database, or a phase."""
    if span.plugin:
        return f"{'the import' if span.what == 'import' else span.what} of {span.plugin}"
    return f"the {span.what}" if span.what in _RESOURCES else f"the phase {span.what}"

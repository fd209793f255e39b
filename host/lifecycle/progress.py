"""Who is slow right now: lines in the log while a start, or a stop, waits for somebody (rows F22, F32)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from host.common.timeline import Span, Timeline
from host.loading.stack_attribution import Owners, SourceLocation, running_in, waiting_in

if TYPE_CHECKING:
    from host.loading.plugin import LoadedPlugin

_LOG: Final = logging.getLogger("host")


def ages() -> Iterator[int]:
    """The seconds after which somebody slow is told of: 1, 2, 3, 5, 8, 13 …, as often as it is still news."""
    one, next_one = 1, 2
    while True:
        yield one
        one, next_one = next_one, one + next_one


@contextmanager
def report_progress(timeline: Timeline, plugins: Callable[[], Iterable[LoadedPlugin]], doing: str = "starting") -> Iterator[None]:
    """Say who is slow, as long as this lasts: whoever has kept the others waiting for one of :func:`ages`.

    A thread does it, because an import or a function that is not async keeps the event loop from doing anything.

    Args:
        timeline: whose innermost open span is named.
        plugins: gives those that are loaded, parents before children.
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


class _Watch:
    def __init__(self, timeline: Timeline, plugins: Callable[[], Iterable[LoadedPlugin]], doing: str) -> None:
        self._timeline = timeline
        self._plugins = plugins
        self._doing = doing
        self._span: Span | None = None
        self._ages = ages()
        self._due = next(self._ages)

    def run(self, ended: Event) -> None:
        """Look whenever a line may be due; nobody who begins in between can be slow by the next look."""
        pause = 1.0
        while not ended.wait(pause):
            pause = self._look()

    def _look(self) -> float:
        """Say what is to be said.

        Returns:
            seconds until the next look.
        """
        span = next(reversed(self._timeline.open[:]), None)
        if span is not self._span:
            self._span, self._ages = span, ages()
            self._due = next(self._ages)
        if span is None:
            return 1.0
        age = self._timeline.now() - span.began
        if age >= self._due:
            self._tell(span, age)
            while age >= self._due:
                self._due = next(self._ages)
        return min(1.0, max(0.01, self._due - age))

    def _tell(self, span: Span, age: float) -> None:
        who = f"{span.plugin}: {span.what}" if span.plugin else span.what
        place = self._place(span)
        where = "" if place is None or place.plugin.key == span.plugin else f", in {place.function} of {place.plugin.key}"
        _LOG.warning("still %s: %s for %.1f s%s", self._doing, who, age, where)

    def _place(self, span: Span) -> SourceLocation | None:
        """Where the plugin runs or waits right now, as far as that is known from outside."""
        plugins = list(self._plugins())
        called = next((plugin for plugin in plugins if plugin.key == span.plugin), None)
        if called is None:
            return None  # it is being imported, or it is nobody's
        owners = Owners(plugins)
        return owners.innermost(running_in(self._timeline.thread), called) or owners.innermost(waiting_in(span.awaits), called)

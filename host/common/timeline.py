"""Record what one start did when: a tree of spans, each with the plugin that it belongs to."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from time import perf_counter
from typing import Any, Final

_LOG: Final = logging.getLogger("host")


@dataclass(eq=False)
class Span:
    """A stretch of time.

    Args:
        what: a phase, ``import``, or the name of a hook.
        plugin: the key of the plugin that it belongs to, "" for the host as a whole.
        began: seconds since the start began.
        ended: likewise; ``None`` while it lasts.
        failed: the class of the exception that was raised in it, "" if none was.
        inside: the spans within it, in order.
        longest: seconds of the longest stretch in which it awaited nothing; ``None`` if it never awaits.
        awaits: the coroutine that runs in it, while that is suspended.
    """

    what: str
    plugin: str
    began: float
    ended: float | None = None
    failed: str = ""
    inside: list[Span] = field(default_factory=list)
    longest: float | None = None
    awaits: Coroutine[Any, Any, Any] | None = None

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it lasts."""
        return 0.0 if self.ended is None else self.ended - self.began

    @property
    def blocked(self) -> float:
        """Seconds for which it kept everything else from running, without a break; 0 while it lasts."""
        return self.seconds if self.longest is None else self.longest

    @property
    def running(self) -> bool:
        """Whether it is a plugin's, and its code runs right now instead of waiting for something."""
        return bool(self.plugin) and self.ended is None and self.awaits is None


class Timeline:
    """The spans of one host, from its creation on.

    Plugins may be called concurrently. A span of a plugin is therefore nested in the innermost open span of the same plugin, or
    else of the host as a whole; it is never nested in the span of another plugin that happens to be open.

    Args:
        limit: seconds; if a plugin runs for longer than that without awaiting anything, the log says so. 0 for no limit.
    """

    def __init__(self, limit: float = 0.0) -> None:
        self._zero = perf_counter()
        self._limit = limit
        #: The outermost spans, in order.
        self.spans: list[Span] = []
        #: The open spans by plugin, the innermost last.
        self._open: dict[str, list[Span]] = {}
        #: Seconds for which code of plugins ran, all plugins together; the time for which it waited does not count.
        self.busy = 0.0
        #: The thread in which the plugins are called.
        self.thread = get_ident()

    def now(self) -> float:
        """Seconds since the start began."""
        return perf_counter() - self._zero

    @property
    def open(self) -> list[Span]:
        """The spans that have not ended, in the order in which they began. Another thread may ask for them."""
        return sorted((span for spans in list(self._open.values()) for span in list(spans)), key=lambda span: span.began)

    @property
    def pending(self) -> list[Span]:
        """The innermost open spans: the one whose code runs right now comes first, then the one that has lasted longest."""
        innermost = [span for span in self.open if all(inner.ended is not None for inner in list(span.inside))]
        return sorted(innermost, key=lambda span: not span.running)

    @contextmanager
    def span(self, what: str, plugin: str = "") -> Iterator[Span]:
        """Measure how long something takes, also if it raises.

        Args:
            what: a phase, ``import``, or the name of a hook.
            plugin: the key of the plugin that it belongs to.
        """
        span = Span(what, plugin, self.now())
        around = self._open.get(plugin) or self._open.get("")
        (around[-1].inside if around else self.spans).append(span)
        self._open.setdefault(plugin, []).append(span)
        self.thread = get_ident()
        try:
            yield span
        except BaseException as error:
            span.failed = type(error).__name__
            raise
        finally:
            span.ended = self.now()
            self._close(span)

    def _close(self, span: Span) -> None:
        self._open[span.plugin].remove(span)
        if not self._open[span.plugin]:
            del self._open[span.plugin]
        if span.plugin and span.longest is None:
            self.busy += span.seconds
        self._warn_if_blocked(span)

    def _warn_if_blocked(self, span: Span) -> None:
        """Name a plugin that could not be interrupted, because it awaited nothing, once it has finished."""
        if self._limit and span.plugin and span.blocked > self._limit and span.failed != "HookTimeoutError":
            message = "%s of %s blocked the event loop for %.1f s; plugins.timeout, %g s, ends only what awaits"
            _LOG.warning(message, span.what, span.plugin, span.blocked, self._limit)

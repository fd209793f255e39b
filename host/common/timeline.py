"""What one start did when: a tree of spans, each with the plugin that it was for (rows F22, F32, E20)."""

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
        plugin: the key of the plugin that it was for, "" for all of them together.
        began: seconds since the start began.
        ended: the same; ``None`` while it lasts.
        failed: the class of what was raised in it, "" where nothing was.
        inside: what was done within it, in order.
        longest: seconds of the longest stretch in which it awaited nothing; ``None`` where it never awaits.
        awaits: what runs in it, as long as that is awaited.
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


class Timeline:
    """The spans of one host, from its making on.

    Plugins are called one after the other, so the open spans lie within each other.

    Args:
        limit: seconds; what a plugin does without awaiting, for longer than that, is told in the log. 0 for nothing.
    """

    def __init__(self, limit: float = 0.0) -> None:
        self._zero = perf_counter()
        self._limit = limit
        #: The outermost spans, in order.
        self.spans: list[Span] = []
        #: Those that have not ended, the innermost last.
        self.open: list[Span] = []
        #: The thread in which the plugins are called.
        self.thread = get_ident()

    def now(self) -> float:
        """Seconds since the start began."""
        return perf_counter() - self._zero

    @contextmanager
    def span(self, what: str, plugin: str = "") -> Iterator[Span]:
        """Note how long something takes, also where it raises.

        Args:
            what: a phase, ``import``, or the name of a hook.
            plugin: the key of the plugin that it is for.
        """
        span = Span(what, plugin, self.now())
        (self.open[-1].inside if self.open else self.spans).append(span)
        self.open.append(span)
        self.thread = get_ident()
        try:
            yield span
        except BaseException as error:
            span.failed = type(error).__name__
            raise
        finally:
            span.ended = self.now()
            self.open.remove(span)
            self._tell_blocked(span)

    def _tell_blocked(self, span: Span) -> None:
        """Name who cannot be given up, as it awaits nothing, once it is over (row F22)."""
        if self._limit and span.plugin and span.blocked > self._limit and span.failed != "HookTimeoutError":
            message = "%s of %s blocked the event loop for %.1f s; plugins.timeout, %g s, ends only what awaits"
            _LOG.warning(message, span.what, span.plugin, span.blocked, self._limit)

"""What one start did when: a tree of spans, each with the plugin that it was for (rows F22, F32, E20)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter


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
    """

    what: str
    plugin: str
    began: float
    ended: float | None = None
    failed: str = ""
    inside: list[Span] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it lasts."""
        return 0.0 if self.ended is None else self.ended - self.began


class Timeline:
    """The spans of one host, from its making on.

    Plugins are called one after the other, so the open spans lie within each other.
    """

    def __init__(self) -> None:
        self._zero = perf_counter()
        #: The outermost spans, in order.
        self.spans: list[Span] = []
        #: Those that have not ended, the innermost last.
        self.open: list[Span] = []

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
        try:
            yield span
        except BaseException as error:
            span.failed = type(error).__name__
            raise
        finally:
            span.ended = self.now()
            self.open.remove(span)

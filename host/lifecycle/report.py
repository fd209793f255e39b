"""The start report: what took how long, who failed, whether that was allowed, who was taken along and why (rows F22, F32, E20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from host.common.errors import DependencyFailedError, HostError
from host.common.timeline import Span, Timeline
from host.loading.failures import Failures

Outcome = Literal["ok", "degraded", "failed"]

#: What a node is called that stands for a plugin, with its hooks and the plugins in it inside.
PLUGIN = "plugin"

#: The outermost span that is not of the start.
STOP = "stop"


class Node(msgspec.Struct, frozen=True, rename="camel"):
    """A stretch of time.

    Args:
        what: a phase, ``plugin`` for all that one plugin did in it, ``import``, or the name of a hook.
        plugin: the key of the plugin that it was for, "" for all of them together.
        began: seconds since the start began.
        seconds: how long it took; of a ``plugin``, the sum of what it did; 0 while it lasts.
        failed: the class of what was raised, "" where nothing was.
        inside: what was done within it.
    """

    what: str
    plugin: str
    began: float
    seconds: float
    failed: str = ""
    inside: tuple[Node, ...] = ()


class Failure(msgspec.Struct, frozen=True, rename="camel"):
    """One thing that went wrong.

    Args:
        plugin: the key of the plugin that failed, "" where it was none.
        code: of the error.
        message: of the error.
        allowed: whether the others are served without it.
        blamed: the plugin whose fault it is: another one, where the plugin waited for that for too long.
        taken_along: the keys of the plugins that failed with it.
        because: of one that was taken along, the keys from it to the plugin that failed by itself.
    """

    plugin: str
    code: str
    message: str
    allowed: bool
    blamed: str
    taken_along: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, rename="camel"):
    """One start, as far as it has come.

    Args:
        outcome: ``ok``; ``degraded``, where some failed and the others are served; ``failed``, where nobody is.
        seconds: how long it took.
        spans: the phases, in order.
        failures: in the order in which they were found.
    """

    outcome: Outcome
    seconds: float
    spans: tuple[Node, ...]
    failures: tuple[Failure, ...]

    def to_data(self) -> dict[str, Any]:
        """The same for JSON; names are in camel case, and stable."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data


def make_report(timeline: Timeline, failures: Failures, end: HostError | None = None) -> Report:
    """What is known by now.

    Args:
        timeline: of the start.
        failures: of its plugins.
        end: what ended the start, where it was no failure of plugins.
    """
    found = list(_failures(failures))
    if end is not None:
        found.append(Failure("", end.code, end.message, allowed=False, blamed=""))
    phases = [span for span in timeline.spans if span.what != STOP]
    failed = any(not failure.allowed for failure in found) or any(span.failed for span in phases)
    seconds = max((timeline.now() if span.ended is None else span.ended for span in phases), default=0.0)
    outcome: Outcome = "failed" if failed else "degraded" if found else "ok"
    return Report(outcome, _rounded(seconds), tuple(map(_phase, timeline.spans)), tuple(found))


def _failures(failures: Failures) -> Iterator[Failure]:
    errors = [(key, error) for key in failures for error in failures[key]]
    along: dict[str, list[str]] = {}
    for key, error in errors:
        if isinstance(error, DependencyFailedError):
            along.setdefault(error.chain[-1], []).append(key)
    for key, error in errors:
        chain = error.chain if isinstance(error, DependencyFailedError) else ()
        yield Failure(
            key,
            error.code,
            error.message,
            allowed=failures.policy(chain[-1] if chain else key) == "isolate",
            blamed=chain[-1] if chain else getattr(error, "plugin", key),
            taken_along=() if chain else tuple(along.get(key, ())),
            because=chain,
        )


def _phase(span: Span) -> Node:
    return Node(span.what, span.plugin, _rounded(span.began), _rounded(span.seconds), span.failed, _grouped(span.inside))


def _rounded(seconds: float) -> float:
    """To microseconds; there is nothing in the rest."""
    return round(seconds, 6)


def _grouped(spans: Sequence[Span]) -> tuple[Node, ...]:
    """What plugins did, under their keys; a plugin inside another stands under that one."""
    top: list[Span | _Group] = []
    groups: dict[str, _Group] = {}
    for span in spans:
        if not span.plugin:
            top.append(span)
            continue
        inside = top
        parts = span.plugin.split(".")
        for count in range(1, len(parts) + 1):
            key = ".".join(parts[:count])
            if key not in groups:
                groups[key] = _Group(key)
                inside.append(groups[key])
            inside = groups[key].inside
        inside.append(span)
    return tuple(one.node() if isinstance(one, _Group) else _phase(one) for one in top)


class _Group:
    """What one plugin did in one phase."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.inside: list[Span | _Group] = []

    def node(self) -> Node:
        inside = tuple(one.node() if isinstance(one, _Group) else _phase(one) for one in self.inside)
        began = min(node.began for node in inside)
        return Node(PLUGIN, self.key, began, _rounded(sum(node.seconds for node in inside)), "", inside)

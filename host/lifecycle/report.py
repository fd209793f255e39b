"""The start report: what took how long, which plugins failed, whether that was allowed, and which failed as dependents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from host.common.errors import DependencyFailedError, HostError
from host.common.timeline import Span, Timeline
from host.loading.failures import Failures

Outcome = Literal["ok", "degraded", "failed"]

#: The name of a node that represents a plugin, and contains its hooks and its children.
PLUGIN = "plugin"

#: The outermost span that does not belong to the start.
STOP = "stop"


class Node(msgspec.Struct, frozen=True, rename="camel"):
    """A stretch of time.

    Args:
        what: a phase, ``plugin`` for everything that a plugin did in the phase, ``import``, or the name of a hook.
        plugin: the key of the plugin that it belongs to, "" for the host as a whole.
        began: seconds since the start began.
        seconds: how long it took; of a ``plugin``, the sum of its parts; 0 while it lasts. Plugins start together, so the sum
            over plugins may be longer than their phase.
        failed: the class of the exception that was raised, "" if none was.
        inside: the stretches within it.
    """

    what: str
    plugin: str
    began: float
    seconds: float
    failed: str = ""
    inside: tuple[Node, ...] = ()


class Failure(msgspec.Struct, frozen=True, rename="camel"):
    """A failure.

    Args:
        plugin: the key of the plugin that failed, "" if no plugin did.
        code: of the error.
        message: of the error.
        allowed: whether the others are served without it.
        blamed: the key of the plugin at fault, which is another one if the plugin waited for that one for too long.
        dependents: the keys of the plugins that failed because this one did.
        chain: of a dependent, the keys from it to the plugin that failed by itself.
    """

    plugin: str
    code: str
    message: str
    allowed: bool
    blamed: str
    dependents: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, rename="camel"):
    """One start, as far as it has come.

    Args:
        outcome: ``ok``; ``degraded`` if some plugins failed and the others are served; ``failed`` if nothing is served.
        seconds: how long it took.
        spans: the phases, in order.
        failures: the failures, in the order in which they were recorded.
    """

    outcome: Outcome
    seconds: float
    spans: tuple[Node, ...]
    failures: tuple[Failure, ...]

    def to_data(self) -> dict[str, Any]:
        """Return the report as data for JSON. The names are in camel case, and stable."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data


def make_report(timeline: Timeline, failures: Failures, end: HostError | None = None) -> Report:
    """Make the report of a start, as far as it has come.

    Args:
        timeline: of the start.
        failures: of its plugins.
        end: the error that ended the start, unless plugins failed.
    """
    reported = list(_failures(failures))
    if end is not None:
        reported.append(Failure("", end.code, end.message, allowed=False, blamed=""))
    phases = [span for span in timeline.spans if span.what != STOP]
    failed = any(not failure.allowed for failure in reported) or any(span.failed for span in phases)
    seconds = max((timeline.now() if span.ended is None else span.ended for span in phases), default=0.0)
    outcome: Outcome = "failed" if failed else "degraded" if reported else "ok"
    return Report(outcome, _rounded(seconds), tuple(map(_phase, timeline.spans)), tuple(reported))


def _failures(failures: Failures) -> Iterator[Failure]:
    errors = [(key, error) for key in failures for error in failures[key]]
    dependents: dict[str, list[str]] = {}
    for key, error in errors:
        if isinstance(error, DependencyFailedError):
            dependents.setdefault(error.chain[-1], []).append(key)
    for key, error in errors:
        chain = error.chain if isinstance(error, DependencyFailedError) else ()
        yield Failure(
            key,
            error.code,
            error.message,
            allowed=failures.policy(chain[-1] if chain else key) == "isolate",
            blamed=chain[-1] if chain else getattr(error, "plugin", key),
            dependents=() if chain else tuple(dependents.get(key, ())),
            chain=chain,
        )


def _phase(span: Span) -> Node:
    return Node(span.what, span.plugin, _rounded(span.began), _rounded(span.seconds), span.failed, _grouped(span.inside))


def _rounded(seconds: float) -> float:
    """Round to microseconds; what is shorter is noise."""
    return round(seconds, 6)


def _grouped(spans: Sequence[Span]) -> tuple[Node, ...]:
    """Group spans under the keys of their plugins, and children under their parents."""
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
    return tuple(entry.node() if isinstance(entry, _Group) else _phase(entry) for entry in top)


class _Group:
    """Everything that a plugin did in a phase."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.inside: list[Span | _Group] = []

    def node(self) -> Node:
        inside = tuple(entry.node() if isinstance(entry, _Group) else _phase(entry) for entry in self.inside)
        began = min(node.began for node in inside)
        return Node(PLUGIN, self.key, began, _rounded(sum(node.seconds for node in inside)), "", inside)

"""Sort plugins topologically: the order is the same for every install order, ``sys.path`` and hash seed."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from host.common.errors import SettingsError, UnknownPluginError
from host.common.naming import plugin_hint

if TYPE_CHECKING:
    from host.common.settings import Settings

_PAIR: Final = 3
_ENDS: Final = {"first": -1, "last": 1}


class CycleError(Exception):
    """Nodes depend on each other in a cycle.

    Args:
        ring: each node depends on the next; the first one is repeated at the end.
    """

    def __init__(self, ring: tuple[str, ...]) -> None:
        super().__init__(" -> ".join(ring))
        self.ring = ring


def sort(
    nodes: Iterable[str],
    before: Mapping[str, Collection[str]],
    *,
    parents: Mapping[str, str] | None = None,
    ranks: Mapping[str, int] | None = None,
) -> list[str]:
    """Put dependencies first and children right after their parent, before the next node; apart from that, sort by rank and name.

    Args:
        nodes: all names.
        before: name → the names that must come first; names that are not nodes are ignored.
        parents: name of a child → the name of its parent, which must also be one of those before it.
        ranks: name → its rank among its siblings, 0 by default.

    Returns:
        the names in order.

    Raises:
        CycleError: nodes depend on each other in a cycle.
    """
    names = set(nodes)
    waits = {name: {other for other in before.get(name, ()) if other in names} for name in names}
    after: dict[str, list[str]] = {}
    for name, others in waits.items():
        for other in others:
            after.setdefault(other, []).append(name)
    left = {name: len(others) for name, others in waits.items()}
    places: dict[str, int] = {}

    def preference(name: str) -> tuple[int, int, str]:
        # Children of the node that was placed last come next, so that they follow it before anything else does.
        return -places.get((parents or {}).get(name, ""), 0), (ranks or {}).get(name, 0), name

    ready = [preference(name) for name, count in left.items() if count == 0]
    heapq.heapify(ready)
    result: list[str] = []
    while ready:
        name = heapq.heappop(ready)[-1]
        result.append(name)
        places[name] = len(result)
        for follower in after.get(name, ()):
            left[follower] -= 1
            if left[follower] == 0:
                heapq.heappush(ready, preference(follower))
    if len(result) < len(names):
        raise CycleError(_ring({name: waits[name] for name in names.difference(result)}))
    return result


def _ring(waits: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return one cycle among nodes that all depend, directly or not, on a cycle."""
    path = [min(waits)]
    while True:
        following = min(other for other in waits[path[-1]] if other in waits)
        if following in path:
            ring = path[path.index(following) :]
            start = ring.index(min(ring))
            return (*ring[start:], *ring[:start], ring[start])
        path.append(following)


@dataclass(frozen=True)
class Rules:
    """The rules of ``plugins.order``.

    Args:
        before: key → the keys that must come first.
        ranks: key → -1 for a plugin that comes first unless something else orders it, 1 for one that comes last.
    """

    before: Mapping[str, Collection[str]]
    ranks: Mapping[str, int]


def parse_rules(settings: Settings, known: Collection[str]) -> Rules:
    """Parse ``a before b``, ``a after b``, ``a first`` and ``a last``.

    Args:
        settings: contain ``plugins.order``.
        known: the keys of all installed plugins.

    Raises:
        SettingsError: a rule has another form.
        UnknownPluginError: a rule names an unknown plugin.
    """
    before: dict[str, set[str]] = {}
    ranks: dict[str, int] = {}
    for rule in settings.plugins.order:
        words = rule.split()
        pair = len(words) == _PAIR and words[1] in ("before", "after")
        if not pair and not (len(words) == _PAIR - 1 and words[1] in _ENDS):
            message, fix = f"{rule!r} is not a rule of order", "write 'author__a before author__b', or 'author__a first'"
            raise SettingsError(message, **settings.place("plugins", "order"), fix=fix)
        for name in words[::2]:
            if name not in known:
                place, fix = settings.place("plugins", "order"), plugin_hint(name, known)
                raise UnknownPluginError(f"no installed plugin has the key {name!r}", **place, fix=fix)
        if pair:
            first, second = (words[0], words[2]) if words[1] == "before" else (words[2], words[0])
            before.setdefault(second, set()).add(first)
        else:
            ranks[words[0]] = _ENDS[words[1]]
    return Rules(before, ranks)


def with_needed(ranks: Mapping[str, int], before: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Return the ranks extended by what a ``first`` plugin depends on, which is then first too.

    Args:
        ranks: key → rank.
        before: key → the keys that must come first.
    """
    extended = dict(ranks)
    waiting = [name for name, rank in ranks.items() if rank < 0]
    for name in waiting:
        for other in before.get(name, ()):
            if extended.get(other, 0) >= 0:
                extended[other] = -1
                waiting.append(other)
    return extended

"""Who comes before whom: one deterministic order for any install order, ``sys.path`` and hash seed (rows F14, K12)."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from host.errors import SettingsError, UnknownPluginError
from host.naming import did_you_mean

if TYPE_CHECKING:
    from host.settings import Settings

_WORDS: Final = 3


class CycleError(Exception):
    """Nodes that wait for each other.

    Args:
        ring: each waits for the next; the first stands again at the end.
    """

    def __init__(self, ring: tuple[str, ...]) -> None:
        super().__init__(" -> ".join(ring))
        self.ring = ring


def sort(nodes: Iterable[str], before: Mapping[str, Collection[str]]) -> list[str]:
    """Dependencies first, else by name: the alphabetically smallest of all orders that fit.

    Args:
        nodes: all names.
        before: name → the names that must come first; names that are no nodes are left out.

    Raises:
        CycleError: there is no such order.
    """
    names = set(nodes)
    waits = {name: {other for other in before.get(name, ()) if other in names} for name in names}
    after: dict[str, list[str]] = {}
    for name, others in waits.items():
        for other in others:
            after.setdefault(other, []).append(name)
    left = {name: len(others) for name, others in waits.items()}
    ready = [name for name, count in left.items() if count == 0]
    heapq.heapify(ready)
    result: list[str] = []
    while ready:
        name = heapq.heappop(ready)
        result.append(name)
        for follower in after.get(name, ()):
            left[follower] -= 1
            if left[follower] == 0:
                heapq.heappush(ready, follower)
    if len(result) < len(names):
        raise CycleError(_ring({name: waits[name] for name in names.difference(result)}))
    return result


def _ring(waits: Mapping[str, set[str]]) -> tuple[str, ...]:
    """One ring among nodes of which each waits for another one of them, or for a ring further on."""
    path = [min(waits)]
    while True:
        following = min(other for other in waits[path[-1]] if other in waits)
        if following in path:
            ring = path[path.index(following) :]
            start = ring.index(min(ring))
            return (*ring[start:], *ring[:start], ring[start])
        path.append(following)


def parse_rules(settings: Settings, known: Collection[str]) -> dict[str, set[str]]:
    """Turn ``a before b`` and ``a after b`` into name → the names that must come first (row K12).

    Args:
        settings: with ``plugins.order``.
        known: the keys of all installed plugins.

    Raises:
        SettingsError: a rule of another form.
        UnknownPluginError: a name that is not known.
    """
    before: dict[str, set[str]] = {}
    for rule in settings.plugins.order:
        words = rule.split()
        if len(words) != _WORDS or words[1] not in ("before", "after"):
            message, fix = f"{rule!r} is no rule of order", "write 'author__a before author__b'"
            raise SettingsError(message, **settings.place("plugins", "order"), fix=fix)
        for name in (words[0], words[2]):
            if name not in known:
                place, fix = settings.place("plugins", "order"), did_you_mean(name, known)
                raise UnknownPluginError(f"no installed plugin has the key {name!r}", **place, fix=fix)
        first, second = (words[0], words[2]) if words[1] == "before" else (words[2], words[0])
        before.setdefault(second, set()).add(first)
    return before

"""Which shapes of a type are one: most models look alike going in and coming out, and then they are emitted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from host.frontend.types.wire import REFERENCE, Body, TypeKey

_RANK: Final = {
    ("", "out"): 0,
    ("msgspec", "out"): 1,
    ("pydantic", "out"): 2,
    ("msgspec", "in"): 3,
    ("pydantic", "in"): 4,
}


def representatives(keys: Sequence[TypeKey], bodies: Sequence[Body]) -> list[int]:
    """For each collected type the number of the one that is emitted for it.

    Shapes of one type are taken for equal until they differ in what they say or in what they refer to (partition
    refinement), so types that refer to themselves or to each other come out right.

    Args:
        keys: of the collection.
        bodies: in the same order.
    """
    groups: dict[Any, list[int]] = {}
    for number, key in enumerate(keys):
        groups.setdefault(key.type, []).append(number)
    several = [sorted(group, key=lambda number: rank(keys[number])) for group in groups.values() if len(group) > 1]
    leader = list(range(len(keys)))
    for group in several:
        for number in group:
            leader[number] = group[0]
    # What stands between references, and what they refer to, alternating.
    texts = {
        number: (bodies[number].members is None, REFERENCE.split(bodies[number].text)) for group in several for number in group
    }
    changed = True
    while changed:
        changed = False
        for group in several:
            first: dict[Any, int] = {}
            new = {number: first.setdefault((leader[number], _sign(texts[number], leader)), number) for number in group}
            changed = changed or any(leader[number] != new[number] for number in group)
            for number in group:
                leader[number] = new[number]
    return leader


def rank(key: TypeKey) -> int:
    """Which shape of a type has the better claim to its plain name: what is sent before what is taken."""
    return _RANK[key.family, key.mode]


def _sign(text: tuple[bool, list[str]], leader: list[int]) -> tuple[bool, tuple[str | int, ...]]:
    alias, pieces = text
    return alias, tuple(leader[int(piece)] if at % 2 and piece.isdigit() else piece for at, piece in enumerate(pieces))

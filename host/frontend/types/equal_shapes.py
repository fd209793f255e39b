"""Which shapes of a type are equal: most models have the same input and output, and are emitted once then."""

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
    """Return for each collected type the number of the type that is emitted for it.

    Partition refinement: shapes of one type count as equal until their texts, or what these refer to, differ. So recursive types
    that refer to themselves or to each other are compared correctly.

    Args:
        keys: The collected types.
        bodies: Their bodies, in the same order.
    """
    groups: dict[Any, list[int]] = {}
    for number, key in enumerate(keys):
        groups.setdefault(key.type, []).append(number)
    several = [sorted(group, key=lambda number: rank(keys[number])) for group in groups.values() if len(group) > 1]
    leader = list(range(len(keys)))
    for group in several:
        for number in group:
            leader[number] = group[0]
    # The text between references, and the numbers that these refer to, alternating.
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
    """Return the precedence of a shape for the type's plain name: output comes before input."""
    return _RANK[key.family, key.mode]


def _sign(text: tuple[bool, list[str]], leader: list[int]) -> tuple[bool, tuple[str | int, ...]]:
    alias, pieces = text
    return alias, tuple(leader[int(piece)] if at % 2 and piece.isdigit() else piece for at, piece in enumerate(pieces))

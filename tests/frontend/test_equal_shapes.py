"""Which shapes of a type count as the same."""

from __future__ import annotations

from typing import Any

from host.frontend.types.equal_shapes import representatives
from host.frontend.types.wire import Body, TypeKey, reference


def key(name: str, mode: Any) -> TypeKey:
    return TypeKey(name, "msgspec", mode)


def test_equal_shapes_are_the_same() -> None:
    keys = [key("a", "in"), key("a", "out")]
    assert representatives(keys, [Body(alias="string")] * 2) == [1, 1]


def test_shapes_that_differ_are_not_the_same() -> None:
    keys = [key("a", "in"), key("a", "out")]
    assert representatives(keys, [Body(alias="string"), Body(alias="number")]) == [0, 1]


def test_equal_shapes_of_two_types_are_not_the_same() -> None:
    assert representatives([key("a", "out"), key("b", "out")], [Body(alias="string")] * 2) == [0, 1]


def test_equal_recursive_shapes_are_the_same() -> None:
    keys = [key("a", "out"), key("a", "in")]
    assert representatives(keys, [Body(alias=reference(0)), Body(alias=reference(1))]) == [0, 0]


def test_shapes_that_refer_to_different_shapes_differ_at_any_depth() -> None:
    keys = [key(name, mode) for name in "abcd" for mode in ("out", "in")]
    bodies = [Body(alias=f"{reference(at + 2)}[]") for at in range(6)] + [Body(alias="string"), Body(alias="string?")]
    assert representatives(keys, bodies) == list(range(8))

"""Whether an implementation accepts every call that its protocol allows, compared with really calling it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from inspect import Parameter, Signature, signature
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.registration.contracts.signatures import shortfalls, written

NAMES = "abcd"


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    """Draw any signature of up to four named parameters, with and without variadic ones."""
    names = list(draw(st.permutations(NAMES)))[: draw(st.integers(0, len(NAMES)))]
    kinds = sorted(draw(st.lists(st.sampled_from([0, 1, 3]), min_size=len(names), max_size=len(names))))
    defaults = draw(st.integers(0, len(names)))
    parameters = []
    for position, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        optional = position >= defaults if kind != Parameter.KEYWORD_ONLY else draw(st.booleans())
        default = None if optional else Parameter.empty
        parameters.append(Parameter(name, list(_KINDS)[kind], default=default))
    if draw(st.booleans()):
        parameters.insert(sum(kind < Parameter.VAR_POSITIONAL for kind in kinds), Parameter("rest", Parameter.VAR_POSITIONAL))
    if draw(st.booleans()):
        parameters.append(Parameter("more", Parameter.VAR_KEYWORD))
    return Signature(parameters)


_KINDS = type(Parameter.POSITIONAL_ONLY)


def create(signature: Signature) -> Callable[..., dict[str, Any]]:
    """Create a real function with a signature, which returns its arguments by name."""
    names: dict[str, Any] = {}
    exec(f"def function{signature}: return dict(locals())", names)
    function: Callable[..., dict[str, Any]] = names["function"]
    return function


def calls(wanted: Signature) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield all calls that a signature allows, with as many arguments as matter; each value names its argument."""
    words = [*NAMES, "stranger"]
    for count in range(2 * len(NAMES) + 2):
        for size in range(len(words) + 1):
            for chosen in itertools.combinations(words, size):
                positional, named = [f"position {position}" for position in range(count)], {name: f"name {name}" for name in chosen}
                try:
                    function_of(wanted)(*positional, **named)
                except TypeError:
                    continue
                yield positional, named


@functools.lru_cache(maxsize=64)
def function_of(signature: Signature) -> Callable[..., dict[str, Any]]:
    """Return the same function for the same signature."""
    return create(signature)


def takes_all(wanted: Signature, called: Signature) -> bool:
    """Whether every call really succeeds, and arguments of the same name get the same value."""
    by_name = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    shared = [
        name
        for name, parameter in wanted.parameters.items()
        if parameter.kind in by_name and name in called.parameters and called.parameters[name].kind in by_name
    ]
    for positional, named in calls(wanted):
        expected = function_of(wanted)(*positional, **named)
        try:
            received = function_of(called)(*positional, **named)
        except TypeError:
            return False
        if any(received[name] != expected[name] for name in shared):
            return False
    return True


@settings(max_examples=300, deadline=None)
@given(wanted=signatures(), called=signatures())
def test_the_verdict_agrees_with_really_calling(wanted: Signature, called: Signature) -> None:
    missing = shortfalls(wanted, called)
    assert (missing == []) is takes_all(wanted, called), (str(wanted), str(called), missing)


@settings(max_examples=100, deadline=None)
@given(signature=signatures())
def test_a_signature_accepts_its_own_calls(signature: Signature) -> None:
    assert shortfalls(signature, signature) == []


def of(text: str) -> Signature:
    names: dict[str, Any] = {}
    exec(f"def function{text}: ...", names)
    return signature(names["function"])


@pytest.mark.parametrize(
    ("wanted", "called"),
    [
        ("()", "(a=1)"),
        ("()", "(*, a=1)"),
        ("(a)", "(a, b=1)"),
        ("(a)", "(a=1)"),
        ("(a)", "(*args, **kwargs)"),
        ("(a, /)", "(b)"),
        ("(a, /)", "(*b)"),
        ("(a=1)", "(a=2)"),
        ("(*, a)", "(a)"),
        ("(*, a)", "(**a)"),
        ("(a, *args, **kwargs)", "(a, *rest, **more)"),
        ("(a: int) -> int", "(a: str) -> str"),
    ],
)
def test_a_signature_that_accepts_more_conforms(wanted: str, called: str) -> None:
    assert shortfalls(of(wanted), of(called)) == []


@pytest.mark.parametrize(
    ("wanted", "called", "expected"),
    [
        ("(account, amount=1)", "(account)", ["lacks amount"]),
        ("(account)", "(account, region)", ["also needs region"]),
        ("(account)", "(account, *, region)", ["also needs region"]),
        ("(account=1)", "(account)", ["has no default for account"]),
        ("(*, account=1)", "(*, account)", ["has no default for account"]),
        ("(account)", "(account, /)", ["takes account only by position"]),
        ("(account)", "(*, account)", ["takes account only by name"]),
        ("(account)", "(*args, account=1)", ["takes account only by name"]),
        ("(a, b, /)", "(b, /)", ["takes only 1 by position"]),
        ("(a, b)", "(b, a)", ["takes a at another position", "takes b at another position"]),
        ("(a)", "(b=1, a=2)", ["takes a at another position"]),
        ("(*args)", "(a=1)", ["takes no further arguments by position"]),
        ("(**kwargs)", "(a=1)", ["takes no further arguments by name"]),
        ("(a, /, **kwargs)", "(a, **kwargs)", ["takes a at another position"]),
    ],
)
def test_each_shortfall_is_reported(wanted: str, called: str, expected: list[str]) -> None:
    reported = shortfalls(of(wanted), of(called))
    assert [text for text in expected if text not in reported] == []


def test_a_signature_is_written_without_annotations() -> None:
    assert written(of("(a: int, /, b: str = 'x', *rest: int, c=None, **more) -> int")) == "(a, /, b='x', *rest, c=None, **more)"


def test_a_default_whose_repr_fails_is_written_as_an_ellipsis() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise OSError

    signature = Signature([Parameter("a", Parameter.POSITIONAL_OR_KEYWORD, default=Odd())])
    assert written(signature) == "(a=…)"

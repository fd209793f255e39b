"""Whether an implementation takes every call that its protocol allows: compared with really calling it."""

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
    """Any signature of up to four named parameters, with and without the rest."""
    names = list(draw(st.permutations(NAMES)))[: draw(st.integers(0, len(NAMES)))]
    kinds = sorted(draw(st.lists(st.sampled_from([0, 1, 3]), min_size=len(names), max_size=len(names))))
    defaults = draw(st.integers(0, len(names)))
    parameters = []
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        optional = place >= defaults if kind != Parameter.KEYWORD_ONLY else draw(st.booleans())
        default = None if optional else Parameter.empty
        parameters.append(Parameter(name, list(_KINDS)[kind], default=default))
    if draw(st.booleans()):
        parameters.insert(sum(kind < Parameter.VAR_POSITIONAL for kind in kinds), Parameter("rest", Parameter.VAR_POSITIONAL))
    if draw(st.booleans()):
        parameters.append(Parameter("more", Parameter.VAR_KEYWORD))
    return Signature(parameters)


_KINDS = type(Parameter.POSITIONAL_ONLY)


def made(one: Signature) -> Callable[..., dict[str, Any]]:
    """A real function with a signature, which answers with what its arguments got."""
    names: dict[str, Any] = {}
    exec(f"def function{one}: return dict(locals())", names)
    function: Callable[..., dict[str, Any]] = names["function"]
    return function


def calls(wanted: Signature) -> Iterator[tuple[list[str], dict[str, str]]]:
    """All calls that a signature allows, with as many arguments as matter; each value says which it is."""
    words = [*NAMES, "stranger"]
    for count in range(2 * len(NAMES) + 2):
        for size in range(len(words) + 1):
            for chosen in itertools.combinations(words, size):
                places, named = [f"place {place}" for place in range(count)], {name: f"name {name}" for name in chosen}
                try:
                    made_of(wanted)(*places, **named)
                except TypeError:
                    continue
                yield places, named


@functools.lru_cache(maxsize=64)
def made_of(one: Signature) -> Callable[..., dict[str, Any]]:
    """The same function for the same signature."""
    return made(one)


def takes_all(wanted: Signature, given: Signature) -> bool:
    """Whether really every call goes through, and gives arguments of one name the same."""
    by_name = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    shared = [
        name
        for name, one in wanted.parameters.items()
        if one.kind in by_name and name in given.parameters and given.parameters[name].kind in by_name
    ]
    for places, named in calls(wanted):
        expected = made_of(wanted)(*places, **named)
        try:
            found = made_of(given)(*places, **named)
        except TypeError:
            return False
        if any(found[name] != expected[name] for name in shared):
            return False
    return True


@settings(max_examples=300, deadline=None)
@given(wanted=signatures(), called=signatures())
def test_the_verdict_is_that_of_really_calling(wanted: Signature, called: Signature) -> None:
    found = shortfalls(wanted, called)
    assert (found == []) is takes_all(wanted, called), (str(wanted), str(called), found)


@settings(max_examples=100, deadline=None)
@given(one=signatures())
def test_a_signature_takes_its_own_calls(one: Signature) -> None:
    assert shortfalls(one, one) == []


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
def test_what_takes_more_fits(wanted: str, called: str) -> None:
    assert shortfalls(of(wanted), of(called)) == []


@pytest.mark.parametrize(
    ("wanted", "called", "says"),
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
def test_what_is_in_the_way_is_told(wanted: str, called: str, says: list[str]) -> None:
    found = shortfalls(of(wanted), of(called))
    assert [text for text in says if text not in found] == []


def test_a_signature_is_written_without_annotations() -> None:
    assert written(of("(a: int, /, b: str = 'x', *rest: int, c=None, **more) -> int")) == "(a, /, b='x', *rest, c=None, **more)"


def test_a_default_that_cannot_be_shown_is_left_out() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise OSError

    one = Signature([Parameter("a", Parameter.POSITIONAL_OR_KEYWORD, default=Odd())])
    assert written(one) == "(a=…)"

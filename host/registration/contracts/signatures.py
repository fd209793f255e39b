"""Whether every call that one signature allows is allowed by another, and what is in the way (row R23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from inspect import Parameter, Signature
from typing import Final

#: Values that an error shows as they are written; of others nobody knows how long they are, or whether they can be shown.
_PLAIN: Final = (bool, int, float, str, Enum)
_BY_POSITION: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME: Final = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class _Call:
    """One way to call what has a signature.

    Args:
        places: the parameters that get a value by position, ``None`` for one of ``*args``.
        names: those that get one by name.
        stranger: some name that neither signature knows is among them.
    """

    places: tuple[Parameter | None, ...]
    names: tuple[str, ...]
    stranger: bool = False


class _Given:
    """A signature that is called."""

    def __init__(self, signature: Signature) -> None:
        self.parameters: Final = tuple(signature.parameters.values())
        self.slots: Final = [one for one in self.parameters if one.kind in _BY_POSITION]
        self.names: Final = {one.name for one in self.parameters if one.kind in _BY_NAME}
        self.takes_more: Final = any(one.kind is Parameter.VAR_POSITIONAL for one in self.parameters)
        self.takes_any_name: Final = any(one.kind is Parameter.VAR_KEYWORD for one in self.parameters)


def shortfalls(wanted: Signature, given: Signature) -> list[str]:
    """What keeps one signature from taking every call that another allows, in the words of an error; nothing where it takes all.

    A value also has to reach the argument of the same name, whether it is given by place or by name. Annotations and the values
    of defaults do not count.

    Args:
        wanted: the signature that callers know, without ``self``.
        given: the one that they call, without ``self``.
    """
    if _shape(wanted) == _shape(given):
        return []
    called = _Given(given)
    found = [text for call in _calls(wanted, called) for text in _refusals(call, wanted, called)]
    return list(dict.fromkeys(found))


def _shape(signature: Signature) -> list[tuple[str, object, bool]]:
    return [(one.name, one.kind, one.default is one.empty) for one in signature.parameters.values()]


def _calls(wanted: Signature, given: _Given) -> Iterator[_Call]:
    """For each number of arguments by position the call with the fewest names and that with the most.

    Where one with fewer names lacks none and one with more has none too many, those between are fine.
    """
    parameters = list(wanted.parameters.values())
    slots = [one for one in parameters if one.kind in _BY_POSITION]
    named = [one for one in parameters if one.kind in _BY_NAME]
    fewest = sum(one.kind is Parameter.POSITIONAL_ONLY and one.default is one.empty for one in slots)
    places: list[tuple[Parameter | None, ...]] = [tuple(slots[:count]) for count in range(fewest, len(slots) + 1)]
    if any(one.kind is Parameter.VAR_POSITIONAL for one in parameters):
        places.append((*slots, *[None] * (max(0, len(given.slots) - len(slots)) + 1)))
    any_name = any(one.kind is Parameter.VAR_KEYWORD for one in parameters)
    strangers = given.names - {one.name for one in named} if any_name else set()
    for taken in places:
        rest = [one for one in named if one not in taken]
        yield _Call(taken, tuple(one.name for one in rest if one.default is one.empty))
        yield _Call(taken, (*(one.name for one in rest), *sorted(strangers)), any_name)


def _refusals(call: _Call, wanted: Signature, given: _Given) -> Iterator[str]:
    reached = given.slots[: len(call.places)]
    if not given.takes_more:
        for extra in call.places[len(given.slots) :]:
            yield _too_many(extra, given)
    yield from _misplaced(call, given)
    taken = {one.name for one in reached if one.kind in _BY_NAME}
    for name in call.names:
        if name in given.names and name in taken:
            yield f"takes {name} at another place"
        elif name not in given.names and not given.takes_any_name:
            yield _without_name(name, given)
    if call.stranger and not given.takes_any_name:
        yield "takes no further arguments by name"
    for one in given.parameters:
        if one.default is one.empty and one not in reached and not (one.kind in _BY_NAME and one.name in call.names):
            yield from _missing(one, wanted)


def _too_many(extra: Parameter | None, given: _Given) -> str:
    if extra is None:
        return "takes no further arguments by place"
    if extra.name in given.names:
        return f"takes {extra.name} only by name"
    if any(one.name == extra.name for one in given.slots):
        return f"takes only {len(given.slots)} by place"
    return f"lacks {extra.name}"


def _misplaced(call: _Call, given: _Given) -> Iterator[str]:
    """What is given by place and reaches another argument than the one of its name."""
    for place, one in enumerate(call.places):
        if one is None or one.kind not in _BY_NAME or one.name not in given.names:
            continue
        at = next((number for number, slot in enumerate(given.slots) if slot.name == one.name), None)
        if at is None:
            yield f"takes {one.name} only by name"
        elif at != place:
            yield f"takes {one.name} at another place"


def _without_name(name: str, given: _Given) -> str:
    return f"takes {name} only by place" if any(one.name == name for one in given.slots) else f"lacks {name}"


def _missing(one: Parameter, wanted: Signature) -> Iterator[str]:
    if one.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
        return
    known = wanted.parameters.get(one.name)
    if known is None or known.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
        yield f"also needs {one.name}"
    elif known.default is not known.empty:
        yield f"has no default for {one.name}"
    else:
        yield f"takes {one.name} only by {'name' if one.kind is Parameter.KEYWORD_ONLY else 'place'}"


def written(signature: Signature) -> str:
    """A signature as source has it, without annotations: ``(account, amount=1)``."""
    parameters = [one.replace(annotation=one.empty, default=_shown_default(one)) for one in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=Signature.empty))


class _Ellipsis:
    def __repr__(self) -> str:
        return "…"


def _shown_default(one: Parameter) -> object:
    """The default where it is short and says something."""
    return one.default if one.default is one.empty or one.default is None or isinstance(one.default, _PLAIN) else _Ellipsis()

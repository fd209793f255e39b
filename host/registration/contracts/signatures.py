"""Find the calls that one signature allows and another does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from inspect import Parameter, Signature
from typing import Final

#: Types of default values that an error shows as written; the ``repr`` of others may be long, or raise.
_PLAIN: Final = (bool, int, float, str, Enum)
_BY_POSITION: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME: Final = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class _Call:
    """One way to call what has a signature.

    Args:
        places: the parameters that receive a value by position, ``None`` for one of ``*args``.
        names: the parameters that receive a value by name.
        stranger: whether there is also a name that neither signature has.
    """

    places: tuple[Parameter | None, ...]
    names: tuple[str, ...]
    stranger: bool = False


class _Callee:
    """The signature that is called."""

    def __init__(self, signature: Signature) -> None:
        self.parameters: Final = tuple(signature.parameters.values())
        self.slots: Final = [parameter for parameter in self.parameters if parameter.kind in _BY_POSITION]
        self.names: Final = {parameter.name for parameter in self.parameters if parameter.kind in _BY_NAME}
        self.takes_more: Final = any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in self.parameters)
        self.takes_any_name: Final = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in self.parameters)


def shortfalls(wanted: Signature, given: Signature) -> list[str]:
    """Return why a signature does not accept every call that another allows, in the words of an error; empty if it does.

    A value must also reach the parameter of the same name, whether it is passed by position or by name. Annotations and the
    values of defaults do not count.

    Args:
        wanted: the signature that callers know, without ``self``.
        given: the signature that they call, without ``self``.
    """
    if _shape(wanted) == _shape(given):
        return []
    called = _Callee(given)
    found = [text for call in _calls(wanted, called) for text in _differences(call, wanted, called)]
    return list(dict.fromkeys(found))


def _shape(signature: Signature) -> list[tuple[str, object, bool]]:
    return [(parameter.name, parameter.kind, parameter.default is parameter.empty) for parameter in signature.parameters.values()]


def _calls(wanted: Signature, given: _Callee) -> Iterator[_Call]:
    """Yield, for each number of positional arguments, the call with the fewest names and the one with the most.

    If the first lacks no argument and the last has none too many, all calls between them are accepted too.
    """
    parameters = list(wanted.parameters.values())
    slots = [parameter for parameter in parameters if parameter.kind in _BY_POSITION]
    named = [parameter for parameter in parameters if parameter.kind in _BY_NAME]
    fewest = sum(parameter.kind is Parameter.POSITIONAL_ONLY and parameter.default is parameter.empty for parameter in slots)
    places: list[tuple[Parameter | None, ...]] = [tuple(slots[:count]) for count in range(fewest, len(slots) + 1)]
    if any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in parameters):
        places.append((*slots, *[None] * (max(0, len(given.slots) - len(slots)) + 1)))
    any_name = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters)
    strangers = given.names - {parameter.name for parameter in named} if any_name else set()
    for taken in places:
        rest = [parameter for parameter in named if parameter not in taken]
        yield _Call(taken, tuple(parameter.name for parameter in rest if parameter.default is parameter.empty))
        yield _Call(taken, (*(parameter.name for parameter in rest), *sorted(strangers)), any_name)


def _differences(call: _Call, wanted: Signature, given: _Callee) -> Iterator[str]:
    reached = given.slots[: len(call.places)]
    if not given.takes_more:
        for extra in call.places[len(given.slots) :]:
            yield _too_many(extra, given)
    yield from _misplaced(call, given)
    taken = {parameter.name for parameter in reached if parameter.kind in _BY_NAME}
    for name in call.names:
        if name in given.names and name in taken:
            yield f"takes {name} at another position"
        elif name not in given.names and not given.takes_any_name:
            yield _without_name(name, given)
    if call.stranger and not given.takes_any_name:
        yield "takes no further arguments by name"
    for parameter in given.parameters:
        if (
            parameter.default is parameter.empty
            and parameter not in reached
            and not (parameter.kind in _BY_NAME and parameter.name in call.names)
        ):
            yield from _missing(parameter, wanted)


def _too_many(extra: Parameter | None, given: _Callee) -> str:
    if extra is None:
        return "takes no further arguments by position"
    if extra.name in given.names:
        return f"takes {extra.name} only by name"
    if any(parameter.name == extra.name for parameter in given.slots):
        return f"takes only {len(given.slots)} by position"
    return f"lacks {extra.name}"


def _misplaced(call: _Call, given: _Callee) -> Iterator[str]:
    """Yield the arguments passed by position that reach a parameter of another name."""
    for place, parameter in enumerate(call.places):
        if parameter is None or parameter.kind not in _BY_NAME or parameter.name not in given.names:
            continue
        at = next((number for number, slot in enumerate(given.slots) if slot.name == parameter.name), None)
        if at is None:
            yield f"takes {parameter.name} only by name"
        elif at != place:
            yield f"takes {parameter.name} at another position"


def _without_name(name: str, given: _Callee) -> str:
    return f"takes {name} only by position" if any(parameter.name == name for parameter in given.slots) else f"lacks {name}"


def _missing(parameter: Parameter, wanted: Signature) -> Iterator[str]:
    if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
        return
    known = wanted.parameters.get(parameter.name)
    if known is None or known.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
        yield f"also needs {parameter.name}"
    elif known.default is not known.empty:
        yield f"has no default for {parameter.name}"
    else:
        yield f"takes {parameter.name} only by {'name' if parameter.kind is Parameter.KEYWORD_ONLY else 'position'}"


def written(signature: Signature) -> str:
    """Return a signature as in source code, without annotations: ``(account, amount=1)``."""
    parameters = [
        parameter.replace(annotation=parameter.empty, default=_shown_default(parameter))
        for parameter in signature.parameters.values()
    ]
    return str(signature.replace(parameters=parameters, return_annotation=Signature.empty))


class _Ellipsis:
    def __repr__(self) -> str:
        return "…"


def _shown_default(parameter: Parameter) -> object:
    """Return the default if it can be shown in a few characters, else an ellipsis."""
    return (
        parameter.default
        if parameter.default is parameter.empty or parameter.default is None or isinstance(parameter.default, _PLAIN)
        else _Ellipsis()
    )

"""What a call is made with: where it goes, and its arguments as one labelled tuple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from litestar.enums import ParamType

from host.frontend.calls.annotations import without_none
from host.frontend.calls.parameters import PATH_PARAMETER
from host.frontend.text import literal, member, template, type_key

if TYPE_CHECKING:
    from host.frontend.calls.parameters import Parameter, Parameters
    from host.frontend.types.collector import Collector
    from host.frontend.types.wire import Mode

#: The runtime says these itself.
_OF_THE_RUNTIME: Final = frozenset({"accept", "content-type"})
# https://fetch.spec.whatwg.org/#forbidden-request-header
_OF_THE_BROWSER: Final = frozenset(
    [
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ]
)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument.

    Args:
        kind: ``p`` path, ``q`` query, ``b`` body, ``h`` headers.
        label: its name in the tuple.
        type: a type expression.
        needed: whether it must be given.
    """

    kind: str
    label: str
    type: str
    needed: bool


def address_of(taken: Parameters, types: Collector, place: str) -> list[Argument]:
    """The arguments that make the URL.

    Args:
        taken: what the route takes.
        types: collects the types.
        place: where it stands, for warnings.
    """
    queries = taken.of(ParamType.QUERY)
    found = []
    if taken.path:
        found.append(Argument("p", "path", _object(taken.path, "in", types, place), needed=True))
    if queries:
        found.append(Argument("q", "query", _object(queries, "in", types, place), any(one.required for one in queries)))
    return found


def headers_of(taken: Parameters, types: Collector, place: str) -> list[Argument]:
    """The argument with the headers that a page can set; in lower case, as the browser sends them."""
    settable = {one.name.lower(): one for one in taken.of(ParamType.HEADER) if is_settable(one.name)}
    if not settable:
        return []
    shown = _object(list(settable.values()), "in", types, place, lower=True)
    return [Argument("h", "headers", shown, any(one.required for one in settable.values()))]


def is_settable(header: str) -> bool:
    """Whether a page may and need say a header itself."""
    name = header.lower()
    return name not in _OF_THE_RUNTIME and name not in _OF_THE_BROWSER and not name.startswith(("proxy-", "sec-"))


def kinds_of(arguments: Sequence[Argument]) -> str:
    """Their letters, in order."""
    return "".join(one.kind for one in arguments)


def tuple_of(arguments: Sequence[Argument]) -> str:
    """The labelled tuple type. What may be missing is ``undefined`` where something follows that is needed."""
    shown: list[str] = []
    needed_after = False
    for one in reversed(arguments):
        if one.needed:
            shown.append(f"{one.label}: {one.type}")
        else:
            shown.append(f"{one.label}: {one.type} | undefined" if needed_after else f"{one.label}?: {one.type}")
        needed_after = needed_after or one.needed
    return "[" + ", ".join(reversed(shown)) + "]"


def target_of(path: str, arguments: Sequence[Argument]) -> str:
    """An expression for the path: a string, or an arrow function of the path parameters, which it encodes.

    Args:
        path: the whole path as Litestar writes it.
        arguments: of which ``p`` holds the type of the parameters.
    """
    pieces = PATH_PARAMETER.split(path)
    if len(pieces) == 1:
        return literal(path)
    text = template(pieces[0])
    for name, kind, rest in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        value = f"payload{member(name)}"
        encoded = f"encodeURIComponent({value})"
        if kind == "path":
            # Of a path the slashes stay, and Litestar's own first one is in the route already.
            encoded = f'String({value}).replace(/^\\/+/, "").split("/").map(encodeURIComponent).join("/")'
        text += f"${{{encoded}}}{template(rest)}"
    parameters = next(one.type for one in arguments if one.kind == "p")
    return f"(payload: {parameters}): string => `{text}`"


def _object(parameters: Sequence[Parameter], mode: Mode, types: Collector, place: str, *, lower: bool = False) -> str:
    """The type of an object with one property a parameter. ``null`` cannot be said in a URL or a header: it is left out instead."""
    shown = []
    for one in parameters:
        name = type_key(one.name.lower() if lower else one.name)
        shown.append(f"{name}{'' if one.required else '?'}: {types.type_of(without_none(one.annotation), mode, place)}")
    return "{ " + "; ".join(shown) + " }"

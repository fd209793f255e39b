"""The arguments of a call as one labelled tuple, and the expression for its path."""

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

#: The runtime sets these.
_OF_THE_RUNTIME: Final = frozenset({"accept", "content-type"})
# The browser sets these: https://fetch.spec.whatwg.org/#forbidden-request-header
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
        label: Its name in the tuple.
        type: A type expression.
        needed: Whether it is required.
    """

    kind: str
    label: str
    type: str
    needed: bool


def address_of(parameters: Parameters, types: Collector, place: str) -> list[Argument]:
    """Return the arguments that form the URL.

    Args:
        parameters: The parameters of the route.
        types: Collects the types.
        place: The route, for warnings.
    """
    queries = parameters.of(ParamType.QUERY)
    arguments = []
    if parameters.path:
        arguments.append(Argument("p", "path", _object(parameters.path, "in", types, place), needed=True))
    if queries:
        arguments.append(Argument("q", "query", _object(queries, "in", types, place), any(query.required for query in queries)))
    return arguments


def headers_of(parameters: Parameters, types: Collector, place: str) -> list[Argument]:
    """Return the argument for the headers that a page can set; in lower case, as the browser sends them."""
    settable = {header.name.lower(): header for header in parameters.of(ParamType.HEADER) if is_settable(header.name)}
    if not settable:
        return []
    expression = _object(list(settable.values()), "in", types, place, lower=True)
    return [Argument("h", "headers", expression, any(header.required for header in settable.values()))]


def is_settable(header: str) -> bool:
    """Return whether a page can set a header, and has to."""
    name = header.lower()
    return name not in _OF_THE_RUNTIME and name not in _OF_THE_BROWSER and not name.startswith(("proxy-", "sec-"))


def kinds_of(arguments: Sequence[Argument]) -> str:
    """Return the letters of the arguments, in order."""
    return "".join(argument.kind for argument in arguments)


def tuple_of(arguments: Sequence[Argument]) -> str:
    """Return the labelled tuple type. An optional argument before a required one is ``… | undefined``."""
    elements: list[str] = []
    needed_after = False
    for argument in reversed(arguments):
        if argument.needed:
            elements.append(f"{argument.label}: {argument.type}")
        else:
            elements.append(
                f"{argument.label}: {argument.type} | undefined" if needed_after else f"{argument.label}?: {argument.type}"
            )
        needed_after = needed_after or argument.needed
    return "[" + ", ".join(reversed(elements)) + "]"


def target_of(path: str, arguments: Sequence[Argument]) -> str:
    """Return an expression for the path: a string, or an arrow function that encodes the path parameters.

    Args:
        path: The complete path in Litestar's notation.
        arguments: The arguments; ``p`` has the type of the path parameters.
    """
    pieces = PATH_PARAMETER.split(path)
    if len(pieces) == 1:
        return literal(path)
    text = template(pieces[0])
    for name, kind, rest in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        value = f"payload{member(name)}"
        encoded = f"encodeURIComponent({value})"
        if kind == "path":
            # A path keeps its slashes, except the first, which the route already contains.
            encoded = f'String({value}).replace(/^\\/+/, "").split("/").map(encodeURIComponent).join("/")'
        text += f"${{{encoded}}}{template(rest)}"
    parameters = next(argument.type for argument in arguments if argument.kind == "p")
    return f"(payload: {parameters}): string => `{text}`"


def _object(parameters: Sequence[Parameter], mode: Mode, types: Collector, place: str, *, lower: bool = False) -> str:
    """Return the type of an object with one property per parameter; a URL or a header has no ``null``, so it is omitted instead."""
    properties = []
    for parameter in parameters:
        name = type_key(parameter.name.lower() if lower else parameter.name)
        properties.append(
            f"{name}{'' if parameter.required else '?'}: {types.type_of(without_none(parameter.annotation), mode, place)}"
        )
    return "{ " + "; ".join(properties) + " }"

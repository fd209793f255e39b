"""The comment of a call or a socket."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from litestar.enums import ParamType

from host.frontend.calls.arguments import is_settable
from host.frontend.calls.parameters import PATH_PARAMETER
from host.frontend.text import one_line

if TYPE_CHECKING:
    from litestar.handlers import BaseRouteHandler

    from host.frontend.calls.operations import NamedOperation
    from host.frontend.calls.parameters import Parameters
    from host.frontend.model import Route


def comment_of(route: Route, operation: NamedOperation, taken: Parameters, *further: str) -> tuple[str, ...]:
    """The lines of the comment: what it does and where, what travels unseen, and whether it should still be used.

    Args:
        route: with its registered handler.
        operation: its name.
        taken: what it takes.
        further: lines.
    """
    shown = PATH_PARAMETER.sub(r"{\1}", f"`{operation.method} {route.path}`")
    announced = ", ".join(f"`{key}`" for key in operation.broadcast if not operation.is_socket)
    first = f"{_said(route.handler)} {shown}".strip() + (f", announces {announced}." if announced else ".")
    tags = ["@deprecated"] if getattr(route.handler, "deprecated", False) else []
    return (first, *_unseen(operation, taken), *further, *tags)


def _said(handler: BaseRouteHandler) -> str:
    """The first paragraph of what is said of a handler."""
    function = getattr(handler.fn, "_fn", handler.fn)  # Litestar wraps a listener in an object
    said = getattr(handler, "summary", None) or getattr(handler, "description", None)
    text = said or inspect.cleandoc(getattr(function, "__doc__", None) or "")
    return one_line(text.split("\n\n")[0])


def _unseen(operation: NamedOperation, taken: Parameters) -> Iterator[str]:
    """Headers and cookies that are no argument, because a page cannot set them."""
    headers = [one for one in taken.of(ParamType.HEADER) if operation.is_socket or not is_settable(one.name)]
    yield from _lines("Header", ((one.name, one.required) for one in headers if one.name.lower() not in ("accept", "content-type")))
    yield from _lines("Cookie", ((one.name, one.required) for one in taken.of(ParamType.COOKIE)))


def _lines(kind: str, named: Iterable[tuple[str, bool]]) -> Iterator[str]:
    for name, required in named:
        yield f"{kind} `{name}`{'' if required else ', optional'}."

"""The documentation comment of a call or a socket."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from litestar.enums import ParamType

from host.common.compat.litestar import function_of
from host.frontend.calls.arguments import is_settable
from host.frontend.calls.parameters import PATH_PARAMETER
from host.frontend.text import one_line

if TYPE_CHECKING:
    from litestar.handlers import BaseRouteHandler

    from host.frontend.calls.operations import NamedOperation
    from host.frontend.calls.parameters import Parameters
    from host.frontend.model import Route


def comment_of(route: Route, operation: NamedOperation, parameters: Parameters, *further: str) -> tuple[str, ...]:
    """Return the lines of the comment: purpose and endpoint, headers and cookies that are not arguments, and deprecation.

    Args:
        route: The route with its registered handler.
        operation: Its name.
        parameters: Its parameters.
        further: Further lines.
    """
    endpoint = PATH_PARAMETER.sub(r"{\1}", f"`{operation.method} {route.path}`")
    announced = ", ".join(f"`{key}`" for key in operation.broadcast if not operation.is_socket)
    first = f"{_summary(route.handler)} {endpoint}".strip() + (f", announces {announced}." if announced else ".")
    tags = ["@deprecated"] if getattr(route.handler, "deprecated", False) else []
    return (first, *_not_arguments(operation, parameters), *further, *tags)


def _summary(handler: BaseRouteHandler) -> str:
    """Return the summary of a handler, or the first paragraph of its description or docstring."""
    function = function_of(handler)
    documented = getattr(handler, "summary", None) or getattr(handler, "description", None)
    text = documented or inspect.cleandoc(getattr(function, "__doc__", None) or "")
    return one_line(text.split("\n\n")[0])


def _not_arguments(operation: NamedOperation, parameters: Parameters) -> Iterator[str]:
    """Yield a line for each header and cookie that is not an argument, because a page cannot set it."""
    headers = [parameter for parameter in parameters.of(ParamType.HEADER) if operation.is_socket or not is_settable(parameter.name)]
    yield from _lines(
        "Header",
        ((parameter.name, parameter.required) for parameter in headers if parameter.name.lower() not in ("accept", "content-type")),
    )
    yield from _lines("Cookie", ((parameter.name, parameter.required) for parameter in parameters.of(ParamType.COOKIE)))


def _lines(kind: str, named: Iterable[tuple[str, bool]]) -> Iterator[str]:
    for name, required in named:
        yield f"{kind} `{name}`{'' if required else ', optional'}."

"""A route as a call: what goes in, what comes out, which errors are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from host.frontend.calls.arguments import address_of, headers_of, kinds_of, target_of, tuple_of
from host.frontend.calls.comments import comment_of
from host.frontend.calls.operations import NamedOperation
from host.frontend.calls.parameters import parameters_of
from host.frontend.calls.problems import problems_of
from host.frontend.calls.request_body import request_body_of
from host.frontend.calls.responses import Answer, response_of
from host.frontend.names import pascal

if TYPE_CHECKING:
    from host.frontend.model import Route
    from host.frontend.types.collector import Collector


@dataclass(frozen=True, slots=True)
class Call:
    """One operation, typed. Type expressions hold references into the plugin's collection.

    Args:
        operation: its name and what the route says of it.
        target: an expression: a string, or an arrow function that encodes the path parameters.
        kinds: which arguments there are: ``p``, ``q``, ``b``, ``h``.
        arguments: a labelled tuple type.
        send: how the body travels, "" as JSON.
        answer: a success.
        errors: status and type of each problem, by status.
        docs: lines of the comment.
    """

    operation: NamedOperation
    target: str
    kinds: str
    arguments: str
    send: str
    answer: Answer
    errors: tuple[tuple[int, str], ...]
    docs: tuple[str, ...]


def call_of(route: Route, operation: NamedOperation, types: Collector) -> Call:
    """Type one route.

    Args:
        route: with its registered handler.
        operation: the name that it has.
        types: collects the types.
    """
    place = f"{route.method} {route.path}"
    taken = parameters_of(route.handler, route.path)
    name = pascal(operation.entity) + pascal(operation.name)
    sent = request_body_of(route.handler, taken, types, place, f"{name}Body")
    arguments = [*address_of(taken, types, place), *sent.arguments, *headers_of(taken, types, place)]
    return Call(
        operation=operation,
        target=target_of(route.path, arguments),
        kinds=kinds_of(arguments),
        arguments=tuple_of(arguments),
        send=sent.how,
        answer=response_of(route.handler, types, place, f"{name}Answer"),
        errors=problems_of(route.handler, taken, types, place),
        docs=comment_of(route, operation, taken, *([f"The body is sent as `{sent.media_type}`."] if sent.media_type else [])),
    )

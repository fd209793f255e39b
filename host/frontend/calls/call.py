"""A route as a call: its arguments, its response and its declared errors."""

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
    """A typed operation. Its type expressions contain references to the types that the plugin's collector has.

    Args:
        operation: Its name and what the route declares.
        target: An expression: a string, or an arrow function that encodes the path parameters.
        kinds: The kinds of its arguments: ``p``, ``q``, ``b``, ``h``.
        arguments: A labelled tuple type.
        send: How the body travels; "" for JSON.
        answer: The successful response.
        errors: Status and type of each problem, by status.
        docs: The lines of its comment.
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
    """Return the typed call of a route.

    Args:
        route: The route with its registered handler.
        operation: Its name.
        types: Collects the types.
    """
    place = f"{route.method} {route.path}"
    parameters = parameters_of(route.handler, route.path)
    name = pascal(operation.entity) + pascal(operation.name)
    body = request_body_of(route.handler, parameters, types, place, f"{name}Body")
    arguments = [*address_of(parameters, types, place), *body.arguments, *headers_of(parameters, types, place)]
    return Call(
        operation=operation,
        target=target_of(route.path, arguments),
        kinds=kinds_of(arguments),
        arguments=tuple_of(arguments),
        send=body.how,
        answer=response_of(route.handler, types, place, f"{name}Answer"),
        errors=problems_of(route.handler, parameters, types, place),
        docs=comment_of(route, operation, parameters, *([f"The body is sent as `{body.media_type}`."] if body.media_type else [])),
    )

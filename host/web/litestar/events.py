"""Functions called around each request: Litestar calls those of the innermost layer alone, the host those of all scopes."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, Literal

from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from host.common.compat.litestar import layers_of
from host.registration.contributions import Contributions

Event = Literal["before_request", "after_request", "after_response"]


class _Joined:
    """Several functions called as one.

    Args:
        functions: in the order in which they are called.
        call: calls them.
    """

    def __init__(self, functions: Sequence[Any], call: Callable[[Sequence[Any], Any], Awaitable[Any]]) -> None:
        self._functions = functions
        self._call = call

    async def __call__(self, argument: Any) -> Any:
        return await self._call(self._functions, argument)


def event_of(sharing: Iterable[Contributions], event: Event) -> _Joined | None:
    """Return what one scope calls at an event, ``None`` for nothing.

    Args:
        sharing: the plugins whose layers are in the scope.
        event: the event.
    """
    functions = [function for plugin in sharing if (function := getattr(plugin.layer, event)) is not None]
    return _Joined(functions, _CALLS[event]) if functions else None


def join_events(handler: BaseRouteHandler) -> None:
    """Have a handler call the functions of the scopes around it, the outermost first, and then its own.

    Args:
        handler: registered, so that it knows its layers.
    """
    if not isinstance(handler, HTTPRouteHandler):
        return
    for event, call in _CALLS.items():
        functions = [function for layer in layers_of(handler) if (function := getattr(layer, event, None)) is not None]
        scopes = [function for function in functions if isinstance(function, _Joined)]
        # A handler with several paths is registered for each; the second time its own are joined already.
        if (scopes and functions[-1] is not scopes[-1]) or (len(scopes) > 1 and not isinstance(getattr(handler, event), _Joined)):
            inner = [] if isinstance(functions[-1], _Joined) else [functions[-1]]
            setattr(handler, event, _Joined([*scopes, *inner], call))


async def _first_answer(functions: Sequence[Any], request: Any) -> Any:
    for function in functions:
        if (answer := await _called(function, request)) is not None:
            return answer
    return None


async def _passed_on(functions: Sequence[Any], response: Any) -> Any:
    for function in functions:
        response = await _called(function, response)
    return response


async def _all_called(functions: Sequence[Any], request: Any) -> None:
    for function in functions:
        await _called(function, request)


async def _called(function: Any, argument: Any) -> Any:
    result = function(argument)
    return await result if inspect.isawaitable(result) else result


_CALLS: Final[dict[Event, Callable[[Sequence[Any], Any], Awaitable[Any]]]] = {
    "before_request": _first_answer,
    "after_request": _passed_on,
    "after_response": _all_called,
}

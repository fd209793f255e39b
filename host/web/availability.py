"""Whether requests are taken: what the host is doing, and the door that each request comes through (rows F26, F27)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from litestar.enums import ScopeType

from host.loading.stack_attribution import waiting_in
from host.web.isolation import refuse

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from litestar.types import ASGIApp, Receive, Send
    from litestar.types import Scope as Connection

State = Literal["new", "starting", "ready", "stopping", "stopped"]

_Answers = Callable[["Connection", "Receive", "Send"], "Coroutine[Any, Any, None]"]

#: Seconds after which a client that was refused while the host starts or stops may ask again.
SOON: Final = 2
#: Compared with each request's type: a plain text, which is quicker than Litestar's enumeration.
_HTTP: Final[Any] = "http"
#: Seconds between looks at the requests that are under way.
_LOOK: Final = 0.02
#: Seconds that a request may take to end once it was cancelled.
_GRACE: Final = 1.0
#: What a WebSocket is told when the server goes away (RFC 6455, 7.4.1).
_GOING_AWAY: Final = 1001
_LOG: Final = logging.getLogger("host")


@dataclass(eq=False)
class Status:
    """What a host is doing.

    Args:
        state: of the whole.
        plugins: of each plugin that has started, by key: whether it was stopped since.
    """

    state: State = "new"
    plugins: dict[str, Literal["ready", "stopped"]] = field(default_factory=dict)


class ReadinessGate:
    """The ASGI application that a server calls: the assembled one while it is open, else 503, but for ``/health``.

    A request pays for one call of a function. Which are under way is looked up when the door is closed, in the tasks of the loop.

    Args:
        app: the assembled application.
        reason: what the host is doing instead, for the answer of a closed door.
    """

    _request: _Answers
    _other: _Answers

    def __init__(self, app: ASGIApp, reason: Callable[[], str]) -> None:
        self._app = app
        self._reason = reason
        self._draining = False
        self.close()

    def __call__(self, scope: Connection, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Pass a request on, or refuse it."""
        return (self._request if scope["type"] == _HTTP else self._other)(scope, receive, send)

    def open(self) -> None:
        """Take requests from now on."""
        self._request = cast("_Answers", self._app)
        self._other = self._pass_socket

    def close(self) -> None:
        """Refuse requests from now on."""
        self._request = self._other = self._answer_closed

    async def drain(self, limit: float) -> None:
        """Close, and wait for the requests that are under way; then cut off what is left, and WebSockets.

        Args:
            limit: seconds; requests that take longer are cut off.
        """
        self.close()
        self._draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while self._under_way(sockets=False):  # noqa: ASYNC110 - a task tells nobody when a request within it ends
                    await asyncio.sleep(_LOOK)
        if late := self._under_way(sockets=False):
            _LOG.warning("requests are cut off that took longer than server.drain, %g s: %d", limit, len(late))
        tasks = self._under_way(sockets=True)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)

    def _under_way(self, *, sockets: bool) -> list[asyncio.Task[Any]]:
        """The tasks in which the application answers a request that came through the open door."""
        outside = (
            {ReadinessGate._answer_closed.__code__}
            if sockets
            else {ReadinessGate._answer_closed.__code__, ReadinessGate._pass_socket.__code__}
        )
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and self._passes(task, outside)]

    def _passes(self, task: asyncio.Task[Any], outside: set[CodeType]) -> bool:
        frames = list(waiting_in(task.get_coro()))
        if any(frame.f_code in outside and frame.f_locals.get("self") is self for frame in frames):
            return False
        call = type(self._app).__call__.__code__
        return any(frame.f_code is call and frame.f_locals.get("self") is self._app for frame in frames)

    async def _pass_socket(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass on a WebSocket. Where it is cut off, its own task says goodbye: granian does not send while another one receives."""
        try:
            if scope["type"] == ScopeType.WEBSOCKET:
                await self._app(scope, receive, send)
            else:
                await self._answer_closed(scope, receive, send)
        except asyncio.CancelledError:
            if self._draining:
                with suppress(OSError, RuntimeError):  # it is closed already
                    await send({"type": "websocket.close", "code": _GOING_AWAY, "reason": "the server stops"})
            raise

    async def _answer_closed(self, scope: Connection, receive: Receive, send: Send) -> None:
        if scope["type"] == _HTTP and scope["path"].startswith("/health/"):
            await self._app(scope, receive, send)
        else:
            await refuse(scope, receive, send, self._reason(), SOON)

"""Whether requests are taken: what the host is doing, and the door that each request comes through (rows F26, F27)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from litestar.enums import ScopeType

from host.assembly.gate import refuse
from host.blame import waiting_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.types import ASGIApp, Receive, Send
    from litestar.types import Scope as Connection

State = Literal["new", "starting", "ready", "stopping", "stopped"]

#: Seconds after which a client that was refused while the host starts or stops may ask again.
SOON: Final = 2
#: Compared with each request's type: a plain text, which is quicker than Litestar's enumeration.
_HTTP: Final[Any] = "http"
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


class Door:
    """The ASGI application that a server calls: the assembled one while it is open, else 503, but for ``/health``.

    It counts the requests that are under way, and costs each of them next to nothing.

    Args:
        app: the assembled application.
        reason: what the host is doing instead, for the answer of a closed door.
    """

    def __init__(self, app: ASGIApp, reason: Callable[[], str]) -> None:
        self._app = app
        self._reason = reason
        self._open = False
        self._draining = False
        self._ended = asyncio.Event()
        self._requests = 0

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if not self._open or scope["type"] != _HTTP:
            socket = self._open and scope["type"] == ScopeType.WEBSOCKET
            await (self._pass_socket if socket else self._answer_closed)(scope, receive, send)
            return
        self._requests += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests -= 1
            if self._draining:
                self._ended.set()

    def open(self) -> None:
        """Take requests from now on."""
        self._open = True

    def close(self) -> None:
        """Refuse requests from now on."""
        self._open = False

    async def drain(self, limit: float) -> None:
        """Close, and wait for the requests that are under way; then cut off what is left, and WebSockets.

        Args:
            limit: seconds; requests that take longer are cut off.
        """
        self.close()
        self._draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while self._requests:
                    self._ended.clear()
                    await self._ended.wait()
        if self._requests:
            _LOG.warning("%d requests are cut off, they took longer than server.drain, %g s", self._requests, limit)
        tasks = [task for task in asyncio.all_tasks() if self._passes(task)]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)

    def _passes(self, task: asyncio.Task[Any]) -> bool:
        """Whether a request is under way in a task. It is looked up, as noting the task of each request would cost each of them."""
        mine = [frame.f_code for frame in waiting_in(task.get_coro()) if frame.f_locals.get("self") is self]
        return Door.__call__.__code__ in mine and Door._answer_closed.__code__ not in mine

    async def _pass_socket(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass on a WebSocket. Where it is cut off, its own task says goodbye: granian does not send while another one receives."""
        try:
            await self._app(scope, receive, send)
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

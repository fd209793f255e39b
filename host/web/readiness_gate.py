"""The gate through which each request passes: it accepts requests while the host is ready, and waits for them at a stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType

from host.web.request_log import log_failure
from host.web.response_503 import refuse

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from litestar.types import ASGIApp, Receive, Send
    from litestar.types import Scope as Connection

_Answers = Callable[["Connection", "Receive", "Send"], "Coroutine[Any, Any, None]"]

#: Seconds after which a client that was refused while the host starts or stops may try again.
SOON: Final = 2
#: Compared with each request's type: a plain string, which is quicker than Litestar's enumeration.
_HTTP: Final[Any] = "http"
#: Seconds that a request may take to end once it was cancelled.
_GRACE: Final = 1.0
#: How a WebSocket is closed when the server goes away (RFC 6455, 7.4.1).
_GOING_AWAY: Final = 1001
_LOG: Final = logging.getLogger("host")


class ReadinessGate:
    """The ASGI application that a server calls. While it is closed, it answers 503 to all requests but those to ``/health``.

    Requests under way are counted, so that a stop can wait for them; that costs each a third of a microsecond.

    Args:
        app: the assembled application, called while the gate is open.
        reason: returns why the gate is closed, for the 503 responses.
    """

    _request: _Answers
    _other: _Answers

    def __init__(self, app: ASGIApp, reason: Callable[[], str]) -> None:
        self._app = app
        self._reason = reason
        self._draining = False
        #: The tasks that answer requests or serve WebSockets which came through the open gate, by the identity of the scope.
        #: A task alone would not do: a test client answers all its requests in the task of its caller.
        self._requests: dict[int, asyncio.Task[Any] | None] = {}
        self._sockets: dict[int, asyncio.Task[Any] | None] = {}
        #: Resolved when the last request under way has ended; set only while :meth:`drain` waits for that.
        self._idle: asyncio.Future[None] | None = None
        #: Stored, so that no request has to look it up, which in Python 3.11 takes longer than all the rest of the counting.
        self._loop: asyncio.AbstractEventLoop | None = None
        self.close()

    def __call__(self, scope: Connection, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Pass a connection to the application, or refuse it."""
        return (self._request if scope["type"] == _HTTP else self._other)(scope, receive, send)

    def open(self) -> None:
        """Accept requests from now on, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._request = self._pass_request
        self._other = self._pass_socket

    def close(self) -> None:
        """Refuse requests from now on."""
        self._request = self._other = self._answer_closed

    async def drain(self, limit: float) -> None:
        """Close, wait for the requests under way, then cancel those that are left, and all WebSockets.

        Args:
            limit: seconds; requests that take longer are cancelled.
        """
        self.close()
        self._draining = True
        if self._of_others(self._requests):
            self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._idle}, timeout=limit)
        if late := self._of_others(self._requests):
            _LOG.warning("requests that took longer than server.drain, %g s, are cancelled: %d", limit, len(late))
        tasks = {task for task in (*late, *self._of_others(self._sockets)) if task is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)

    @staticmethod
    def _of_others(under_way: Mapping[int, asyncio.Task[Any] | None]) -> list[asyncio.Task[Any] | None]:
        """Return the tasks without the caller's own, which cannot wait for itself."""
        own = asyncio.current_task()
        return [task for task in under_way.values() if task is not own]

    async def _pass_request(self, scope: Connection, receive: Receive, send: Send) -> None:
        number = id(scope)  # unique while this call holds the scope
        self._requests[number] = asyncio.current_task(self._loop)
        try:
            await self._app(scope, receive, send)
        except (asyncio.CancelledError, GeneratorExit):
            raise  # the server, or the end of the event loop, has ended the request
        except BaseException as error:
            _log_escaped(scope, error)
            raise
        finally:
            del self._requests[number]
            if self._idle is not None and not self._requests and not self._idle.done():
                self._idle.set_result(None)

    async def _pass_socket(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Pass a WebSocket to the application.

        If it is cancelled, its own task sends the close: granian does not send while another task receives.
        """
        if scope["type"] != ScopeType.WEBSOCKET:
            await self._answer_closed(scope, receive, send)
            return
        number = id(scope)
        self._sockets[number] = asyncio.current_task(self._loop)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if self._draining:
                with suppress(OSError, RuntimeError):  # it is closed already
                    await send({"type": "websocket.close", "code": _GOING_AWAY, "reason": "the server is shutting down"})
            raise
        except GeneratorExit:
            raise
        except BaseException as error:
            _log_escaped(scope, error)
            raise
        finally:
            del self._sockets[number]

    async def _answer_closed(self, scope: Connection, receive: Receive, send: Send) -> None:
        if scope["type"] == _HTTP and scope["path"].startswith("/health/"):
            await self._app(scope, receive, send)
        else:
            await refuse(scope, receive, send, self._reason(), SOON)


def _log_escaped(scope: Connection, error: BaseException) -> None:
    """Log what no exception handler has caught: it was raised after the response had begun, or is no ``Exception``.

    The server only ends the connection.
    """
    log_failure(ASGIConnection(scope), error)

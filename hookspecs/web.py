"""Hooks that register what answers requests, and that see the application or a client that subscribes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from litestar import Litestar
    from litestar.connection import ASGIConnection
    from litestar.types import ControllerRouterHandler, Middleware

    from hookspecs.nesting import Layer, Static
    from hookspecs.scope import Scope


@hookspec
def register_layer(scope: Scope) -> Layer | None:
    """Return guards, dependencies and exception handlers that apply to all routes of this plugin and its children.

    They never apply to other plugins. The layer of an outer scope comes first, a child's own comes after it.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        One :class:`hookspecs.Layer`, or ``None``. Not an iterable: a scope has one layer.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value, and for a dependency whose name cannot be injected.
        ConflictError: Raised by the host if a shared child has a handler for the same exception or a value for the same ``opt``.

    Example:
        ::

            from litestar import Request, Response, get
            from litestar.params import FromPath

            from hookspecs import Layer, Scope, hookimpl


            def not_found(request: Request, error: LookupError) -> Response:
                return Response({"missing": error.args[0]}, status_code=404)


            @get("/note/{title:str}", sync_to_thread=False)
            def read(title: FromPath[str]) -> str:
                return {"milk": "Buy milk"}[title]


            @hookimpl
            def register_layer(scope: Scope):
                return Layer(exception_handlers={LookupError: not_found})


            @hookimpl
            def register_routes():
                return read
    """


@hookspec
def register_middleware(scope: Scope) -> Middleware | Iterable[Middleware] | None:
    """Return ASGI middleware around the routes of this plugin and its children.

    It never sees requests to other plugins. The middleware of an outer scope comes first.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        What Litestar accepts as middleware, an iterable of it, or ``None``. The first is the outermost.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for a value that is not callable.

    Example:
        ::

            from litestar import get
            from litestar.types import ASGIApp, Message, Receive, Send
            from litestar.types import Scope as ASGIScope

            from hookspecs import Scope, hookimpl


            def add_header(app: ASGIApp) -> ASGIApp:
                async def middleware(scope: ASGIScope, receive: Receive, send: Send) -> None:
                    async def send_with_header(message: Message) -> None:
                        if message["type"] == "http.response.start":
                            message["headers"] = [*message["headers"], (b"x-notes", b"1")]
                        await send(message)

                    await app(scope, receive, send_with_header)

                return middleware


            @get("/note", sync_to_thread=False)
            def list_notes() -> list[str]:
                return ["Buy milk"]


            @hookimpl
            def register_middleware(scope: Scope):
                return [add_header]


            @hookimpl
            def register_routes():
                return list_notes
    """


@hookspec
def register_routes(scope: Scope) -> ControllerRouterHandler | Iterable[ControllerRouterHandler] | None:
    """Return Litestar handlers, controllers and routers; they are mounted under the plugin's prefix.

    A handler can take as arguments, by name: ``plugin_scope``, the services of the scope, the contracts that the plugin uses,
    the dependencies of the layers around it and ``request_data``. Add ``opt=operation(…)`` to say what
    ``generated-config.ts`` makes of a route, see :func:`hookspecs.operation`.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        An HTTP, WebSocket or ASGI handler, a controller class, a ``WebsocketListener`` class, a router, an iterable of these, or
        ``None``. Not a ``Litestar`` application.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value.
        ConflictError: Raised by the host if two handlers answer the same method and path, or have the same operation name.
        ServiceError: Raised by the host if a handler takes a service that only other scopes have.
        ContractError: Raised by the host if a handler takes a contract that the plugin does not use, or has the guard
            ``authenticated`` or ``requires(…)`` and no enabled plugin provides :class:`hookspecs.Authenticator`.
        FrontendError: Raised by the host if a route broadcasts on a channel that the plugin does not declare.

    Example:
        ::

            from litestar import Controller, get

            from hookspecs import Scope, hookimpl


            class Notes(Controller):
                path = "/note"

                @get("/", sync_to_thread=False)
                def list_notes(self, plugin_scope: Scope) -> dict[str, list[str]]:
                    return {plugin_scope.key: ["Buy milk"]}


            @hookimpl
            def register_routes(scope: Scope):
                return [Notes]
    """


@hookspec
def register_static(scope: Scope) -> Static | Iterable[Static] | None:
    """Return directories whose files are served under the plugin's prefix.

    A route always takes precedence over a file. If a directory contains an ``index.html``, the path of the directory answers with
    it. The files are public unless the plugin's layer has a guard. They are neither part of the OpenAPI document nor of
    ``generated-config.ts``.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        A :class:`hookspecs.Static`, an iterable of them with different paths, or ``None``. A relative directory starts at the
        directory of the plugin's module. List the files as package data, so that the distribution contains them.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value, and if the directory does not exist.
        ConflictError: Raised by the host if two directories are served at one path.

    Example:
        ``pages/index.html`` beside the module answers at ``/acme__notes/app``, and ``pages/app.css`` at
        ``/acme__notes/app/app.css``. ::

            from hookspecs import Scope, Static, hookimpl


            @hookimpl
            def register_static(scope: Scope):
                return Static("pages", path="/app")
    """


@hookspec
def app_built(scope: Scope, app: Litestar) -> None:
    """Inspect the complete application before it starts.

    The application contains the routes of all plugins. Nothing can be registered any more: a route added here is an error. Use
    the hook to read, e.g. to count routes or to hand the application to a library that instruments it.

    Phase: assemble
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Contracts are available; services are not yet.
        app: The Litestar application.

    Returns:
        Nothing; a value is ignored.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.

    Example:
        ::

            from litestar import Litestar

            from hookspecs import Scope, hookimpl


            @hookimpl
            def app_built(scope: Scope, app: Litestar):
                scope.log.info("the application has %d routes", len(app.routes))
    """


@hookspec
async def authorize_socket(scope: Scope, connection: ASGIConnection[Any, Any, Any, Any], channel: str) -> None:
    """Authorize a client that subscribes to one of this plugin's channels.

    Called for each subscription, over a WebSocket or server-sent events, after the guards of the layers around the plugin and
    those of the channel. Return to allow the subscription, raise to refuse it.

    Phase: serve
    Roles: web
    Async: yes

    Args:
        scope: The plugin's scope. Everything is available.
        connection: The WebSocket, or the request for server-sent events. ``await user_of(connection)`` gives the user.
        channel: The key of the channel as the plugin declared it, e.g. ``noteCreated``.

    Returns:
        Nothing. An awaitable is awaited, any other value is ignored.

    Raises:
        HTTPException: Refuses the subscription; below 500 the client receives the status and the detail.
        Exception: Refuses the subscription with 403; the client sees no details, the exception is logged.
        HookTimeoutError: Raised by the host if the hook takes longer than ``plugins.timeout``; refuses with 403.

    Example:
        ::

            from litestar.connection import ASGIConnection
            from litestar.exceptions import PermissionDeniedException

            from hookspecs import Channel, Scope, hookimpl


            @hookimpl
            def register_channels():
                return [Channel("published", str), Channel("drafts", str)]


            @hookimpl
            async def authorize_socket(scope: Scope, connection: ASGIConnection, channel: str):
                if channel == "drafts" and connection.headers.get("x-desk") != "news":
                    raise PermissionDeniedException("drafts are for the news desk")
    """

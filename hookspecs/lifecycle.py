"""Hooks that run while the host starts, serves and stops. All of them may be async, each under the limit ``plugins.timeout``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from hookspecs.scope import Scope


@hookspec
async def on_startup(scope: Scope) -> None:
    """Run start-up code.

    The database is open, the plugin's services exist and the plugins it depends on have started: its parent, the plugins of its
    requirements and the providers of the contracts that it uses.

    Phase: start
    Roles: web
    Async: yes

    Args:
        scope: The plugin's scope. Everything is available, services and contracts included.

    Returns:
        Nothing. An awaitable is awaited, any other value is ignored.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`; its services are closed, ``on_shutdown`` is not called.
        HookTimeoutError: Raised by the host if the hook takes longer than ``plugins.timeout``.

    Example:
        ::

            from hookspecs import Scope, hookimpl


            @hookimpl
            def register_services():
                return {"words": set()}


            @hookimpl
            async def on_startup(scope: Scope):
                scope.services["words"].update({"milk", "bread"})
                scope.log.info("%d words are known", len(scope.services["words"]))
    """


@hookspec
async def on_ready(scope: Scope) -> None:
    """Run code once all plugins have started, just before the first request is accepted.

    From here on every extension can be called, because the plugins that added them have started too.

    Phase: ready
    Roles: web
    Async: yes

    Args:
        scope: The plugin's scope. Everything is available.

    Returns:
        Nothing. An awaitable is awaited, any other value is ignored.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`; then it is stopped, ``on_shutdown`` included.
        HookTimeoutError: Raised by the host if the hook takes longer than ``plugins.timeout``.

    Example:
        ::

            from typing import Protocol

            from hookspecs import Extension, ExtensionPoint, Scope, hookimpl


            class Importer(Protocol):
                def suffix(self) -> str: ...


            class Markdown:
                def suffix(self) -> str:
                    return ".md"


            @hookimpl
            def register_contract():
                return [ExtensionPoint(Importer), Extension(Importer, Markdown())]


            @hookimpl
            def on_ready(scope: Scope):
                for importer in scope.extensions(Importer):
                    scope.log.info("imports %s files", importer.suffix())
    """


@hookspec
async def on_shutdown(scope: Scope) -> None:
    """Run clean-up code before the plugin's services are closed.

    The server no longer accepts requests, and the requests under way have finished or used up ``server.drain``. Plugins stop in
    reverse order: the plugins that depend on this one have stopped already. The database is still open. The hook is called only
    if the plugin's ``on_startup`` succeeded, also when a later plugin ended the start.

    Phase: stop
    Roles: web
    Async: yes

    Args:
        scope: The plugin's scope. Everything is available.

    Returns:
        Nothing. An awaitable is awaited, any other value is ignored.

    Raises:
        Exception: Reported as :class:`host.HookCallError` when the host has stopped; the other plugins are stopped all the same.
        HookTimeoutError: Raised by the host if the hook takes longer than ``plugins.timeout``; reported in the same way.

    Example:
        A service that is only closed needs no hook: see ``close`` of :class:`hookspecs.Service`. ::

            from hookspecs import Scope, hookimpl


            @hookimpl
            def register_services():
                return {"unsaved": ["Buy milk"]}


            @hookimpl
            async def on_shutdown(scope: Scope):
                scope.log.warning("not saved: %s", ", ".join(scope.services["unsaved"]))
    """


@hookspec
async def check_health(scope: Scope) -> str | None:
    """Report the plugin's health: return ``None`` if healthy, or a short public message describing the problem.

    ``GET /health/ready`` calls the hook of all plugins concurrently while the host serves. Requests that arrive together share
    one check. A problem in a plugin whose policy is ``on_failure = "abort"`` makes the host ``unhealthy`` (503), in one with
    ``isolate`` it makes the host ``degraded`` (200).

    Phase: serve
    Roles: web
    Async: yes

    Args:
        scope: The plugin's scope. Everything is available.

    Returns:
        ``None``, or a message that is not blank. Anybody can read it: it must not contain secrets.

    Raises:
        Exception: Counts as a problem. The response says only that ``check_health`` failed; the exception is logged.
        HookTimeoutError: Raised by the host if the hook takes longer than ``plugins.timeout``; counts as a problem too.
        HookResultError: Raised by the host for any other value; counts as a problem too.

    Example:
        ::

            import shutil

            from hookspecs import Scope, hookimpl


            @hookimpl
            async def check_health(scope: Scope):
                return None if shutil.disk_usage(".").free else "the disk is full"
    """

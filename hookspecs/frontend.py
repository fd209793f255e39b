"""The hook that adjusts the plugin's part of the generated TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from hookspecs.scope import Scope
    from hookspecs.values import Frontend


@hookspec
def generate_frontend(scope: Scope) -> Frontend | None:
    """Return what ``generated-config.ts`` says about the plugin beyond its routes and channels.

    Called after all other registrations of all plugins, so the extensions that other plugins added are available. Without this
    hook the plugin is part of the file as its routes, payloads and channels describe it.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. ``scope.use`` and ``scope.extensions`` work from here on; services do not yet.

    Returns:
        A :class:`hookspecs.Frontend`, or ``None`` for the default ``Frontend()``.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value.
        FrontendError: Raised by the host if ``entity_names`` names an entity that no route of the plugin has.

    Example:
        The calls are ``api.acme__notes.memo.…`` instead of ``api.acme__notes.note.…``. ::

            from litestar import get

            from hookspecs import Frontend, Scope, hookimpl


            @get("/note", sync_to_thread=False)
            def list_notes() -> list[str]:
                return ["Buy milk"]


            @hookimpl
            def register_routes():
                return list_notes


            @hookimpl
            def generate_frontend(scope: Scope):
                return Frontend(entity_names={"note": "memo"}, custom={"icon": "pencil"})
    """

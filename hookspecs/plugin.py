"""Hooks that describe the plugin itself: its options, the plugins inside it, its services and its contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

    from hookspecs.contracts import Contract, Extension, ExtensionPoint, Uses
    from hookspecs.nesting import Child
    from hookspecs.scope import Scope
    from hookspecs.services import RequestService, Service


@hookspec
def plugin_options() -> type[BaseModel] | None:
    """Return the pydantic model that validates the plugin's options.

    This is the first hook of a plugin. The host validates the table ``options`` of the plugin in ``host.toml`` against the model,
    and of a child what its parent passes to :class:`hookspecs.Child`. The instance is ``scope.options``. A value
    ``{ env = "NAME" }`` in ``host.toml`` is replaced by that environment variable first, so that secrets stay out of the file.

    Phase: load
    Roles: web, build
    Async: no

    Returns:
        The model class, not an instance of it. ``None``, or no such hook, means that the plugin takes no options; then
        ``scope.options`` is ``None`` and any option is an error. Unknown options are errors unless the model says
        ``extra="allow"``.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for anything but a model class or ``None``.
        OptionsError: Raised by the host if the options do not validate; names the file and the key, never the value.

    Example:
        ``options = { page_size = 50 }`` under ``[plugins.acme__notes]`` replaces the default. ::

            from pydantic import BaseModel, Field

            from hookspecs import hookimpl


            class Options(BaseModel):
                page_size: int = Field(20, ge=1, le=100)


            @hookimpl
            def plugin_options():
                return Options
    """


@hookspec
def register_plugins(scope: Scope) -> Child | Iterable[Child] | None:
    """Return the plugins inside this one.

    The host loads the children right after this hook, depth first: a child and its own children are complete before the next
    sibling is loaded, and shared children are loaded before the others. A child sees its parent's services, contracts, guards and
    middleware; neither its parent nor its siblings see the child's, unless it is shared.

    Phase: load
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Its options, prefix and logger are available.

    Returns:
        A :class:`hookspecs.Child`, an iterable of them with different names, or ``None``.

    Raises:
        Exception: Fails the plugin, and the plugins inside it, with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value, for two children of one name, for a plugin inside itself, and for
            plugins that are nested more than 64 levels deep.

    Example:
        The route answers under ``/acme__notes/archive``, the key of the child is ``acme__notes.archive``. ::

            from litestar import get
            from pydantic import BaseModel

            from hookspecs import Child, Scope, hookimpl


            class ArchiveOptions(BaseModel):
                keep: int = 10


            @get("/", sync_to_thread=False)
            def describe(plugin_scope: Scope) -> str:
                return f"{plugin_scope.key} keeps {plugin_scope.options.keep} notes"


            class Archive:
                @hookimpl
                def plugin_options(self):
                    return ArchiveOptions

                @hookimpl
                def register_routes(self):
                    return describe


            @hookimpl
            def register_plugins(scope: Scope):
                return Child(Archive, "archive", prefix="/archive", options={"keep": 30})
    """


@hookspec
async def configure(scope: Scope) -> None:
    """Run code before anything is registered.

    Use it for what the ``register_*`` hooks need: check the environment, set the level of a logger, read a file. It runs in every
    role, so also for ``host generate-config`` and ``host routes``; the database is not open.

    Phase: configure
    Roles: web, build
    Async: yes

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        Nothing. An awaitable is awaited, any other value is ignored.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookTimeoutError: Raised by the host if the hook takes longer than ``plugins.timeout``.

    Example:
        ::

            from hookspecs import Scope, hookimpl


            @hookimpl
            def configure(scope: Scope):
                scope.log.setLevel("DEBUG" if scope.environment == "development" else "INFO")
    """


@hookspec
def register_services(scope: Scope) -> Mapping[str, Any | Service | RequestService] | None:
    """Return the plugin's services by name.

    A service is available as ``scope.services["name"]`` and as a Litestar dependency of that name, to the plugin and to the
    plugins inside it. A child may register another service under the same name; then the child sees its own.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        A mapping of names to services, or ``None``. A :class:`hookspecs.Service` is created at start-up and closed at shutdown,
        a :class:`hookspecs.RequestService` is created for each request, and every other value is the service itself. A name must
        be a Python identifier that neither Litestar nor the host reserves for handler arguments.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for anything but a mapping, and for a name that cannot be injected.
        ConflictError: Raised by the host if another service, a contract or a dependency of a layer has the name in this scope.
        ServiceError: Raised by the host, at start-up, if a factory raises.

    Example:
        ::

            from concurrent.futures import ThreadPoolExecutor

            from litestar import get

            from hookspecs import Scope, Service, hookimpl


            @get("/sum")
            async def add(pool: ThreadPoolExecutor, signature: str) -> str:
                return f"{pool.submit(sum, (1, 2)).result()} {signature}"


            @hookimpl
            def register_services(scope: Scope):
                pool = Service(lambda: ThreadPoolExecutor(2), close=lambda pool: pool.shutdown())
                return {"pool": pool, "signature": "from acme"}


            @hookimpl
            def register_routes():
                return add
    """


@hookspec
def register_contract(
    scope: Scope,
) -> Contract | Uses | ExtensionPoint | Extension | Iterable[Contract | Uses | ExtensionPoint | Extension] | None:
    """Return what the plugin provides to other plugins, and what it uses of theirs.

    Four values describe how plugins work together: :class:`hookspecs.Contract` provides an object, :class:`hookspecs.Uses` asks
    for it, :class:`hookspecs.ExtensionPoint` accepts additions from any number of plugins, :class:`hookspecs.Extension` is such
    an addition. They become part of the load order: a plugin that uses a contract starts after its provider, and a plugin that
    extends another one starts after that one. If the other plugin fails, the dependent one fails too, unless ``optional=True``.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        One of the four values, an iterable of them, or ``None``.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value.
        ContractError: Raised by the host if no enabled plugin provides the contract in a version that fits, or if an
            implementation lacks a member of its protocol or has another signature.
        ConflictError: Raised by the host for two providers of one contract, and if one plugin uses a contract twice.
        DependencyCycleError: Raised by the host if plugins need each other in a circle.

    Example:
        The child uses the contract of its parent; every other installed plugin can use it in the same way. The
        child has no prefix of its own, so its route is ``GET /acme__notes/now``. ::

            from typing import Protocol

            from litestar import get

            from hookspecs import Child, Contract, Scope, Uses, hookimpl


            class Clock(Protocol):
                def now(self) -> str: ...


            class Noon:
                def now(self) -> str:
                    return "12:00"


            @get("/now", sync_to_thread=False)
            def show(clock: Clock) -> str:
                return clock.now()


            class Face:
                @hookimpl
                def register_contract(self):
                    return Uses(Clock, "clock", version=">=1,<2")

                @hookimpl
                def register_routes(self):
                    return show


            @hookimpl
            def register_contract(scope: Scope):
                return Contract(Clock, Noon(), version="1.0")


            @hookimpl
            def register_plugins():
                return Child(Face, "face")
    """

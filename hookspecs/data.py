"""Hooks that register documents, how they travel, who may access them, and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookspecs.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beanie import Document

    from hookspecs.access import Rules
    from hookspecs.scope import Scope
    from hookspecs.values import Channel, PayloadHandler


@hookspec
def register_models(scope: Scope) -> type[Document] | Iterable[type[Document]] | None:
    """Return the plugin's Beanie documents.

    The host names each collection ``<plugin key>-<model>``, e.g. ``acme__notes-note``, whatever the class says, so that plugins
    cannot overwrite each other's data. The models of all plugins are opened together, before ``on_startup``. If no plugin
    registers a model, no database is opened.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        A subclass of ``beanie.Document``, an iterable of them, or ``None``.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value.
        ConflictError: Raised by the host if the model is registered twice, or if two models have the same collection.
        ModelError: Raised by the host, at start-up, if the model cannot be opened, e.g. because of an index that contradicts the
            data.

    Example:
        ::

            from beanie import Document

            from hookspecs import Scope, hookimpl


            class Note(Document):
                title: str


            @hookimpl
            def register_models(scope: Scope):
                return [Note]
    """


@hookspec
def register_payload(scope: Scope) -> PayloadHandler | Iterable[PayloadHandler] | None:
    """Return one :class:`hookspecs.PayloadHandler` per document class; it turns documents into payload rows.

    :meth:`hookspecs.Scope.payload` uses the handler of the document's class, or of its nearest base class that has one. Routes
    return payloads and channels carry them, so a frontend reads the same shape from both.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        A handler, an iterable of them, or ``None``.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value.
        ConflictError: Raised by the host for two handlers of one class, also in different plugins.

    Example:
        ::

            from beanie import Document
            from litestar import post
            from litestar.params import JSONBody

            from hookspecs import Payload, PayloadHandler, Scope, hookimpl


            class Note(Document):
                title: str
                status: str = "open"


            @post("/note")
            async def create(plugin_scope: Scope, data: JSONBody[dict[str, str]]) -> Payload[Note]:
                note = await Note(title=data["title"]).insert()
                return await plugin_scope.payload([note], action="dataCreate")


            @hookimpl
            def register_models():
                return Note


            @hookimpl
            def register_payload(scope: Scope):
                return PayloadHandler(Note, display_name=lambda note: note.title, completion=lambda note: note.status)


            @hookimpl
            def register_routes():
                return create
    """


@hookspec
def register_rules(scope: Scope) -> Rules | Iterable[Rules] | None:
    """Return one :class:`hookspecs.Rules` per document class: who may read, create, update and delete its documents.

    The rules apply to the routes of :func:`host.data.crud` and to payloads on channels: a subscriber receives only the documents
    that they may read. Code that reads the database directly is not restricted.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        Rules, an iterable of them, or ``None``.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value.
        ConflictError: Raised by the host for two sets of rules for one class, and for rules for another plugin's documents.
        ContractError: Raised by the host if the rules depend on the user and no enabled plugin provides
            :class:`hookspecs.Authenticator`.

    Example:
        Everyone may read; a note belongs to the user who created it. ::

            from hookspecs import PayloadHandler, Rules, Scope, anyone, hookimpl, owner, role
            from host.data import CrudController, Document


            class Note(Document):
                title: str


            class Notes(CrudController[Note]):
                path = "/note"


            @hookimpl
            def register_models():
                return Note


            @hookimpl
            def register_payload():
                return PayloadHandler(Note, display_name=lambda note: note.title, completion=lambda note: "")


            @hookimpl
            def register_rules(scope: Scope):
                return Rules(model=Note, read=anyone, update=owner | role("editor"), delete=owner)


            @hookimpl
            def register_routes():
                return Notes
    """


@hookspec
def register_channels(scope: Scope) -> Channel | Iterable[Channel] | None:
    """Return the channels to which browsers can subscribe, each with the type of its messages.

    :meth:`hookspecs.Scope.broadcast` sends a message to all subscribers. On the wire a channel is called
    ``<plugin key>--<channel key>``. Clients connect with a WebSocket or with server-sent events; ``generated-config.ts`` has a
    typed subscription for each channel.

    Phase: register
    Roles: web, build
    Async: no

    Args:
        scope: The plugin's scope. Options, prefix, logger and parent are available; services and contracts are not yet.

    Returns:
        A :class:`hookspecs.Channel`, an iterable of them with different keys, or ``None``.

    Raises:
        Exception: Fails the plugin with :class:`host.HookCallError`.
        HookResultError: Raised by the host for any other value.
        ConflictError: Raised by the host for two channels with one key.

    Example:
        ::

            import msgspec
            from litestar import post
            from litestar.params import JSONBody

            from hookspecs import Channel, Scope, hookimpl


            class Note(msgspec.Struct):
                title: str


            @post("/note")
            async def create(plugin_scope: Scope, data: JSONBody[Note]) -> Note:
                await plugin_scope.broadcast("noteCreated", data)
                return data


            @hookimpl
            def register_channels(scope: Scope):
                return [Channel("noteCreated", Note)]


            @hookimpl
            def register_routes():
                return create
    """

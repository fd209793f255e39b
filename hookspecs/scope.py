"""The scope: everything that one plugin sees of the host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from logging import Logger
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from hookspecs.access import Rules
    from hookspecs.contracts import Extensions
    from hookspecs.payload import Page, Payload
    from hookspecs.values import StoreAction

P = ParamSpec("P")
T = TypeVar("T")

#: A protocol. As ``type[T]``, mypy would accept concrete classes only.
ProtocolClass: TypeAlias = Callable[..., T]

Role = Literal["web", "build"]


class Scope(Protocol):
    """One plugin's view of the host: the same object in every hook and, as ``plugin_scope``, in every handler.

    What is available depends on the phase: options, prefix and logger always, contracts and extensions from
    ``generate_frontend`` on, services from ``on_startup`` on. Asking earlier raises ``host.TooEarlyError``.

    Example:
        >>> @hookimpl
        ... async def on_startup(scope: Scope) -> None:
        ...     scope.log.info("%s %s serves %s", scope.key, scope.version, scope.prefix)
    """

    @property
    def key(self) -> str:
        """The plugin key, ``author__name``; for a child its parent's key, a dot and its name, ``author__name.child``."""

    @property
    def name(self) -> str:
        """The second half of the key; for a child its own name."""

    @property
    def parent(self) -> Scope | None:
        """The scope of the plugin that contains this one, ``None`` for an installed plugin."""

    @property
    def author(self) -> str:
        """The first half of the key."""

    @property
    def version(self) -> str:
        """The version of the distribution."""

    @property
    def distribution(self) -> str:
        """The name of the distribution, as pip lists it."""

    @property
    def prefix(self) -> str:
        """The path under which the plugin's routes are mounted, the prefixes of the scopes around it included."""

    @property
    def role(self) -> Role:
        """What this process does: ``web`` serves, ``build`` only registers, e.g. for ``host generate-config``."""

    @property
    def environment(self) -> str:
        """The setting ``environment``, e.g. ``development``."""

    @property
    def options(self) -> Any:
        """The validated options: an instance of the class that ``plugin_options`` returned, ``None`` without one."""

    @property
    def log(self) -> Logger:
        """A logger named ``host.plugin.<key>``."""

    @property
    def services(self) -> Mapping[str, Any]:
        """The services by name, from ``on_startup`` on: the plugin's own, then those of the scopes around it.

        The error for a missing name says which plugin has a service of that name, in which scope, and how to share it.
        """

    def use(self, protocol: ProtocolClass[T]) -> T:
        """Return the implementation of a contract that the plugin :class:`hookspecs.Uses`: the object itself, not a proxy.

        Args:
            protocol: The protocol of the contract.

        Returns:
            The implementation; ``None`` for an optional contract without a provider.

        Raises:
            host.ContractError: Neither the plugin nor one that contains it declares the contract with ``Uses``.
            host.TooEarlyError: Called before ``generate_frontend``.

        Example:
            ``clock = scope.use(Clock)``
        """

    def extensions(self, protocol: ProtocolClass[T]) -> Extensions[T]:
        """Return what plugins added to an extension point of this plugin, or of one that contains it.

        The plugins that add something start after this one, so call the additions from ``on_ready`` on. The additions of a plugin
        that fails are no longer part of the result: call this method each time, or keep the result from ``on_ready`` on.

        Args:
            protocol: The protocol of the extension point.

        Returns:
            The additions in load order.

        Raises:
            host.ContractError: Neither the plugin nor one that contains it declares the :class:`hookspecs.ExtensionPoint`.
            host.TooEarlyError: Called before ``generate_frontend``.

        Example:
            ``for importer in scope.extensions(Importer): …``
        """

    def rules(self, model: type[Any]) -> Rules | None:
        """Return the rules for the documents of a class, ``None`` without rules.

        Args:
            model: The document class.
        """

    async def broadcast(self, channel_key: str, message: Any) -> None:
        """Send a message to all subscribers of one of the plugin's channels, in all processes.

        Returns when the message is on its way and does not wait for any subscriber. Within a transaction the message is sent
        after the commit. A payload reaches only the users who may read it by the :class:`hookspecs.Rules` of its documents. Call
        it in the event loop of the host.

        Args:
            channel_key: The key of the channel as declared, e.g. ``taskCreated``.
            message: A value of the channel's type, e.g. the payload that a route returns.

        Raises:
            host.ChannelError: The plugin declares no such channel; the message has another type or cannot be serialized; rules
                apply and the message does not say who may read it; or the call comes from a thread with its own event loop.
            host.TooEarlyError: The channels are not registered yet.

        Example:
            ``await scope.broadcast("taskCreated", await scope.payload([task], action="dataCreate"))``
        """

    async def transaction(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a MongoDB transaction: all of its writes are committed, or none.

        Everything that the function calls takes part, other plugins' code included. A task that is started within must not use
        the database before the end. If another transaction wrote the same document first, everything is rolled back and the
        function is called again, so it should have no effects outside the database. A nested call joins the outer transaction.

        Args:
            function: An ``async def``.
            args: Its positional arguments.
            kwargs: Its keyword arguments.

        Returns:
            What the function returns.

        Raises:
            host.StateError: The database is not open; a task that was started within used it; or an error of the database was
                caught within.
            host.DatabaseError: The server does not support transactions, or other transactions always came first.

        Example:
            ``task = await scope.transaction(create_task, title="Buy milk")``
        """

    async def payload(
        self,
        documents: Iterable[T],
        *,
        action: StoreAction | str | None = None,
        model: type[T] | None = None,
        request: Any = None,
        page: Page | None = None,
        prev_version: T | None = None,
        deleted: Iterable[str | T] | None = None,
    ) -> Payload[T]:
        """Wrap documents in a payload, using the payload handler of their class.

        Args:
            documents: Documents of one class.
            action: What a store in the frontend does with the payload. Defaults to what the route of the request declares with
                :func:`hookspecs.operation`, else to ``dataRead``.
            model: The class of the documents; needed only if there are none.
            request: The request, or the :class:`hookspecs.RequestData`, of the route; passed on to ``fields`` of the handler.
            page: For lists: the position in all results.
            prev_version: For updates: the document before. Omitted if rules let its owner read it and it had another owner.
            deleted: For deletions: the ids, or the documents, whose owners then count for who may read the payload.

        Raises:
            host.PayloadError: No handler is registered for the class, or the handler raised.

        Example:
            ``return await plugin_scope.payload([task], action=StoreAction.CREATE)``
        """

"""The scope: all that one plugin sees of the host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from logging import Logger
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from hookspecs.access import Rules
    from hookspecs.contracts import Extensions
    from hookspecs.payload import Page, Payload
    from hookspecs.values import StoreAction

P = ParamSpec("P")
T = TypeVar("T")

Role = Literal["web", "build"]


class Scope(Protocol):
    """One plugin's view. The same object in every hook and, as ``plugin_scope``, in every handler (row E5)."""

    @property
    def key(self) -> str:
        """The plugin key, ``author__name``; of a plugin inside another, that one's key, a dot and its name (row K3)."""

    @property
    def name(self) -> str:
        """The second half of the key; of a plugin inside another, its own name."""

    @property
    def parent(self) -> Scope | None:
        """The scope that this one lies in, ``None`` for an installed plugin's."""

    @property
    def author(self) -> str:
        """The first half of the key."""

    @property
    def version(self) -> str:
        """The version of the distribution."""

    @property
    def distribution(self) -> str:
        """The name by which pip knows the plugin."""

    @property
    def prefix(self) -> str:
        """The path under which all its routes are, with those of the scopes around it (rows R8, F8)."""

    @property
    def role(self) -> Role:
        """What this process does: ``web`` serves, ``build`` only looks at what is registered."""

    @property
    def environment(self) -> str:
        """The setting ``environment``."""

    @property
    def options(self) -> Any:
        """The options: an instance of the class from ``plugin_options``, ``None`` where there is none."""

    @property
    def log(self) -> Logger:
        """A logger named ``host.plugin.<key>``."""

    @property
    def services(self) -> Mapping[str, Any]:
        """The services by name, from ``on_startup`` on: the scope's own, then those of the scopes around it (rows F2, F18).

        A missing name says which plugin has it, in which scope, and how to share it.
        """

    def use(self, protocol: type[T]) -> T:
        """The implementation of a contract that the plugin :class:`hookspecs.Uses`, typed, not a proxy.

        Raises:
            host.ContractError: not declared with ``Uses``, or nobody provides it.
            host.TooEarlyError: asked before all contracts are registered.
        """

    def extensions(self, protocol: type[T]) -> Extensions[T]:
        """What was added to an extension point of the plugin, or of one that it lies in (row R24).

        It is there from ``generate_frontend`` on. Who adds starts after this plugin, so call what was added from ``on_ready``
        on. What a plugin added that fails, also one that fails at its start, is not in the next answer; so ask each time, or
        keep the answer from ``on_ready`` on.

        Raises:
            host.ContractError: no such :class:`hookspecs.ExtensionPoint` is declared here.
            host.TooEarlyError: asked before all contracts are registered.
        """

    def rules(self, model: type[Any]) -> Rules | None:
        """The rules for the documents of a class, ``None`` where nobody registered any (row E17)."""

    async def broadcast(self, channel_key: str, message: Any) -> None:
        """Send a message to who listens to a channel of the plugin, in all processes (row R28).

        Comes back when the message is on its way, and waits for no listener. In a transaction it is sent once that is
        committed. A payload reaches only those who may see it, by the :class:`hookspecs.Rules` of its documents. To be called
        in the event loop of the plugin.

        Args:
            channel_key: as declared, e.g. ``taskCreated``.
            message: of the channel's type, e.g. the payload that a route answers.

        Raises:
            host.ChannelError: the plugin declares no such channel; or the message is of another type, is no JSON, or does
                not say who may see it where rules ask for that; or it comes from a thread with an event loop of its own.
            host.TooEarlyError: the channels are not known yet.
        """

    async def transaction(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a MongoDB transaction: all that it writes stands, or nothing of it.

        Whatever is called within takes part, also of other plugins; a task that is started within may not use the database
        before the end. Where another transaction wrote the same document first, everything is undone and the function is
        called again; so beside the database it should do nothing. Within a transaction the function takes part in that.

        Args:
            function: an ``async def``.
            args: its arguments.
            kwargs: its arguments by name.

        Returns:
            what the function returns.

        Raises:
            host.StateError: the database is not open; a task that was started within has used it; or an error of the
                database was caught within.
            host.DatabaseError: the server knows no transactions, or others were always faster.
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
        """Wrap documents for the wire, by the plugin's payload handler of their class (row R13).

        Args:
            documents: documents of one class.
            action: how a store in the frontend treats the answer; unless given, what the route of the request says with
                :func:`hookspecs.operation`, else ``dataRead``.
            model: their class; needed only where there are no documents.
            request: of the route; also handed on to the handler's ``fields``.
            page: for lists.
            prev_version: for updates: the document before; left out where rules let its owner see it, and it was another.
            deleted: for deletes: the ids, or the documents, whose owners then count for who may see the payload.

        Raises:
            host.PayloadError: no handler is registered for the class, or it raised.
        """

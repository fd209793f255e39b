"""The scope: all that one plugin sees of the host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from logging import Logger
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from hookspecs.payload import Page, Payload
    from hookspecs.values import StoreAction

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
            host.errors.ContractError: not declared with ``Uses``, or nobody provides it.
            host.errors.TooEarlyError: asked before all contracts are registered.
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
        deleted: Iterable[str] | None = None,
    ) -> Payload[T]:
        """Wrap documents for the wire, by the plugin's payload handler of their class (row R13).

        Args:
            documents: documents of one class.
            action: how a store in the frontend treats the answer; unless given, what the route of the request says with
                :func:`hookspecs.operation`, else ``dataRead``.
            model: their class; needed only where there are no documents.
            request: of the route; also handed on to the handler's ``fields``.
            page: for lists.
            prev_version: for updates: the document before.
            deleted: for deletes: the ids.

        Raises:
            host.errors.PayloadError: no handler is registered for the class, or it raised.
        """

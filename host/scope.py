"""What one plugin sees of the host, made once and kept for the whole life of the process (row E5)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from hookspecs import Scope
from host.errors import ContractError, PluginError, TooEarlyError
from host.naming import join_paths
from host.services import Services

if TYPE_CHECKING:
    from hookspecs import Page, Payload, StoreAction
    from hookspecs.scope import Role
    from host.plugin import LoadedPlugin

T = TypeVar("T")

#: Wraps documents for the wire: scope, documents, and the keyword arguments of :meth:`hookspecs.Scope.payload`.
Wrapper = Callable[..., "Payload[Any]"]


class PluginScope(Scope):
    """The host's implementation of :class:`hookspecs.Scope`.

    Args:
        plugin: whose scope it is.
        parent: the scope that it lies in, ``None`` for an installed plugin's.
        role: what this process does.
        environment: the setting of that name.
        wrapper: makes payloads.
    """

    def __init__(
        self, plugin: LoadedPlugin, parent: PluginScope | None = None, *, role: Role, environment: str, wrapper: Wrapper
    ) -> None:
        self._plugin = plugin
        self._parent = parent
        self._role: Role = role
        self._environment = environment
        self._wrapper = wrapper
        self._prefix = plugin.prefix if parent is None else join_paths(parent.prefix, plugin.prefix)
        self._log = logging.getLogger(f"host.plugin.{plugin.key}")
        self._services = Services(self, parent.services if parent is not None else None, shared=plugin.shared)
        self._contracts: Mapping[type[Any], Any] | None = None

    @property
    def key(self) -> str:
        """The plugin key."""
        return self._plugin.key

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self._plugin.name

    @property
    def parent(self) -> PluginScope | None:
        """The scope that this one lies in."""
        return self._parent

    @property
    def author(self) -> str:
        """The first half of the key."""
        return self._plugin.installed.author

    @property
    def version(self) -> str:
        """The version of the distribution."""
        return self._plugin.installed.version

    @property
    def distribution(self) -> str:
        """The name by which pip knows the plugin."""
        return self._plugin.installed.distribution

    @property
    def prefix(self) -> str:
        """The path of all its routes."""
        return self._prefix

    @property
    def role(self) -> Role:
        """What this process does."""
        return self._role

    @property
    def environment(self) -> str:
        """The setting ``environment``."""
        return self._environment

    @property
    def options(self) -> Any:
        """The validated options."""
        return self._plugin.options

    @property
    def log(self) -> logging.Logger:
        """The plugin's logger."""
        return self._log

    @property
    def services(self) -> Services:
        """The plugin's services."""
        return self._services

    def bind(self, contracts: Mapping[type[Any], Any]) -> None:
        """Give the scope the implementations of the contracts that it uses, ``None`` for an absent optional one."""
        self._contracts = contracts

    def use(self, protocol: type[T]) -> T:
        """The implementation of a contract."""
        if self._contracts is None:
            message = (
                f"the contract {protocol.__name__} is there from generate_frontend on, when all plugins have registered theirs"
            )
            raise self.blame(TooEarlyError, message)
        around: PluginScope | None = self
        while around is not None:
            if around._contracts is not None and protocol in around._contracts:  # noqa: SLF001 - its own class
                implementation: T = around._contracts[protocol]  # noqa: SLF001 - its own class
                return implementation
            around = around.parent
        declared = ", ".join(sorted(known.__name__ for known in self._contracts)) or "none"
        message = f"{self.key} does not declare that it uses {protocol.__name__}; declared: {declared}"
        fix = f"return Uses({protocol.__name__}, …) from register_contract"
        raise self.blame(ContractError, message, fix=fix)

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
        """Wrap documents for the wire."""
        return self._wrapper(
            self,
            documents,
            action=action,
            model=model,
            request=request,
            page=page,
            prev_version=prev_version,
            deleted=deleted,
        )

    def blame(self, kind: type[PluginError], message: str, **more: Any) -> PluginError:
        """An error with this plugin's name on it."""
        return self._plugin.blame(kind, message, **more)

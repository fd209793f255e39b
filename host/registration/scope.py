"""The scope: what one plugin sees of the host. It is created once, and stays the same for the plugin's whole life."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from hookspecs import Extensions, Scope
from host.common.errors import ContractError, PluginError, TooEarlyError
from host.common.naming import join_paths
from host.registration.services import Services

if TYPE_CHECKING:
    from hookspecs import Page, Payload, Rules, StoreAction
    from hookspecs.scope import Role
    from host.loading.plugin import LoadedPlugin

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ScopeServices:
    """The parts of the host that all scopes share.

    Args:
        payload: wraps documents; takes the scope, the documents and the keyword arguments of :meth:`hookspecs.Scope.payload`.
        broadcast: sends a message; takes the scope, the key of a channel and the message.
        transaction: calls a function in a transaction; takes the function and its arguments.
        rules: returns the rules of a document class.
    """

    payload: Callable[..., Payload[Any]]
    broadcast: Callable[[PluginScope, str, Any], Awaitable[None]]
    transaction: Callable[..., Awaitable[Any]]
    rules: Callable[[type[Any]], Rules | None]


class PluginScope(Scope):
    """The host's implementation of :class:`hookspecs.Scope`.

    Args:
        plugin: the plugin.
        parent: the scope that contains it, ``None`` for an installed plugin's.
        role: the role of this process.
        environment: the setting of that name.
        services: the parts of the host that it calls.
    """

    def __init__(
        self,
        plugin: LoadedPlugin,
        parent: PluginScope | None = None,
        *,
        role: Role,
        environment: str,
        services: ScopeServices,
    ) -> None:
        self._plugin = plugin
        self._parent = parent
        self._role: Role = role
        self._environment = environment
        self._shared = services
        self._prefix = plugin.prefix if parent is None else join_paths(parent.prefix, plugin.prefix)
        self._log = logging.getLogger(f"host.plugin.{plugin.key}")
        around = parent.services if parent is not None else None
        self._services = Services(plugin.key, plugin.make_error, around, shared=plugin.shared)
        self._contracts: Mapping[type[Any], Any] | None = None
        self._extensions: Mapping[type[Any], Extensions[Any]] = {}

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
        """The scope that contains this one."""
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
        """The name of the distribution."""
        return self._plugin.installed.distribution

    @property
    def prefix(self) -> str:
        """The path prefix of all its routes."""
        return self._prefix

    @property
    def role(self) -> Role:
        """The role of this process."""
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

    def bind(self, contracts: Mapping[type[Any], Any], extensions: Mapping[type[Any], Extensions[Any]]) -> None:
        """Connect the scope with other plugins.

        Args:
            contracts: the implementations of the contracts that it uses, ``None`` for an absent optional one.
            extensions: the extensions of its extension points.
        """
        self._contracts = contracts
        self._extensions = extensions

    def use(self, protocol: Any) -> Any:
        """Return the implementation of a contract."""
        if self._contracts is None:
            message = (
                f"the contract {protocol.__name__} is available from generate_frontend on, when all plugins have registered theirs"
            )
            raise self.make_error(TooEarlyError, message)
        around: PluginScope | None = self
        while around is not None:
            if around._contracts is not None and protocol in around._contracts:  # noqa: SLF001 - its own class
                return around._contracts[protocol]  # noqa: SLF001 - its own class
            around = around.parent
        declared = ", ".join(sorted(contract.__name__ for contract in self._contracts)) or "none"
        message = f"{self.key} does not declare that it uses {protocol.__name__}; declared: {declared}"
        fix = f"return Uses({protocol.__name__}, …) from register_contract"
        raise self.make_error(ContractError, message, fix=fix)

    def extensions(self, protocol: Any) -> Extensions[Any]:
        """Return the extensions of an extension point."""
        if self._contracts is None:
            message = f"the extensions of {protocol.__name__} are available from generate_frontend on, when all have registered"
            raise self.make_error(TooEarlyError, message)
        around: PluginScope | None = self
        while around is not None:
            if protocol in around._extensions:  # noqa: SLF001 - its own class
                return around._extensions[protocol]  # noqa: SLF001 - its own class
            around = around.parent
        declared = ", ".join(sorted(point.__name__ for point in self._extensions)) or "none"
        message = f"{self.key} does not declare the extension point {protocol.__name__}; declared: {declared}"
        fix = f"return ExtensionPoint({protocol.__name__}) from register_contract"
        raise self.make_error(ContractError, message, fix=fix)

    def rules(self, model: type[Any]) -> Rules | None:
        """Return the rules for the documents of a class."""
        return self._shared.rules(model)

    async def broadcast(self, channel_key: str, message: Any) -> None:
        """Send a message to the subscribers of a channel."""
        await self._shared.broadcast(self, channel_key, message)

    async def transaction(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a transaction."""
        result: T = await self._shared.transaction(function, *args, **kwargs)
        return result

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
        """Wrap documents for the wire."""
        return self._shared.payload(
            self,
            documents,
            action=action,
            model=model,
            request=request,
            page=page,
            prev_version=prev_version,
            deleted=deleted,
        )

    def make_error(self, kind: type[PluginError], message: str, **more: Any) -> PluginError:
        """Return an error that names this plugin."""
        return self._plugin.make_error(kind, message, **more)

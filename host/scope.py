"""What one plugin sees of the host, made once and kept for the whole life of the process (row E5)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from hookspecs import Scope
from host.errors import ContractError, PluginError, ServiceError, TooEarlyError
from host.naming import did_you_mean, join_paths

if TYPE_CHECKING:
    from hookspecs import Page, Payload, StoreAction
    from hookspecs.scope import Role
    from host.loading import LoadedPlugin

T = TypeVar("T")

#: Wraps documents for the wire: scope, documents, and the keyword arguments of :meth:`hookspecs.Scope.payload`.
Wrapper = Callable[..., "Payload[Any]"]


class Services(Mapping[str, Any]):
    """The services of one scope; a missing name says who has it.

    Args:
        scope: whose they are.
    """

    def __init__(self, scope: PluginScope) -> None:
        self._scope = scope
        self._declared: tuple[str, ...] = ()
        self._made: dict[str, Any] = {}
        self._elsewhere: Callable[[str], list[str]] = lambda _name: []

    def declare(self, names: Iterable[str], elsewhere: Callable[[str], list[str]]) -> None:
        """Say which names there will be.

        Args:
            names: of this scope's services.
            elsewhere: gives the keys of the plugins that have a service of some name.
        """
        self._declared, self._elsewhere = tuple(names), elsewhere

    def put(self, name: str, value: Any) -> None:
        """Give a declared service its value."""
        self._made[name] = value

    def drop(self, name: str) -> None:
        """Forget a service that was closed."""
        self._made.pop(name, None)

    def __getitem__(self, name: str) -> Any:
        try:
            return self._made[name]
        except KeyError:
            raise self._missing(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        """The service, or the default where there is none (yet)."""
        return self._made.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def _missing(self, name: str) -> PluginError:
        if name in self._declared:
            return self._scope.blame(TooEarlyError, f"the service {name!r} is there from on_startup on")
        if owners := self._elsewhere(name):
            message = f"{self._scope.key} has no service {name!r}; {' and '.join(owners)} has one, in a scope of its own"
            return self._scope.blame(ServiceError, message, fix="share it through a contract: register_contract")
        return self._scope.blame(ServiceError, f"{self._scope.key} has no service {name!r}", fix=did_you_mean(name, self._declared))


class PluginScope(Scope):
    """The host's implementation of :class:`hookspecs.Scope`.

    Args:
        plugin: whose scope it is.
        role: what this process does.
        environment: the setting of that name.
        wrapper: makes payloads.
    """

    def __init__(self, plugin: LoadedPlugin, *, role: Role, environment: str, wrapper: Wrapper) -> None:
        self._plugin = plugin
        self._role: Role = role
        self._environment = environment
        self._wrapper = wrapper
        self._prefix = plugin.settings.prefix or join_paths(plugin.key)
        self._log = logging.getLogger(f"host.plugin.{plugin.key}")
        self._services = Services(self)
        self._contracts: Mapping[type[Any], Any] | None = None

    @property
    def key(self) -> str:
        """The plugin key."""
        return self._plugin.key

    @property
    def name(self) -> str:
        """The second half of the key."""
        return self._plugin.installed.name

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
        try:
            implementation: T = self._contracts[protocol]
        except KeyError:
            declared = ", ".join(sorted(known.__name__ for known in self._contracts)) or "none"
            message = f"{self.key} does not declare that it uses {protocol.__name__}; declared: {declared}"
            fix = f"return Uses({protocol.__name__}, …) from register_contract"
            raise self.blame(ContractError, message, fix=fix) from None
        return implementation

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

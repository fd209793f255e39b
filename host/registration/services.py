"""The services of a scope: its own, then those of the scopes around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hookspecs import RequestService
from host.common.errors import FrozenError, PluginError, ServiceError, TooEarlyError
from host.common.naming import did_you_mean


@dataclass(eq=False)
class _ServiceMap:
    """The services of one scope: those that are declared, and those of them that exist by now."""

    declared: dict[str, Any] = field(default_factory=dict)
    created: dict[str, Any] = field(default_factory=dict)


class Services(Mapping[str, Any]):
    """The services that one plugin sees, by name. The error for a missing name says which plugin has it, and how to share it.

    A name in an inner scope hides the same name further out.

    Args:
        key: of the plugin.
        make_error: returns an error that names the plugin; takes the class, the message and ``fix``.
        around: the services of the scope around it.
        shared: whether the plugin's own services belong to the scope around it.
    """

    def __init__(self, key: str, make_error: Callable[..., PluginError], around: Services | None, *, shared: bool) -> None:
        self._key = key
        self._make_error = make_error
        outer = around.maps if around is not None else []
        #: The services of this scope and of those around it, outwards.
        self.maps: list[_ServiceMap] = [_ServiceMap(), *outer]
        # The services of its own shared children stay in this scope: a service is shared one level up, and no further.
        self._home = outer[0] if shared else self.maps[0]
        #: ``None`` until all plugins have registered theirs.
        self._elsewhere: Callable[[str], Mapping[str, str]] | None = None

    def declare(self, services: Mapping[str, Any], elsewhere: Callable[[str], Mapping[str, str]]) -> None:
        """Declare the services that will exist.

        Args:
            services: what the plugin registered, by name.
            elsewhere: returns for a name the keys of the plugins that registered it, each with the key of the scope it is in.
        """
        self._home.declared.update(services)
        self._elsewhere = elsewhere

    def __setitem__(self, name: str, value: Any) -> None:
        fix = "return it from register_services, which runs before anything is started"
        raise FrozenError(f"the services of {self._key}, such as {name!r}, cannot be changed", fix=fix)

    def put(self, name: str, value: Any) -> None:
        """Set the value of a declared service."""
        self._home.created[name] = value

    def drop(self, name: str) -> None:
        """Remove a service that was closed."""
        self._home.created.pop(name, None)

    def created(self, name: str) -> bool:
        """Whether the plugin's own service of that name exists: it was created, and not closed."""
        return name in self._home.created

    def __getitem__(self, name: str) -> Any:
        services = self._map_of(name)
        if services is None:
            raise self._missing(name)
        if name not in services.created:
            raise self._not_yet(name, services.declared[name])
        return services.created[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a service, or the default if it does not exist (yet)."""
        services = self._map_of(name)
        return default if services is None else services.created.get(name, default)

    def __contains__(self, name: object) -> bool:
        services = self._map_of(name)
        return services is not None and name in services.created

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.names() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def names(self) -> Iterable[str]:
        """Return all names that this scope sees, also those of services that do not exist yet."""
        return dict.fromkeys(name for services in self.maps for name in services.declared)

    def _map_of(self, name: object) -> _ServiceMap | None:
        """Return the services of the innermost scope that has the name."""
        return next((services for services in self.maps if name in services.declared), None)

    def _not_yet(self, name: str, service: Any) -> PluginError:
        if isinstance(service, RequestService):
            message = f"the service {name!r} is created for each request, so the scope has none"
            return self._make_error(ServiceError, message, fix=f"take {name} as an argument of the route handler")
        return self._make_error(TooEarlyError, f"the service {name!r} is available from on_startup on")

    def _missing(self, name: str) -> PluginError:
        if self._elsewhere is None:
            message = f"{self._key} asks for the service {name!r} too early; services are available from on_startup on"
            return self._make_error(TooEarlyError, message)
        if owners := self._elsewhere(name):
            message, fix = describe_owners(self._key, name, owners)
            return self._make_error(ServiceError, message, fix=fix)
        message = f"{self._key} has no service {name!r}"
        return self._make_error(ServiceError, message, fix=did_you_mean(name, self.names()))


def describe_owners(user: str, name: str, owners: Mapping[str, str]) -> tuple[str, str]:
    """Describe which plugins have a service that another plugin does not see, and how to share it.

    Args:
        user: the key of the plugin that asks.
        name: of the service.
        owners: the keys of the plugins that registered it, each with the key of the scope that it is in.

    Returns:
        the message and the fix of an error.
    """
    has = " and ".join(f"{owner} has one, in the scope of {where}" for owner, where in owners.items())
    message = f"{user} has no service {name!r}; {has}"
    owner = next(iter(owners))
    common = _common(user, owner)
    if not common:
        return message, "share it through a contract: register_contract"
    fix = f"register it in {common}, whose children see it, or share it through a contract"
    if owner.rpartition(".")[0] == common and owners[owner] == owner:
        return message, f"register it in {common}, whose children see it, or make {owner} a child with shared=True"
    return message, fix


def _common(key: str, other: str) -> str:
    """Return the innermost plugin that contains both, or is one of them; "" for none."""
    common = []
    for first, second in zip(key.split("."), other.split("."), strict=False):
        if first != second:
            break
        common.append(first)
    return ".".join(common)

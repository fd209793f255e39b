"""The services of a scope: its own, then those of the scopes around it (rows R6, F2, F18)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hookspecs import RequestService
from host.common.errors import FrozenError, PluginError, ServiceError, TooEarlyError
from host.common.naming import did_you_mean


@dataclass(eq=False)
class _Shelf:
    """The services in one scope: what was declared, and what of that is made."""

    declared: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)


class Services(Mapping[str, Any]):
    """The services that one plugin sees by name; a missing name says who has it, and how to share it.

    A name in an inner scope hides the same name further out.

    Args:
        key: of the plugin.
        make_error: makes an error that names the plugin: the class, the message, ``fix``.
        around: those of the scope around it.
        shared: whether the plugin's own are put beside those of the scope around it.
    """

    def __init__(self, key: str, make_error: Callable[..., PluginError], around: Services | None, *, shared: bool) -> None:
        self._key = key
        self._make_error = make_error
        outer = around.shelves if around is not None else []
        #: Of this scope and of those around it, outwards.
        self.shelves: list[_Shelf] = [_Shelf(), *outer]
        # What its own shared children share is in this scope all the same: one level up, and no further.
        self._home = outer[0] if shared else self.shelves[0]
        #: Unknown until all plugins have registered theirs.
        self._elsewhere: Callable[[str], Mapping[str, str]] | None = None

    def declare(self, services: Mapping[str, Any], elsewhere: Callable[[str], Mapping[str, str]]) -> None:
        """Say which services there will be.

        Args:
            services: what the plugin registered, by name.
            elsewhere: gives for a name the keys of the plugins that registered it, each with the key of the scope it is in.
        """
        self._home.declared.update(services)
        self._elsewhere = elsewhere

    def __setitem__(self, name: str, value: Any) -> None:
        fix = "return it from register_services, which runs before anything is started"
        raise FrozenError(f"the services of {self._key} cannot be changed, {name!r} neither", fix=fix)

    def put(self, name: str, value: Any) -> None:
        """Give a declared service its value."""
        self._home.made[name] = value

    def drop(self, name: str) -> None:
        """Forget a service that was closed."""
        self._home.made.pop(name, None)

    def made(self, name: str) -> bool:
        """Whether the plugin's own service of that name was made, and not closed."""
        return name in self._home.made

    def __getitem__(self, name: str) -> Any:
        shelf = self._shelf(name)
        if shelf is None:
            raise self._missing(name)
        if name not in shelf.made:
            raise self._not_yet(name, shelf.declared[name])
        return shelf.made[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The service, or the default where there is none (yet)."""
        shelf = self._shelf(name)
        return default if shelf is None else shelf.made.get(name, default)

    def __contains__(self, name: object) -> bool:
        shelf = self._shelf(name)
        return shelf is not None and name in shelf.made

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.names() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def names(self) -> Iterable[str]:
        """All names that are seen from here, also of what is not made yet."""
        return dict.fromkeys(name for shelf in self.shelves for name in shelf.declared)

    def _shelf(self, name: object) -> _Shelf | None:
        """The innermost one that has the name."""
        return next((shelf for shelf in self.shelves if name in shelf.declared), None)

    def _not_yet(self, name: str, service: Any) -> PluginError:
        if isinstance(service, RequestService):
            message = f"the service {name!r} is made for each request, so the scope has none"
            return self._make_error(ServiceError, message, fix=f"take {name} as an argument of the route handler")
        return self._make_error(TooEarlyError, f"the service {name!r} is there from on_startup on")

    def _missing(self, name: str) -> PluginError:
        if self._elsewhere is None:
            message = f"{self._key} asks for the service {name!r} too early; services are there from on_startup on"
            return self._make_error(TooEarlyError, message)
        if owners := self._elsewhere(name):
            message, fix = describe_owners(self._key, name, owners)
            return self._make_error(ServiceError, message, fix=fix)
        message = f"{self._key} has no service {name!r}"
        return self._make_error(ServiceError, message, fix=did_you_mean(name, self.names()))


def describe_owners(user: str, name: str, owners: Mapping[str, str]) -> tuple[str, str]:
    """Who has a service that a plugin does not see, and how it could be shared.

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


def _common(one: str, other: str) -> str:
    """The innermost plugin in which both lie, or which is one of them; "" for none."""
    found = []
    for first, second in zip(one.split("."), other.split("."), strict=False):
        if first != second:
            break
        found.append(first)
    return ".".join(found)

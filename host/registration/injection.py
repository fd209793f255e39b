"""Handlers that ask for what their scope has not: found before a request is, with the plugin that has the service."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, get_origin, get_type_hints

from litestar.di import Dependency
from litestar.params import DependencyKwarg

from hookspecs import RequestService, Service
from host.common.errors import ContractError, PluginError, ServiceError
from host.registration.contributions import Contributions, shared_children
from host.registration.routes import DeclaredRoute, flatten
from host.registration.services import describe_owners

#: Modules whose classes come from the wire, so an argument of such a class is a parameter of the request.
_FROM_THE_WIRE: Final = frozenset({"builtins", "datetime", "decimal", "uuid", "pathlib", "typing", "types", "collections"})


Found = tuple[Contributions, PluginError]


def missing_names(
    contributions: Sequence[Contributions], owners: Mapping[str, Mapping[str, str]], contracts: Iterable[type[Any]]
) -> Iterator[Found]:
    """What handlers ask for that their scope has not.

    Litestar would take such an argument for a parameter of the query, and answer 400 to each request.

    Args:
        contributions: of the plugins.
        owners: name of a service → the keys of the plugins that registered it, each with the key of the scope that it is in.
        contracts: the protocols that plugins provide.
    """
    services = {one.key: one.services for one in contributions}
    protocols = {protocol.__name__: protocol for protocol in contracts}
    shared = shared_children(contributions)
    for one in contributions if owners or protocols else ():
        for route in flatten(one.handlers):
            asked = {name for name in _arguments(route.function) if name in owners or _names(route, name) in protocols}
            for name in sorted(asked - route.dependencies - _visible(one, shared)) if asked else ():
                where = owners.get(name, {})
                if (protocol := protocols.get(_names(route, name))) is not None and _hint(route, name) is protocol:
                    yield _undeclared(one, route, name, protocol)
                elif where and _is_asked_for(route, name, [services[owner][name] for owner in where]):
                    yield _elsewhere(one, route, name, where)


def _elsewhere(one: Contributions, route: DeclaredRoute, name: str, where: Mapping[str, str]) -> Found:
    message, fix = describe_owners(one.key, name, where)
    return one, one.plugin.make_error(ServiceError, f"{route.label} takes {name!r}: {message}", hook="register_routes", fix=fix)


def _undeclared(one: Contributions, route: DeclaredRoute, name: str, protocol: type[Any]) -> Found:
    message = f"{route.label} takes {name!r}, the contract {protocol.__name__}, and {one.key} does not declare that it uses it"
    fix = f'return Uses({protocol.__name__}, "{name}") from register_contract'
    return one, one.plugin.make_error(ContractError, message, hook="register_routes", fix=fix)


def _visible(one: Contributions, shared: Mapping[str, Iterable[Contributions]]) -> set[str]:
    """The names that a plugin's handlers get: of its own scope and of those around it, with what children share there."""
    names = set(one.scope.services.names())
    around: Contributions | None = one
    while around is not None:
        names |= {*around.layer.dependencies, *(uses.name for uses in around.uses)}
        names |= {name for child in shared.get(around.key, ()) for name in child.layer.dependencies}
        around = around.parent
    return names


def _arguments(function: Any) -> set[str]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return set() if code is None else set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _is_asked_for(route: DeclaredRoute, name: str, services: Iterable[Any]) -> bool:
    """Whether an argument means a service, and not a parameter of the request that is called so too."""
    if f"{{{name}:" in route.path:
        return False
    hint = _hint(route, name)
    if metadata := getattr(hint, "__metadata__", ()):
        return any(isinstance(one, Dependency | DependencyKwarg) for one in metadata)
    if not inspect.isclass(hint) or get_origin(hint) is not None or hint.__module__ in _FROM_THE_WIRE:
        return False
    return any(_may_be(service, hint) for service in services)


def _names(route: DeclaredRoute, argument: str) -> str:
    """The last word of an annotation as it is written, which costs nothing to look at."""
    hint = getattr(inspect.unwrap(route.function), "__annotations__", {}).get(argument, "")
    return hint.rpartition(".")[2] if isinstance(hint, str) else getattr(hint, "__name__", "")


def _hint(route: DeclaredRoute, argument: str) -> Any:
    try:
        return get_type_hints(route.function, include_extras=True).get(argument)
    except NameError:  # imported under TYPE_CHECKING alone; Litestar has its own ways to find it
        return None


def _may_be(service: Any, hint: type[Any]) -> bool:
    if getattr(hint, "_is_protocol", False):
        return True
    if isinstance(service, Service | RequestService):
        return service.factory is hint or inspect.signature(service.factory).return_annotation in (hint, hint.__name__)
    return isinstance(service, hint)

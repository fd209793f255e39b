"""Find route handlers that ask for services which their scope does not have, before the first request does."""

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

#: Modules whose classes are parsed from requests: an argument of such a class is a parameter of the request.
_FROM_THE_WIRE: Final = frozenset({"builtins", "datetime", "decimal", "uuid", "pathlib", "typing", "types", "collections"})


Found = tuple[Contributions, PluginError]


def missing_names(
    contributions: Sequence[Contributions], owners: Mapping[str, Mapping[str, str]], contracts: Iterable[type[Any]]
) -> Iterator[Found]:
    """Yield an error for each handler argument that names a service or contract which its scope does not have.

    Litestar would take such an argument for a query parameter, and respond 400 to every request.

    Args:
        contributions: of the plugins.
        owners: name of a service → the keys of the plugins that registered it, each with the key of the scope that it is in.
        contracts: the protocols that plugins provide.
    """
    services = {plugin.key: plugin.services for plugin in contributions}
    protocols = {protocol.__name__: protocol for protocol in contracts}
    shared = shared_children(contributions)
    for plugin in contributions if owners or protocols else ():
        for route in flatten(plugin.handlers):
            asked = {name for name in _arguments(route.function) if name in owners or _names(route, name) in protocols}
            for name in sorted(asked - route.dependencies - _visible(plugin, shared)) if asked else ():
                where = owners.get(name, {})
                if (protocol := protocols.get(_names(route, name))) is not None and _hint(route, name) is protocol:
                    yield _undeclared(plugin, route, name, protocol)
                elif where and _is_asked_for(route, name, [services[owner][name] for owner in where]):
                    yield _elsewhere(plugin, route, name, where)


def _elsewhere(plugin: Contributions, route: DeclaredRoute, name: str, where: Mapping[str, str]) -> Found:
    message, fix = describe_owners(plugin.key, name, where)
    return plugin, plugin.make_error(ServiceError, f"{route.label} takes {name!r}: {message}", hook="register_routes", fix=fix)


def _undeclared(plugin: Contributions, route: DeclaredRoute, name: str, protocol: type[Any]) -> Found:
    message = f"{route.label} takes {name!r}, the contract {protocol.__name__}, and {plugin.key} does not declare that it uses it"
    fix = f'return Uses({protocol.__name__}, "{name}") from register_contract'
    return plugin, plugin.make_error(ContractError, message, hook="register_routes", fix=fix)


def _visible(plugin: Contributions, shared: Mapping[str, Iterable[Contributions]]) -> set[str]:
    """Return the names that a plugin's handlers can ask for: those of its scope and the scopes around it, with shared children."""
    names = set(plugin.scope.services.names())
    around: Contributions | None = plugin
    while around is not None:
        names |= {*around.layer.dependencies, *(uses.name for uses in around.uses)}
        names |= {name for child in shared.get(around.key, ()) for name in child.layer.dependencies}
        around = around.parent
    return names


def _arguments(function: Any) -> set[str]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return set() if code is None else set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _is_asked_for(route: DeclaredRoute, name: str, services: Iterable[Any]) -> bool:
    """Whether an argument means a service, and not a request parameter of the same name."""
    if f"{{{name}:" in route.path:
        return False
    hint = _hint(route, name)
    if metadata := getattr(hint, "__metadata__", ()):
        return any(isinstance(item, Dependency | DependencyKwarg) for item in metadata)
    if not inspect.isclass(hint) or get_origin(hint) is not None or hint.__module__ in _FROM_THE_WIRE:
        return False
    return any(_may_be(service, hint) for service in services)


def _names(route: DeclaredRoute, argument: str) -> str:
    """Return the last word of an annotation as written, which is cheap: annotations are evaluated only for names that match."""
    hint = getattr(inspect.unwrap(route.function), "__annotations__", {}).get(argument, "")
    return hint.rpartition(".")[2] if isinstance(hint, str) else getattr(hint, "__name__", "")


def _hint(route: DeclaredRoute, argument: str) -> Any:
    try:
        return get_type_hints(route.function, include_extras=True).get(argument)
    except NameError:  # imported under TYPE_CHECKING only; Litestar has its own ways to resolve it
        return None


def _may_be(service: Any, hint: type[Any]) -> bool:
    if getattr(hint, "_is_protocol", False):
        return True
    if isinstance(service, Service | RequestService):
        return service.factory is hint or inspect.signature(service.factory).return_annotation in (hint, hint.__name__)
    return isinstance(service, hint)

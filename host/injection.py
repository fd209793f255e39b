"""Handlers that ask by name for a service that is not in their scope: found before a request is, and told who has it (F2, F18)."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, get_origin, get_type_hints

from litestar.di import Dependency
from litestar.params import DependencyKwarg

from hookspecs import RequestService, Service
from host.contributions import Contributions
from host.errors import PluginError, ServiceError
from host.routes import DeclaredRoute, flatten
from host.services import told

#: Modules whose classes come from the wire, so an argument of such a class is a parameter of the request.
_FROM_THE_WIRE: Final = frozenset({"builtins", "datetime", "decimal", "uuid", "pathlib", "typing", "types", "collections"})


def missing_services(
    contributions: Sequence[Contributions], owners: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[Contributions, PluginError]]:
    """What handlers ask for that only another scope has.

    Litestar would take such an argument for a parameter of the query, and answer 400 to each request.

    Args:
        contributions: of the plugins.
        owners: name of a service → the keys of the plugins that registered it, each with the key of the scope that it is in.
    """
    services = {one.key: one.services for one in contributions}
    shared: dict[str, list[Contributions]] = {}
    for one in contributions:
        if one.home != one.key:
            shared.setdefault(one.home, []).append(one)
    for one in contributions if owners else ():
        for route in flatten(one.handlers):
            known = {name for name in _arguments(route.function) if name in owners} - route.dependencies
            for name in sorted(known - _visible(one, shared)) if known else ():
                where = owners[name]
                if _is_asked_for(route, name, [services[owner][name] for owner in where]):
                    message, fix = told(one.key, name, where)
                    message = f"{route.label} takes {name!r}: {message}"
                    yield one, one.plugin.blame(ServiceError, message, hook="register_routes", fix=fix)


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
    try:
        hint = get_type_hints(route.function, include_extras=True).get(name)
    except NameError:  # imported under TYPE_CHECKING alone; Litestar has its own ways to find it
        return False
    if metadata := getattr(hint, "__metadata__", ()):
        return any(isinstance(one, Dependency | DependencyKwarg) for one in metadata)
    if not inspect.isclass(hint) or get_origin(hint) is not None or hint.__module__ in _FROM_THE_WIRE:
        return False
    return any(_may_be(service, hint) for service in services)


def _may_be(service: Any, hint: type[Any]) -> bool:
    if getattr(hint, "_is_protocol", False):
        return True
    if isinstance(service, Service | RequestService):
        return service.factory is hint or inspect.signature(service.factory).return_annotation in (hint, hint.__name__)
    return isinstance(service, hint)

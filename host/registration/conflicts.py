"""Two owners of one thing: found before Litestar or Beanie trip over it, both named (rows F30, R7-R9; probes P3, P13, P16)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from host.common.errors import ConflictError, PluginError
from host.common.naming import join_paths, without_names
from host.registration.contributions import Contributions
from host.registration.routes import flatten

#: What a claim is for, the thing itself, how it is shown.
Claim = tuple[object, str]


@dataclass(frozen=True)
class _Kind:
    """One sort of thing that may have one owner only.

    Args:
        hook: where it is registered.
        claims: the things of one plugin.
        message: takes the thing as shown.
        fix: what to do.
    """

    hook: str
    claims: Callable[[Contributions], Iterable[Claim]]
    message: str
    fix: str


def collection_name(key: str, model: type[Any]) -> str:
    """The collection of a plugin's model: ``acme__todo-task`` (row R9)."""
    return f"{key}-{model.__name__[:1].lower()}{model.__name__[1:]}"


def _routes(one: Contributions) -> Iterator[Claim]:
    for route in flatten(one.handlers):
        path = join_paths(one.scope.prefix, route.path)
        yield (route.method, without_names(path)), f"{route.method} {path} ({route.label})"


_KINDS = (
    _Kind(
        "register_routes",
        _routes,
        "two handlers answer {0}",
        "change the path or the method of one, or the prefix of one plugin in host.toml",
    ),
    _Kind(
        "register_models",
        lambda one: ((model, f"{model.__module__}.{model.__qualname__}") for model in one.models),
        "two registrations of the model {0}",
        "a model belongs to one plugin; others reach it through a contract",
    ),
    _Kind(
        "register_models",
        lambda one: ((collection_name(one.key, model), collection_name(one.key, model)) for model in one.models),
        "two models have the collection {0}",
        "rename one of the classes",
    ),
    _Kind(
        "register_channels",
        lambda one: (((one.key, channel.key), channel.key) for channel in one.channels),
        "two channels are called {0}",
        "rename one",
    ),
    _Kind(
        "register_contract",
        lambda one: ((contract.protocol, contract.protocol.__name__) for contract in one.contracts),
        "two providers of the contract {0}",
        "keep one of the providers",
    ),
    _Kind(
        "register_contract",
        lambda one: (((one.key, uses.protocol), uses.protocol.__name__) for uses in one.uses),
        "two uses of the contract {0}",
        "keep one; a child may have its own",
    ),
    _Kind(
        "register_contract",
        lambda one: ((point.protocol, point.protocol.__name__) for point in one.points),
        "two extension points {0}",
        "keep one; who only adds to it returns an Extension",
    ),
    _Kind(
        "register_rules",
        lambda one: ((rules.model, rules.model.__name__) for rules in one.rules),
        "two sets of rules for {0}",
        "keep one",
    ),
    _Kind(
        "register_payload",
        lambda one: ((handler.model, handler.model.__name__) for handler in one.payloads),
        "two payload handlers for {0}",
        "keep one",
    ),
    _Kind(
        "register_contract",
        lambda one: (((scope, name), name) for scope, name in _injected(one)),
        "two things would be injected into handlers as {0!r} in one scope",
        "rename the service, the dependency or the contract in Uses; a child that is not shared may have its own",
    ),
    _Kind(
        "register_layer",
        lambda one: (((one.home, thing), _shown(thing)) for thing in (*one.layer.exception_handlers, *one.layer.opt)),
        "two values for {0} in one layer",
        "keep one; a child that is not shared may have its own",
    ),
    _Kind(
        "register_static",
        lambda one: ((join_paths(one.scope.prefix, static.path),) * 2 for static in one.static),
        "two directories are served at {0}",
        "change the path of one",
    ),
)


def _injected(one: Contributions) -> list[tuple[str, str]]:
    """The scope and the name of what handlers get; what a shared child brings is in its parent's."""
    common = [*one.services, *one.layer.dependencies]
    return [*((one.home, name) for name in common), *((one.key, uses.name) for uses in one.uses)]


def _shown(thing: object) -> str:
    return thing.__name__ if isinstance(thing, type) else repr(thing)


class _Claims:
    """What the plugins that were accepted so far own."""

    def __init__(self) -> None:
        self._owners: dict[tuple[int, object], tuple[Contributions, str]] = {}
        self._prefixes: dict[str, Contributions] = {}
        self._above: dict[str, Contributions] = {}

    def take(self, one: Contributions) -> list[PluginError]:
        """Claim all that a plugin registers, or nothing: then the answer says what is in the way."""
        found: dict[tuple[int, object], tuple[Contributions, str]] = {}
        errors = [*self._prefix_conflict(one)]
        for number, kind in enumerate(_KINDS):
            for thing, shown in kind.claims(one):
                owner = self._owners.get((number, thing)) or found.get((number, thing))
                if owner is not None:
                    errors.append(_conflict(kind, *owner, one, shown))
                found.setdefault((number, thing), (one, shown))
        if not errors:
            self._owners |= found
        if not errors and one.parent is None:
            self._prefixes[one.scope.prefix] = one
            self._above |= dict.fromkeys(_ancestors(one.scope.prefix)[:-1], one)
        return errors

    def _prefix_conflict(self, one: Contributions) -> Iterator[PluginError]:
        """One plugin's prefix inside another's would let one hide the other's routes (row R8); children lie inside by intent."""
        if one.parent is not None:
            return
        above = (self._prefixes[prefix] for prefix in _ancestors(one.scope.prefix) if prefix in self._prefixes)
        if (first := next(above, None) or self._above.get(one.scope.prefix)) is not None:
            message = f"the prefixes {first.scope.prefix} of {_owner(first)} and {one.scope.prefix} of {_owner(one)} overlap"
            fix = f"give one of them another prefix in host.toml: [plugins.{one.key}] prefix = …"
            yield one.plugin.make_error(ConflictError, message, owners=(first.key, one.key), fix=fix)


def find_conflicts(contributions: Sequence[Contributions]) -> list[tuple[Contributions, PluginError]]:
    """All conflicts, each with the plugin that comes later and so is the one to go; one that goes is in nobody's way.

    Args:
        contributions: in load order.
    """
    claims = _Claims()
    return [(one, error) for one in contributions for error in claims.take(one)]


def foreign_rules(contributions: Sequence[Contributions]) -> Iterator[tuple[Contributions, PluginError]]:
    """Rules for another plugin's documents: they would be gone with the plugin that gives them, and the documents open.

    Args:
        contributions: in load order.
    """
    owners = {model: one for one in contributions for model in one.models}
    for one in contributions:
        for rules in one.rules:
            owner = owners.get(rules.model, one)
            if owner is not one:
                name = rules.model.__name__
                message = f"{_owner(one)} gives rules for {name}, which {_owner(owner)} registers"
                fix = f"leave the rules for {name} to {owner.key}"
                yield (
                    one,
                    one.plugin.make_error(ConflictError, message, owners=(owner.key, one.key), hook="register_rules", fix=fix),
                )


def _ancestors(prefix: str) -> list[str]:
    """``/a/b`` → ``/a``, ``/a/b``."""
    parts = prefix.split("/")
    return ["/".join(parts[:count]) for count in range(2, len(parts) + 1)]


def _conflict(kind: _Kind, first: Contributions, first_shown: str, second: Contributions, shown: str) -> PluginError:
    things = shown if shown == first_shown else f"{first_shown} and {shown}"
    message = f"{kind.message.format(things)}: {_owner(first)} and {_owner(second)}"
    if first is second:
        message = f"{kind.message.format(things)}, both in {_owner(first)}"
    return second.plugin.make_error(ConflictError, message, owners=(first.key, second.key), hook=kind.hook, fix=kind.fix)


def _owner(one: Contributions) -> str:
    return f"{one.key} ({one.plugin.installed.distribution} {one.plugin.installed.version})"

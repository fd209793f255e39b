"""Find things that two plugins own, before Litestar or Beanie fail on them; the errors name both owners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from host.common.errors import ConflictError, PluginError
from host.common.naming import join_paths, without_names
from host.registration.contributions import Contributions
from host.registration.routes import flatten

#: The thing that a plugin claims, and how an error shows it.
Claim = tuple[object, str]


@dataclass(frozen=True)
class _Kind:
    """A kind of thing that may have only one owner.

    Args:
        hook: the hook that registers it.
        claims: returns the things that a plugin claims.
        message: with a placeholder for the thing as shown.
        fix: what to do.
    """

    hook: str
    claims: Callable[[Contributions], Iterable[Claim]]
    message: str
    fix: str


def collection_name(key: str, model: type[Any]) -> str:
    """Return the collection of a plugin's model: ``acme__todo-task``."""
    return f"{key}-{model.__name__[:1].lower()}{model.__name__[1:]}"


def _routes(plugin: Contributions) -> Iterator[Claim]:
    for route in flatten(plugin.handlers):
        path = join_paths(plugin.scope.prefix, route.path)
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
        lambda plugin: ((model, f"{model.__module__}.{model.__qualname__}") for model in plugin.models),
        "two registrations of the model {0}",
        "a model belongs to one plugin; others reach it through a contract",
    ),
    _Kind(
        "register_models",
        lambda plugin: ((collection_name(plugin.key, model), collection_name(plugin.key, model)) for model in plugin.models),
        "two models have the collection {0}",
        "rename one of the classes",
    ),
    _Kind(
        "register_channels",
        lambda plugin: (((plugin.key, channel.key), channel.key) for channel in plugin.channels),
        "two channels are called {0}",
        "rename one",
    ),
    _Kind(
        "register_contract",
        lambda plugin: ((contract.protocol, contract.protocol.__name__) for contract in plugin.contracts),
        "two providers of the contract {0}",
        "keep one of the providers",
    ),
    _Kind(
        "register_contract",
        lambda plugin: (((plugin.key, uses.protocol), uses.protocol.__name__) for uses in plugin.uses),
        "two uses of the contract {0}",
        "keep one; a child may have its own",
    ),
    _Kind(
        "register_contract",
        lambda plugin: ((point.protocol, point.protocol.__name__) for point in plugin.points),
        "two extension points {0}",
        "keep one; a plugin that only adds to it returns an Extension",
    ),
    _Kind(
        "register_rules",
        lambda plugin: ((rules.model, rules.model.__name__) for rules in plugin.rules),
        "two sets of rules for {0}",
        "keep one",
    ),
    _Kind(
        "register_payload",
        lambda plugin: ((handler.model, handler.model.__name__) for handler in plugin.payloads),
        "two payload handlers for {0}",
        "keep one",
    ),
    _Kind(
        "register_contract",
        lambda plugin: (((scope, name), name) for scope, name in _injected(plugin)),
        "two things would be injected into handlers as {0!r} in one scope",
        "rename the service, the dependency or the contract in Uses; a child that is not shared may have its own",
    ),
    _Kind(
        "register_layer",
        lambda plugin: (((plugin.home, thing), _shown(thing)) for thing in (*plugin.layer.exception_handlers, *plugin.layer.opt)),
        "two values for {0} in one layer",
        "keep one; a child that is not shared may have its own",
    ),
    _Kind(
        "register_static",
        lambda plugin: ((join_paths(plugin.scope.prefix, static.path),) * 2 for static in plugin.static),
        "two directories are served at {0}",
        "change the path of one",
    ),
)


def _injected(plugin: Contributions) -> list[tuple[str, str]]:
    """Return scope and name of everything injected into handlers; what a shared child registers is in its parent's scope."""
    common = [*plugin.services, *plugin.layer.dependencies]
    return [*((plugin.home, name) for name in common), *((plugin.key, uses.name) for uses in plugin.uses)]


def _shown(thing: object) -> str:
    return thing.__name__ if isinstance(thing, type) else repr(thing)


class _Claims:
    """The things owned by the plugins that were accepted so far."""

    def __init__(self) -> None:
        self._owners: dict[tuple[int, object], tuple[Contributions, str]] = {}
        self._prefixes: dict[str, Contributions] = {}
        self._above: dict[str, Contributions] = {}

    def take(self, plugin: Contributions) -> list[PluginError]:
        """Claim everything that a plugin registers; on conflicts claim nothing and return the errors."""
        claimed: dict[tuple[int, object], tuple[Contributions, str]] = {}
        errors = [*self._prefix_conflict(plugin)]
        for number, kind in enumerate(_KINDS):
            for thing, shown in kind.claims(plugin):
                owner = self._owners.get((number, thing)) or claimed.get((number, thing))
                if owner is not None:
                    errors.append(_conflict(kind, *owner, plugin, shown))
                claimed.setdefault((number, thing), (plugin, shown))
        if not errors:
            self._owners |= claimed
        if not errors and plugin.parent is None:
            self._prefixes[plugin.scope.prefix] = plugin
            self._above |= dict.fromkeys(_ancestors(plugin.scope.prefix)[:-1], plugin)
        return errors

    def _prefix_conflict(self, plugin: Contributions) -> Iterator[PluginError]:
        """Find overlapping prefixes of two installed plugins, one of which would hide routes of the other; children may overlap."""
        if plugin.parent is not None:
            return
        above = (self._prefixes[prefix] for prefix in _ancestors(plugin.scope.prefix) if prefix in self._prefixes)
        if (first := next(above, None) or self._above.get(plugin.scope.prefix)) is not None:
            message = f"the prefixes {first.scope.prefix} of {_owner(first)} and {plugin.scope.prefix} of {_owner(plugin)} overlap"
            fix = f"give one of them another prefix in host.toml: [plugins.{plugin.key}] prefix = …"
            yield plugin.make_error(ConflictError, message, owners=(first.key, plugin.key), fix=fix)


def find_conflicts(contributions: Sequence[Contributions]) -> list[tuple[Contributions, PluginError]]:
    """Return all conflicts, each with the plugin that comes later in the load order, which loses; losers claim nothing.

    Args:
        contributions: in load order.
    """
    claims = _Claims()
    return [(plugin, error) for plugin in contributions for error in claims.take(plugin)]


def foreign_rules(contributions: Sequence[Contributions]) -> Iterator[tuple[Contributions, PluginError]]:
    """Find rules for documents of another plugin. If the plugin with the rules failed, the documents would be unprotected.

    Args:
        contributions: in load order.
    """
    owners = {model: plugin for plugin in contributions for model in plugin.models}
    for plugin in contributions:
        for rules in plugin.rules:
            owner = owners.get(rules.model, plugin)
            if owner is not plugin:
                name = rules.model.__name__
                message = f"{_owner(plugin)} returns rules for {name}, which {_owner(owner)} registers"
                fix = f"leave the rules for {name} to {owner.key}"
                yield (
                    plugin,
                    plugin.make_error(ConflictError, message, owners=(owner.key, plugin.key), hook="register_rules", fix=fix),
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


def _owner(plugin: Contributions) -> str:
    return f"{plugin.key} ({plugin.plugin.installed.distribution} {plugin.plugin.installed.version})"

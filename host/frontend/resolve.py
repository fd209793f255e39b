"""What each plugin emits, what it refers to in another plugin's namespace, and what everything is called.

A type belongs to the plugin whose package defines it. A plugin refers to another's type only where that plugin emits it for
reasons of its own; else it emits a copy. So nobody's part depends on who uses it, and installing a plugin changes no other's.
Nobody refers to a type of a child: its module can be imported without it, so adding a child would change the parts of those who do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from host.frontend.collect import Collector, module_of, name_of
from host.frontend.names import Allocator, namespace_of, pascal, type_name
from host.frontend.partition import leaders, rank
from host.frontend.wire import REFERENCE, references
from host.naming import root_key


class Owners:
    """Which plugins define a type.

    Args:
        packages: plugin key → its import package.
    """

    def __init__(self, packages: Mapping[str, str]) -> None:
        self._keys: dict[str, list[str]] = {}
        for key in sorted(packages):
            if key == root_key(key):
                self._keys.setdefault(packages[key], []).append(key)
        self._children = {key: package for key, package in packages.items() if key != root_key(key) and package not in self._keys}
        self._known: dict[str, Sequence[str]] = {}

    def owns(self, key: str, module: str) -> bool:
        """Whether a plugin defines the types of a module; a child those of its own module, unless a plugin is installed as that."""
        package = self._children.get(key)
        return key in self.of(module) or (package is not None and f"{module}.".startswith(f"{package}."))

    def of(self, module: str) -> Sequence[str]:
        """The installed plugins with the longest package that a module is in; plugins may share one."""
        found = self._known.get(module)
        if found is None:
            package = module
            while package and package not in self._keys:
                package = package.rpartition(".")[0]
            found = self._known[module] = self._keys.get(package, ())
        return found


class Namespace:
    """The types of one plugin, named.

    Args:
        collector: finished.
        owners: of all plugins.
        others: the collections of all plugins, by key.
    """

    def __init__(self, collector: Collector, owners: Owners, others: Mapping[str, Collector]) -> None:
        self.name = namespace_of(collector.plugin)
        self._collector = collector
        self._owners = owners
        self._others = others
        self._leaders = leaders(collector.keys, collector.bodies)
        self._blocks: dict[int, list[int]] = {}
        for number, leader in enumerate(self._leaders):
            self._blocks.setdefault(leader, []).append(number)
        self._elsewhere: dict[int, tuple[str, int] | None] = {}
        self._local = self._reached()
        self._names = self._named()

    def emitted(self) -> list[tuple[str, int]]:
        """Name and number of each type that stands in this namespace, by name."""
        return sorted((name, number) for number, name in self._names.items())

    def local_name(self, number: int) -> str:
        """The name of a type of this namespace."""
        return self._names[self._leaders[number]]

    def resolved(self, text: str, namespaces: Mapping[str, Namespace]) -> str:
        """The text with every reference replaced by a qualified name.

        Args:
            text: with references into this plugin's collection.
            namespaces: of all plugins, by key.
        """
        return REFERENCE.sub(lambda found: self._qualified(found.group(1), namespaces), text)

    def _qualified(self, reference: str, namespaces: Mapping[str, Namespace]) -> str:
        if not reference.isdigit():
            return reference
        leader = self._leaders[int(reference)]
        elsewhere = self._place_of(leader)
        if elsewhere is None:
            return f"{self.name}.{self._names[leader]}"
        other = namespaces[elsewhere[0]]
        return f"{other.name}.{other.local_name(elsewhere[1])}"

    def _place_of(self, leader: int) -> tuple[str, int] | None:
        """The other plugin that emits a type, and its number there; ``None`` where this one does."""
        if leader not in self._elsewhere:
            self._elsewhere[leader] = self._find(leader)
        return self._elsewhere[leader]

    def _find(self, leader: int) -> tuple[str, int] | None:
        keys = [self._collector.keys[number] for number in self._blocks[leader]]
        module = module_of(keys[0].type)
        if self._owners.owns(self._collector.plugin, module):
            return None
        for plugin in self._owners.of(module):
            for key in keys:
                number = self._others[plugin].number(key) if plugin in self._others else None
                if number is not None:
                    return plugin, number
        return None

    def _reached(self) -> list[int]:
        """The types to emit: from the roots on, and all that is this plugin's own, stopping at other plugins' types."""
        own = (number for number, key in enumerate(self._collector.keys) if self._owns(key.type))
        todo = sorted({self._leaders[number] for number in (*self._collector.roots, *own)})
        seen: set[int] = set()
        while todo:
            number = todo.pop()
            if number not in seen and self._place_of(number) is None:
                seen.add(number)
                todo += [self._leaders[one] for one in references(self._collector.bodies[number].text)]
        return sorted(seen)

    def _owns(self, what: Any) -> bool:
        return self._owners.owns(self._collector.plugin, module_of(what))

    def _named(self) -> dict[int, str]:
        allocator = Allocator(self._hidden())
        by_name: dict[str, dict[Any, list[int]]] = {}
        for number in self._local:
            what = self._collector.keys[number].type
            by_name.setdefault(type_name(name_of(what, self._collector.given)), {}).setdefault(what, []).append(number)
        names: dict[int, str] = {}
        for name in sorted(by_name):
            # Two types of one name are both called by their module too, so neither takes the other's place.
            types = sorted(by_name[name], key=_full_name)
            for what, choices in zip(types, _choices(types, name), strict=True):
                names |= self._name_shapes(choices, by_name[name][what], allocator)
        return names

    def _name_shapes(self, choices: tuple[str, ...], numbers: Iterable[int], allocator: Allocator) -> dict[int, str]:
        names: dict[int, str] = {}
        for number in sorted(numbers, key=lambda one: rank(self._collector.keys[one])):
            going_in = bool(names) and self._collector.keys[number].mode == "in"
            names[number] = allocator.take(*(f"{choice}Input" if going_in else choice for choice in choices))
        return names

    def _hidden(self) -> set[str]:
        """Names to which the types of this namespace refer outside of it, so that none of them may be called so."""
        hidden = {self.name}
        for number in self._local:
            for name in REFERENCE.findall(self._collector.bodies[number].text):
                if not name.isdigit():
                    hidden.add(name)
                elif (elsewhere := self._place_of(self._leaders[int(name)])) is not None:
                    hidden.add(namespace_of(elsewhere[0]))
        return hidden


def _full_name(what: Any) -> tuple[str, str]:
    return module_of(what), str(getattr(what, "__qualname__", ""))


def _choices(types: Sequence[Any], name: str) -> list[tuple[str, ...]]:
    """For each of some types of one name what it may be called: with as much of its module as tells them apart."""
    if len(types) == 1:
        return [(name, f"{name}_")]
    modules = [module_of(what).split(".") for what in types]
    depth = 1
    while depth < max(map(len, modules)) and len({tuple(module[-depth:]) for module in modules}) < len(types):
        depth += 1
    return [(type_name(pascal(".".join(module[-depth:])) + name),) for module in modules]

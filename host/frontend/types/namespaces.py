"""What each plugin emits, what it refers to in another plugin's namespace, and what everything is called.

A type belongs to the plugin whose package defines it. A plugin refers to another's type only where that plugin is sure to be
there whenever it is itself, and emits the type for reasons of its own; else it emits a copy. So a plugin's part follows from
itself and from those that it cannot be without: who uses it changes nothing in it, and nor does any plugin that may come or go.
Nobody refers to a type of a child: its module can be imported without it, so adding a child would change the parts of those who do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from host.common.naming import is_within, root_key
from host.frontend.model import PluginInput
from host.frontend.names import Allocator, namespace_of, type_name
from host.frontend.types.collector import Collector, module_of, name_of
from host.frontend.types.equal_shapes import rank, representatives
from host.frontend.types.type_names import choices, full_name
from host.frontend.types.wire import REFERENCE, references


class Owners:
    """Which plugins define a type, as each plugin sees it: it knows itself, and those that it cannot be without.

    Args:
        plugins: all of them, also those that are not in the file.
    """

    def __init__(self, plugins: Iterable[PluginInput]) -> None:
        self._plugins = {one.key: one for one in plugins}
        self._seen: dict[str, Mapping[str, Sequence[str]]] = {}
        self._known: dict[tuple[str, str], Sequence[str]] = {}

    def owns(self, key: str, module: str) -> bool:
        """Whether a plugin defines the types of a module, maybe together with another one."""
        if key == root_key(key):
            return key in self.of(key, module)
        package = self._plugins[key].package
        return bool(package) and is_within(module, package)

    def of(self, key: str, module: str) -> Sequence[str]:
        """The installed plugins with the longest package that a module is in, among those that one plugin sees.

        Args:
            key: of that plugin.
            module: its full name.
        """
        found = self._known.get((key, module))
        if found is None:
            packages = self._packages(key)
            package = module
            while package and package not in packages:
                package = package.rpartition(".")[0]
            found = self._known[key, module] = packages.get(package, ())
        return found

    def _packages(self, key: str) -> Mapping[str, Sequence[str]]:
        """The packages that a plugin sees, with whose they are."""
        if key not in self._seen:
            found: dict[str, list[str]] = {}
            for one in sorted(self._sure(key)):
                if one == root_key(one) and self._plugins[one].package and self._plugins[one].frontend.enabled:
                    found.setdefault(self._plugins[one].package, []).append(one)
            self._seen[key] = found
        return self._seen[key]

    def _sure(self, key: str) -> set[str]:
        """A plugin, and all without which it cannot be, directly or not."""
        found = {key}
        ahead = [key]
        while ahead:
            name = ahead.pop()
            plugin = self._plugins[name]
            needed = {*plugin.requires, *(used.provider for used in plugin.uses if not used.optional), name.rpartition(".")[0]}
            new = (needed & self._plugins.keys()) - found
            found |= new
            ahead += new
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
        self._leaders = representatives(collector.keys, collector.bodies)
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
        for plugin in self._owners.of(self._collector.plugin, module):
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
        chosen: dict[int, tuple[str, ...]] = {}
        for name in sorted(by_name):
            types = sorted(by_name[name], key=full_name)
            for what, one in zip(types, choices(types, name, self._owns, self._collector.given), strict=True):
                chosen |= self._shapes(one, by_name[name][what])
        # What is called so by its author comes before what is called so for being taken.
        ordered = sorted(chosen, key=lambda number: len(chosen[number]) == 1)
        return {number: allocator.take(*chosen[number]) for number in ordered}

    def _shapes(self, names: tuple[str, ...], numbers: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """What each shape of a type may be called: those that are taken ``…Input``, unless it is only taken."""
        found: dict[int, tuple[str, ...]] = {}
        for number in sorted(numbers, key=lambda one: rank(self._collector.keys[one])):
            going_in = bool(found) and self._collector.keys[number].mode == "in"
            found[number] = (f"{names[0]}Input",) if going_in else names
        return found

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

"""The types that each plugin emits, their names, and its references to types in other plugins' namespaces.

A type belongs to the plugin whose package defines it. A plugin refers to another plugin's type only if that plugin is always
installed with it and emits the type itself; otherwise it emits a copy. So a plugin's part depends on the plugin and on the plugins
that it requires, never on its users or on plugins that may come and go. A child's types are never referred to: its module can be
imported without it, so adding the child would change the parts of the plugins that refer to them.
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
    """The plugins that define a type, as each plugin sees them: itself and the plugins that it requires.

    Args:
        plugins: All plugins, also those that are not in the file.
    """

    def __init__(self, plugins: Iterable[PluginInput]) -> None:
        self._plugins = {plugin.key: plugin for plugin in plugins}
        self._seen: dict[str, Mapping[str, Sequence[str]]] = {}
        self._by_module: dict[tuple[str, str], Sequence[str]] = {}

    def owns(self, key: str, module: str) -> bool:
        """Return whether a plugin defines the types of a module, possibly together with another plugin."""
        if key == root_key(key):
            return key in self.of(key, module)
        package = self._plugins[key].package
        return bool(package) and is_within(module, package)

    def of(self, key: str, module: str) -> Sequence[str]:
        """Return the installed plugins whose package is the closest one that contains a module, among those that a plugin sees.

        Args:
            key: The key of that plugin.
            module: The full name of the module.
        """
        owners = self._by_module.get((key, module))
        if owners is None:
            packages = self._packages(key)
            package = module
            while package and package not in packages:
                package = package.rpartition(".")[0]
            owners = self._by_module[key, module] = packages.get(package, ())
        return owners

    def _packages(self, key: str) -> Mapping[str, Sequence[str]]:
        """Return the packages that a plugin sees, each with its plugins."""
        if key not in self._seen:
            packages: dict[str, list[str]] = {}
            for plugin in sorted(self._required(key)):
                if plugin == root_key(plugin) and self._plugins[plugin].package and self._plugins[plugin].frontend.enabled:
                    packages.setdefault(self._plugins[plugin].package, []).append(plugin)
            self._seen[key] = packages
        return self._seen[key]

    def _required(self, key: str) -> set[str]:
        """Return a plugin and all plugins that it requires, directly or not."""
        required = {key}
        ahead = [key]
        while ahead:
            name = ahead.pop()
            plugin = self._plugins[name]
            needed = {*plugin.requires, *(used.provider for used in plugin.uses if not used.optional), name.rpartition(".")[0]}
            new = (needed & self._plugins.keys()) - required
            required |= new
            ahead += new
        return required


class Namespace:
    """The named types of one plugin.

    Args:
        collector: The plugin's finished collector.
        owners: Which plugin defines which types.
        others: The collectors of all plugins, by key.
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
        """Return name and number of each type in this namespace, sorted by name."""
        return sorted((name, number) for number, name in self._names.items())

    def local_name(self, number: int) -> str:
        """Return the name of a type in this namespace."""
        return self._names[self._leaders[number]]

    def resolved(self, text: str, namespaces: Mapping[str, Namespace]) -> str:
        """Replace every reference in a text by a qualified name.

        Args:
            text: Text with references to types of this plugin's collector.
            namespaces: Those of all plugins, by key.
        """
        return REFERENCE.sub(lambda match: self._qualified(match.group(1), namespaces), text)

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
        """Return the other plugin that emits a type, and its number there; ``None`` if this plugin does."""
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
        """Return the types to emit: this plugin's own, and all that its routes reach, up to other plugins' types."""
        own = (number for number, key in enumerate(self._collector.keys) if self._owns(key.type))
        todo = sorted({self._leaders[number] for number in (*self._collector.roots, *own)})
        seen: set[int] = set()
        while todo:
            number = todo.pop()
            if number not in seen and self._place_of(number) is None:
                seen.add(number)
                todo += [self._leaders[referenced] for referenced in references(self._collector.bodies[number].text)]
        return sorted(seen)

    def _owns(self, what: Any) -> bool:
        return self._owners.owns(self._collector.plugin, module_of(what))

    def _named(self) -> dict[int, str]:
        allocator = Allocator(self._hidden())
        by_name: dict[str, dict[Any, list[int]]] = {}
        for number in self._local:
            what = self._collector.keys[number].type
            by_name.setdefault(type_name(name_of(what, self._collector.assigned_names)), {}).setdefault(what, []).append(number)
        chosen: dict[int, tuple[str, ...]] = {}
        for name in sorted(by_name):
            types = sorted(by_name[name], key=full_name)
            for what, names in zip(types, choices(types, name, self._owns, self._collector.assigned_names), strict=True):
                chosen |= self._shapes(names, by_name[name][what])
        # A name that an author chose takes precedence over a generated `…Input`.
        ordered = sorted(chosen, key=lambda number: len(chosen[number]) == 1)
        return {number: allocator.take(*chosen[number]) for number in ordered}

    def _shapes(self, names: tuple[str, ...], numbers: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the possible names of each shape of a type: ``…Input`` for input, unless the type is input only."""
        shapes: dict[int, tuple[str, ...]] = {}
        for number in sorted(numbers, key=lambda shape: rank(self._collector.keys[shape])):
            going_in = bool(shapes) and self._collector.keys[number].mode == "in"
            shapes[number] = (f"{names[0]}Input",) if going_in else names
        return shapes

    def _hidden(self) -> set[str]:
        """Return the outer names that the types of this namespace refer to, which none of them may hide."""
        hidden = {self.name}
        for number in self._local:
            for name in REFERENCE.findall(self._collector.bodies[number].text):
                if not name.isdigit():
                    hidden.add(name)
                elif (elsewhere := self._place_of(self._leaders[int(name)])) is not None:
                    hidden.add(namespace_of(elsewhere[0]))
        return hidden

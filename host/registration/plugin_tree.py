"""The tree of plugins: each is loaded, then its children, each with its own before the next (rows F1-F3, E1, E2, K3)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from hookspecs import Child
from host.common.errors import HookResultError, HostError, PluginError
from host.common.naming import is_key, join_paths
from host.common.settings import PluginSettings
from host.loading.hook_results import several
from host.loading.load_order import LoadOrder
from host.loading.loader import Loader
from host.loading.plugin import LoadedPlugin
from host.registration.contributions import Contributions
from host.registration.scope import PluginScope

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How deep plugins may lie in each other: far more than anybody draws, and too little to overflow a stack.
MAX_DEPTH: Final = 64

#: Makes the scope of a plugin inside another scope, or inside none.
MakeScope = Callable[[LoadedPlugin, PluginScope | None], PluginScope]


class PluginTree:
    """Loads the plugins of one start.

    Args:
        plan: gives the order of the installed plugins, and gets their children and what fails.
        loader: loads them.
        make_scope: makes their scopes.
        tables: the tables of the settings by key.
    """

    def __init__(self, plan: LoadOrder, loader: Loader, make_scope: MakeScope, tables: Mapping[str, PluginSettings]) -> None:
        self._plan = plan
        self._loader = loader
        self._make_scope = make_scope
        self._tables = tables
        #: What was loaded, by key; parents before children.
        self.nodes: dict[str, Contributions] = {}
        #: The prefixes of children by key, as far as they are known before the children are loaded; "" where they have none.
        self._prefixes: dict[str, str] = {}

    def load_all(self) -> None:
        """Load all installed plugins and their children; what fails is recorded in the load order."""
        for key in self._plan.keys:
            if self._plan.failed(key):
                continue  # taken along meanwhile
            try:
                plugin = self._loader.load(self._plan.installed[key], self._tables.get(key, PluginSettings()))
            except PluginError as error:
                self._plan.fail(key, error)
            else:
                self._branch(plugin)

    def failed_prefixes(self, failed: Iterable[str]) -> list[tuple[str, str]]:
        """Return key and prefix of the plugins that failed and have a prefix of their own.

        Args:
            failed: the keys of all that failed.
        """
        failed = dict.fromkeys(failed)
        return [(key, prefix) for key in failed if (prefix := self._prefix(key, failed))]

    def _prefix(self, key: str, failed: Container[str]) -> str:
        """The prefix that a failed plugin would have, "" without one of its own."""
        if (parent := self._plan.parents.get(key)) is not None:
            return "" if parent in failed else self._prefixes.get(key, "")
        if key not in self._plan.installed or not is_key(key):
            return ""
        table = self._tables.get(key)
        return (table.prefix if table else None) or join_paths(key)

    def _branch(self, root: LoadedPlugin) -> None:
        """Depth first, and with no recursion, so that depth costs no stack."""
        stack = [self._enter(root, None)]
        while stack:
            one, children = stack[-1]
            child = next(children, None)
            if child is None or self._plan.failed(one.key):
                stack.pop()
                continue
            if len(stack) > MAX_DEPTH:
                message = f"plugins lie more than {MAX_DEPTH} deep in each other, as {one.key} does"
                fix = "end the nesting in register_plugins; it may be without an end"
                self._plan.fail(root.key, root.make_error(HookResultError, message, hook="register_plugins", fix=fix))
                continue
            key = f"{one.key}.{child.name}"
            self._plan.add_child(key, one.key, shared=child.shared)
            self._prefixes[key] = join_paths(one.scope.prefix, child.prefix) if child.prefix.strip("/") else ""
            try:
                plugin = self._loader.load_child(one.plugin, child, one.scope)
            except PluginError as error:
                self._plan.fail(key, error)
            else:
                self._prefixes[key] = join_paths(one.scope.prefix, plugin.prefix) if plugin.prefix else ""
                stack.append(self._enter(plugin, one))

    def _enter(self, plugin: LoadedPlugin, parent: Contributions | None) -> tuple[Contributions, Iterator[Child]]:
        """Give a loaded plugin its scope, and ask it for its children."""
        scope = self._make_scope(plugin, parent.scope if parent is not None else None)
        one = self.nodes[plugin.key] = Contributions(plugin, scope, parent)
        try:
            return one, iter(_children(plugin, scope))
        except HostError as error:
            self._plan.fail(plugin.key, error)
            return one, iter(())


def _children(plugin: LoadedPlugin, scope: PluginScope) -> list[Child]:
    hook = "register_plugins"
    result: Any = plugin.call(hook, scope=scope)
    found = several(plugin, hook, result, lambda value: isinstance(value, Child), "Child values")
    names: set[str] = set()
    for child in found:
        if child.name in names:
            message = f"register_plugins returned two children called {child.name!r}"
            fix = "give each a name of its own; the same plugin may be there twice under two names"
            raise plugin.make_error(HookResultError, message, hook=hook, fix=fix)
        names.add(child.name)
    return sorted(found, key=lambda child: not child.shared)  # what they share is there for the others

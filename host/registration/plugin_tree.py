"""The tree of plugins: each is loaded, then its children, depth first."""

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

#: The deepest nesting of plugins: far more than is useful, and too little to overflow a stack.
MAX_DEPTH: Final = 64

#: Creates the scope of a plugin, inside the scope of its parent if it has one.
MakeScope = Callable[[LoadedPlugin, PluginScope | None], PluginScope]


class PluginTree:
    """Loads the plugins of one start.

    Args:
        plan: the load order; receives the children and the failures.
        loader: loads the plugins.
        make_scope: creates their scopes.
        tables: the tables of the settings by key.
    """

    def __init__(self, plan: LoadOrder, loader: Loader, make_scope: MakeScope, tables: Mapping[str, PluginSettings]) -> None:
        self._plan = plan
        self._loader = loader
        self._make_scope = make_scope
        self._tables = tables
        #: The contributions of the loaded plugins by key, parents before children.
        self.nodes: dict[str, Contributions] = {}
        #: The prefixes of children by key, known before the children are loaded; "" for those without a prefix.
        self._prefixes: dict[str, str] = {}

    def load_all(self) -> None:
        """Load all installed plugins and their children; what fails is recorded in the load order."""
        for key in self._plan.keys:
            if self._plan.failed(key):
                continue  # it failed as a dependent of one that was loaded before
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
        """Load an installed plugin's children depth first; without recursion, so that depth costs no stack."""
        stack = [self._enter(root, None)]
        while stack:
            parent, children = stack[-1]
            child = next(children, None)
            if child is None or self._plan.failed(parent.key):
                stack.pop()
                continue
            if len(stack) > MAX_DEPTH:
                message = f"plugins are nested more than {MAX_DEPTH} deep: {parent.key}"
                fix = "end the nesting in register_plugins; it may be endless"
                self._plan.fail(root.key, root.make_error(HookResultError, message, hook="register_plugins", fix=fix))
                continue
            key = f"{parent.key}.{child.name}"
            self._plan.add_child(key, parent.key, shared=child.shared)
            self._prefixes[key] = join_paths(parent.scope.prefix, child.prefix) if child.prefix.strip("/") else ""
            try:
                plugin = self._loader.load_child(parent.plugin, child, parent.scope)
            except PluginError as error:
                self._plan.fail(key, error)
            else:
                self._prefixes[key] = join_paths(parent.scope.prefix, plugin.prefix) if plugin.prefix else ""
                stack.append(self._enter(plugin, parent))

    def _enter(self, plugin: LoadedPlugin, parent: Contributions | None) -> tuple[Contributions, Iterator[Child]]:
        """Create the scope of a loaded plugin, and call its ``register_plugins``."""
        scope = self._make_scope(plugin, parent.scope if parent is not None else None)
        contributions = self.nodes[plugin.key] = Contributions(plugin, scope, parent)
        try:
            return contributions, iter(_children(plugin, scope))
        except HostError as error:
            self._plan.fail(plugin.key, error)
            return contributions, iter(())


def _children(plugin: LoadedPlugin, scope: PluginScope) -> list[Child]:
    hook = "register_plugins"
    result: Any = plugin.call(hook, scope=scope)
    children = several(plugin, hook, result, lambda value: isinstance(value, Child), "Child values")
    names: set[str] = set()
    for child in children:
        if child.name in names:
            message = f"register_plugins returned two children called {child.name!r}"
            fix = "give each a name of its own; the same plugin may be declared twice under two names"
            raise plugin.make_error(HookResultError, message, hook=hook, fix=fix)
        names.add(child.name)
    return sorted(children, key=lambda child: not child.shared)  # the others see what shared children register

"""Find the import package that belongs to a plugin: types defined in it are the plugin's own in the generated file."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from importlib_metadata import PackageNotFoundError, distribution

from host.common.naming import canonical, is_within
from host.discovery.installed_plugin import InstalledPlugin
from host.loading.plugin import LoadedPlugin

#: What an ``__init__`` contains that makes its package a namespace, in two older ways of packaging.
_NAMESPACE: Final = re.compile(r"\b(?:extend_path|declare_namespace)\b")


class Packages:
    """The import packages of plugins, from installed metadata.

    Args:
        installed: all installed plugins, also those that are not enabled.
    """

    def __init__(self, installed: Iterable[InstalledPlugin]) -> None:
        self._by_distribution: dict[str, list[InstalledPlugin]] = {}
        for plugin in installed:
            self._by_distribution.setdefault(canonical(plugin.distribution), []).append(plugin)

    def package_of(self, plugin: LoadedPlugin) -> str:
        """Return the import package that belongs to a plugin alone.

        It is the outermost regular package around the module that the entry point names, as long as that package belongs to the
        plugin alone. A plugin ``acme_billing.plugin`` has ``acme_billing``. On the way outwards from the module it ends before

        * a directory without ``__init__``, or with one that makes a namespace: ``acme.billing.plugin`` has ``acme.billing``;
        * a package whose ``__init__`` another distribution has installed: a plugin that adds a module has only the module;
        * a package that contains another plugin of the distribution: ``acme_suite.todo`` and ``acme_suite.billing.plugin`` have
          ``acme_suite.todo`` and ``acme_suite.billing``, and the rest of ``acme_suite`` belongs to neither.

        So a module outside any package is the plugin's whole package, and so is one in ``plugins/``, with what is below it.
        A child plugin has the module that defines it, unless its parent is defined in the same module.

        Only the plugin's own files and its own distribution, with plugins that are not enabled, are considered, so no other
        plugin changes the result.

        Args:
            plugin: a loaded plugin.

        Returns:
            the dotted name, "" if it has none.
        """
        module = plugin.module
        if plugin.parent is not None:
            return "" if is_within(_root(plugin).module, module) else module
        together = self._by_distribution.get(canonical(plugin.installed.distribution), ())
        beside = [other.module for other in together if other is not plugin.installed]
        package = module
        while _can_grow(outer := package.rpartition(".")[0], beside):
            package = outer
        return package if package == module else _shipped(package, module, plugin.installed)

    def sure_of(self, plugin: LoadedPlugin) -> tuple[str, ...]:
        """Return the plugins that are enabled whenever a plugin is, because its distribution requires theirs.

        A distribution with several plugins does not count: one of them may be disabled while the others satisfy the requirement.

        Args:
            plugin: a loaded plugin.

        Returns:
            their keys, sorted.
        """
        wanted = {canonical(requirement.name) for requirement in plugin.installed.requirements}
        required = (self._by_distribution.get(name, ()) for name in wanted)
        return tuple(sorted(plugins[0].key for plugins in required if len(plugins) == 1))


def _root(plugin: LoadedPlugin) -> LoadedPlugin:
    while plugin.parent is not None:
        plugin = plugin.parent
    return plugin


def _can_grow(package: str, beside: Iterable[str]) -> bool:
    """Whether a package is a regular one that contains no other plugin."""
    file = getattr(sys.modules.get(package), "__file__", None)
    return file is not None and not any(is_within(module, package) for module in beside) and not _is_namespace(Path(file))


def _is_namespace(init: Path) -> bool:
    try:
        return _NAMESPACE.search(init.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):  # compiled, or in an archive
        return False


def _shipped(package: str, module: str, plugin: InstalledPlugin) -> str:
    """Return the outermost package from ``package`` to ``module`` whose ``__init__`` the plugin's own distribution has installed.

    An editable installation records no source files; then every package around the module counts as installed by it.
    """
    try:
        record = distribution(plugin.distribution).read_text("RECORD") or ""
    except (PackageNotFoundError, UnicodeDecodeError):
        return package
    paths = {line.partition(",")[0] for line in record.splitlines()}
    names = module.split(".")
    packages = [".".join(names[:length]) for length in range(package.count(".") + 1, len(names))]
    own = [name for name in packages if f"{name.replace('.', '/')}/__init__.py" in paths]
    recorded = bool(own) or any(f"{module.replace('.', '/')}{end}" in paths for end in (".py", "/__init__.py"))
    return (own[0] if own else module) if recorded else package

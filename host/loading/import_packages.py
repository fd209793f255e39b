"""Which import package is a plugin's, so that the types defined in it are its own in the generated file."""

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

#: An ``__init__`` that says so makes a namespace of its package, as two older ways of packaging have it.
_NAMESPACE: Final = re.compile(r"\b(?:extend_path|declare_namespace)\b")


class Packages:
    """Tells what is whose, from installed metadata.

    Args:
        installed: all installed plugins, also those that are not enabled.
    """

    def __init__(self, installed: Iterable[InstalledPlugin]) -> None:
        self._by_distribution: dict[str, list[InstalledPlugin]] = {}
        for one in installed:
            self._by_distribution.setdefault(canonical(one.distribution), []).append(one)

    def package_of(self, plugin: LoadedPlugin) -> str:
        """The import package that is a plugin's own.

        The rule: it is the outermost regular package around the module that the entry point names, as far as that package is the
        plugin's alone. A plugin ``acme_billing.plugin`` has ``acme_billing``. On the way out from the module it ends before

        * a directory without ``__init__``, or with one that makes a namespace: ``acme.billing.plugin`` has ``acme.billing``;
        * a package whose ``__init__`` another distribution has installed: who adds a module to that has only the module;
        * a package in which another plugin of the same distribution is: ``acme_suite.todo`` and ``acme_suite.billing.plugin`` have
          ``acme_suite.todo`` and ``acme_suite.billing``, and what lies beside those in ``acme_suite`` belongs to neither.

        So a module that lies in no package is the plugin's whole package, and so is one in ``plugins/``, with what is below it.
        A plugin inside another one has the module that defines it, unless the one that it lies in is defined in that too.

        All this is asked of the plugin's own files and of its own distribution, of which what is not enabled counts too, so no
        other plugin changes the answer.

        Args:
            plugin: was loaded.

        Returns:
            its dotted name, "" where it has none.
        """
        module = plugin.module
        if plugin.parent is not None:
            return "" if is_within(_root(plugin).module, module) else module
        together = self._by_distribution.get(canonical(plugin.installed.distribution), ())
        beside = [one.module for one in together if one is not plugin.installed]
        package = module
        while _can_grow(outer := package.rpartition(".")[0], beside):
            package = outer
        return package if package == module else _shipped(package, module, plugin.installed)

    def sure_of(self, plugin: LoadedPlugin) -> tuple[str, ...]:
        """The plugins that are there wherever a plugin is, as its distribution requires theirs.

        One of several plugins of a distribution is none of them: it can be left out while the others satisfy the requirement.

        Args:
            plugin: was loaded.

        Returns:
            their keys, sorted.
        """
        wanted = {canonical(requirement.name) for requirement in plugin.installed.requirements}
        found = (self._by_distribution.get(name, ()) for name in wanted)
        return tuple(sorted(plugins[0].key for plugins in found if len(plugins) == 1))


def _root(plugin: LoadedPlugin) -> LoadedPlugin:
    while plugin.parent is not None:
        plugin = plugin.parent
    return plugin


def _can_grow(package: str, beside: Iterable[str]) -> bool:
    """Whether the package is a regular one, and no other plugin is in it."""
    file = getattr(sys.modules.get(package), "__file__", None)
    return file is not None and not any(is_within(module, package) for module in beside) and not _is_namespace(Path(file))


def _is_namespace(init: Path) -> bool:
    try:
        return _NAMESPACE.search(init.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):  # compiled, or in an archive
        return False


def _shipped(package: str, module: str, plugin: InstalledPlugin) -> str:
    """The outermost package from the one to the other whose ``__init__`` its own distribution has brought.

    An editable installation records no source; then what lies around the module counts as brought.
    """
    try:
        record = distribution(plugin.distribution).read_text("RECORD") or ""
    except (PackageNotFoundError, UnicodeDecodeError):
        return package
    paths = {line.partition(",")[0] for line in record.splitlines()}
    names = module.split(".")
    packages = [".".join(names[:length]) for length in range(package.count(".") + 1, len(names))]
    brought = [one for one in packages if f"{one.replace('.', '/')}/__init__.py" in paths]
    recorded = bool(brought) or any(f"{module.replace('.', '/')}{end}" in paths for end in (".py", "/__init__.py"))
    return (brought[0] if brought else module) if recorded else package

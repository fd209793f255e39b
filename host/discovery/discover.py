"""Find the installed plugins and those in ``plugins/``, and decide which will be loaded. No plugin is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from host.common.errors import (
    DuplicatePluginError,
    InvalidKeyError,
    PluginError,
    SettingsError,
    UnknownPluginError,
)
from host.common.naming import canonical, is_key, plugin_hint
from host.common.rendering import disable_command
from host.common.settings import PluginSettings, Settings
from host.discovery.installed_plugin import InstalledPlugin
from host.discovery.local_plugins import DIRECTORY, local_plugins
from host.discovery.metadata import Environment
from host.discovery.requirements import Requirements

GROUP: Final = "host.plugins"


@dataclass(frozen=True)
class Discovery:
    """The result of the discovery.

    Args:
        installed: All plugins, sorted by key.
        enabled: The plugins that the settings choose, sorted by key, including those with errors.
        settings: The tables of the plugins in the settings, by key.
        errors: The errors of single plugins, which are not loaded.
    """

    installed: tuple[InstalledPlugin, ...]
    enabled: tuple[InstalledPlugin, ...]
    settings: Mapping[str, PluginSettings]
    errors: tuple[PluginError, ...] = ()

    def requires(self, plugin: InstalledPlugin) -> list[InstalledPlugin]:
        """Return the enabled plugins that must come before a plugin, according to ``Requires-Dist``."""
        distributions = {canonical(requirement.name) for requirement in plugin.requirements}
        return [
            other
            for name in sorted(distributions)
            for other in self._by_distribution.get(name, ())
            if other.distribution != plugin.distribution
        ]

    @cached_property
    def _by_distribution(self) -> dict[str, list[InstalledPlugin]]:
        plugins: dict[str, list[InstalledPlugin]] = {}
        for plugin in self.enabled:
            plugins.setdefault(canonical(plugin.distribution), []).append(plugin)
        return plugins


def installed_plugins(environment: Environment | None = None, directory: Path | None = None) -> list[InstalledPlugin]:
    """Return all advertised plugins and those in ``plugins/``, sorted by key, then distribution. Two may have the same key.

    The order of ``sys.path`` decides only which of two copies of *one distribution* counts, as it does for Python itself.

    Args:
        environment: The installed distributions, by default those on ``sys.path`` now.
        directory: The directory of the project, to include the plugins in ``plugins/``.

    Raises:
        SettingsError: ``plugins/`` cannot be read.
    """
    entries = (environment or Environment()).entry_points(GROUP)
    plugins = [InstalledPlugin(entry.name, entry.value, metadata) for entry, metadata in entries]
    if directory is not None:
        plugins += [InstalledPlugin(key, key, metadata, file) for key, file, metadata in local_plugins(directory)]
    return sorted(plugins, key=lambda plugin: (plugin.key, plugin.distribution, plugin.target))


def discover(settings: Settings, problems: list[SettingsError] | None = None) -> Discovery:
    """Decide which plugins will be loaded; in safe mode none, without looking for any.

    Args:
        settings: The settings.
        problems: A list for the errors in the settings of plugins; such settings are ignored then. Without a list the first
            error is raised.

    Raises:
        UnknownPluginError: The settings name a plugin that is not installed.
        SettingsError: The settings have two tables for one plugin.
    """
    if settings.safe:
        return Discovery((), (), {})
    environment = Environment()
    installed = installed_plugins(environment, settings.directory)
    names = _Names(installed, settings, problems)
    chosen = _chosen(installed, settings, names)
    tables = _tables(settings, names)
    enabled = [plugin for plugin in installed if plugin in chosen]
    check = Requirements(environment, installed, enabled)
    errors = [*_duplicates(enabled), *(error for plugin in enabled for error in (*_bad_key(plugin), *check(plugin)))]
    return Discovery(tuple(installed), tuple(enabled), tables, tuple(errors))


class _Names:
    """Finds the plugins that the settings name.

    Args:
        installed: All plugins.
        settings: The settings.
        problems: A list for the errors, ``None`` to raise the first.
    """

    def __init__(self, installed: list[InstalledPlugin], settings: Settings, problems: list[SettingsError] | None) -> None:
        self._installed = installed
        self._settings = settings
        self._problems = problems

    def find(self, name: str, setting: str) -> list[InstalledPlugin]:
        """Return the plugins with a name; an unknown name is an error.

        Args:
            name: A key or a distribution.
            setting: The key in the table ``plugins`` that holds the name.
        """
        plugins = [plugin for plugin in self._installed if plugin.named(name)]
        if not plugins:
            candidates = {candidate for plugin in self._installed for candidate in (plugin.key, plugin.distribution)}
            hint = plugin_hint(name, candidates) or "no plugin is installed;"
            message = f"no installed plugin or distribution is called {name!r}"
            fix = f"{hint} if the plugin was uninstalled, remove its name"
            self.report(UnknownPluginError(message, **self._settings.place("plugins", setting), fix=fix))
        return plugins

    def report(self, error: SettingsError) -> None:
        """Collect or raise an error."""
        if self._problems is None:
            raise error
        self._problems.append(error)


def _chosen(installed: list[InstalledPlugin], settings: Settings, names: _Names) -> set[InstalledPlugin]:
    """Return the enabled plugins, not their keys: of two plugins with the same key one can be disabled by its distribution."""
    plugins = settings.plugins
    if plugins.enabled == "installed":
        chosen = set(installed)
    else:
        chosen = {plugin for name in plugins.enabled for plugin in names.find(name, "enabled")}
    return chosen - {plugin for name in plugins.disabled for plugin in names.find(name, "disabled")}


def _tables(settings: Settings, names: _Names) -> dict[str, PluginSettings]:
    tables: dict[str, PluginSettings] = {}
    named: dict[str, str] = {}
    for name, table in settings.plugins.tables.items():
        for key in dict.fromkeys(plugin.key for plugin in names.find(name, name)):
            if key in tables:
                message = f"the plugin {key} has two tables, {named[key]} and {name}"
                names.report(SettingsError(message, **settings.place("plugins", name), fix="merge them into one table"))
            tables[key], named[key] = table, name
    return tables


def _duplicates(plugins: list[InstalledPlugin]) -> list[PluginError]:
    by_key: dict[str, list[InstalledPlugin]] = {}
    for plugin in plugins:
        by_key.setdefault(plugin.key, []).append(plugin)
    return [
        DuplicatePluginError(
            f"two plugins have the key {key!r}: {' and '.join(f'{plugin.distribution} {plugin.version}' for plugin in same)}",
            plugin=key,
            distribution=" and ".join(plugin.distribution for plugin in same),
            fix=f"remove or disable one of them: {_remove_command(same[-1])}, or {disable_command(same[-1].distribution)}",
        )
        for key, same in by_key.items()
        if len(same) > 1
    ]


def _remove_command(plugin: InstalledPlugin) -> str:
    """Return how to remove a plugin for good."""
    return f"pip uninstall {plugin.distribution}" if plugin.file is None else f"delete {plugin.distribution}"


def _bad_key(plugin: InstalledPlugin) -> list[PluginError]:
    if is_key(plugin.key):
        return []
    message = f"the entry point {plugin.key!r} is not a plugin key"
    fix = "call it author__name: lower-case letters, digits and single underscores, two underscores between the halves"
    if plugin.file is not None:
        message = f"{plugin.distribution} does not have the name of a plugin"
        ending = "" if plugin.file.name == "__init__.py" else ".py"
        fix += f", so {DIRECTORY}/author__name{ending}; or start its name with _ if it is not a plugin"
    origin = {"plugin": plugin.key, "distribution": plugin.distribution, "version": plugin.version}
    return [InvalidKeyError(message, **origin, fix=fix)]

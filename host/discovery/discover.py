"""What is installed, or lies in ``plugins/``: no plugin is imported (rows R31, R32, K1; probes P3, P10, P19)."""

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
from host.common.rendering import disabling
from host.common.settings import PluginSettings, Settings
from host.discovery.installed_plugin import InstalledPlugin
from host.discovery.local_plugins import DIRECTORY, local_plugins
from host.discovery.metadata import Environment
from host.discovery.requirements import Requirements

GROUP: Final = "host.plugins"


@dataclass(frozen=True)
class Discovery:
    """What there is and what will be loaded.

    Args:
        installed: all plugins, by key.
        enabled: those that the settings choose, by key; also those with errors.
        settings: a plugin's table in the settings, by key.
        errors: of single plugins, which are not to be loaded.
    """

    installed: tuple[InstalledPlugin, ...]
    enabled: tuple[InstalledPlugin, ...]
    settings: Mapping[str, PluginSettings]
    errors: tuple[PluginError, ...] = ()

    def requires(self, plugin: InstalledPlugin) -> list[InstalledPlugin]:
        """The enabled plugins that must come before one, by ``Requires-Dist`` (rule 1 of the design)."""
        wanted = {canonical(requirement.name) for requirement in plugin.requirements}
        return [
            other
            for name in sorted(wanted)
            for other in self._by_distribution.get(name, ())
            if other.distribution != plugin.distribution
        ]

    @cached_property
    def _by_distribution(self) -> dict[str, list[InstalledPlugin]]:
        found: dict[str, list[InstalledPlugin]] = {}
        for plugin in self.enabled:
            found.setdefault(canonical(plugin.distribution), []).append(plugin)
        return found


def installed_plugins(environment: Environment | None = None, directory: Path | None = None) -> list[InstalledPlugin]:
    """All advertised plugins, and those in ``plugins/``, by key, then distribution. Two may have one key.

    ``sys.path`` order decides nothing here but which of two copies of *one distribution* counts, as it does for Python itself.

    Args:
        environment: where to look; a new one unless given.
        directory: the project's, for those without packaging; without them unless given.

    Raises:
        SettingsError: ``plugins/`` cannot be read.
    """
    found = (environment or Environment()).entry_points(GROUP)
    plugins = [InstalledPlugin(entry.name, entry.value, metadata) for entry, metadata in found]
    if directory is not None:
        plugins += [InstalledPlugin(key, key, metadata, file) for key, file, metadata in local_plugins(directory)]
    return sorted(plugins, key=lambda plugin: (plugin.key, plugin.distribution, plugin.target))


def discover(settings: Settings, problems: list[SettingsError] | None = None) -> Discovery:
    """Decide what is to be loaded; in safe mode nothing, and nothing is looked at.

    Args:
        settings: the settings.
        problems: gets what is wrong with what the settings say of plugins, and that then counts for nothing; raised unless given.

    Raises:
        UnknownPluginError: the settings name a plugin that is not installed.
        SettingsError: they have two tables for one plugin.
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
    """Tells which plugins the names in the settings mean.

    Args:
        installed: all plugins.
        settings: the settings.
        problems: gets what is wrong with them; raised where it is ``None``.
    """

    def __init__(self, installed: list[InstalledPlugin], settings: Settings, problems: list[SettingsError] | None) -> None:
        self._installed = installed
        self._settings = settings
        self._problems = problems

    def meant(self, name: str, where: str) -> list[InstalledPlugin]:
        """The plugins of a name.

        Args:
            name: a key or a distribution.
            where: the key under ``plugins`` where it stands.
        """
        found = [plugin for plugin in self._installed if plugin.named(name)]
        if not found:
            known = {known for plugin in self._installed for known in (plugin.key, plugin.distribution)}
            fix = f"{plugin_hint(name, known) or 'no plugin is installed;'} where the plugin was uninstalled, take its name out"
            message = f"no installed plugin or distribution is called {name!r}"
            self.refuse(UnknownPluginError(message, **self._settings.place("plugins", where), fix=fix))
        return found

    def refuse(self, error: SettingsError) -> None:
        """Note or raise what is wrong."""
        if self._problems is None:
            raise error
        self._problems.append(error)


def _chosen(installed: list[InstalledPlugin], settings: Settings, names: _Names) -> set[InstalledPlugin]:
    """Single plugins, not keys: of two distributions with one key, one can be left out by its name."""
    plugins = settings.plugins
    if plugins.enabled == "installed":
        chosen = set(installed)
    else:
        chosen = {plugin for name in plugins.enabled for plugin in names.meant(name, "enabled")}
    return chosen - {plugin for name in plugins.disabled for plugin in names.meant(name, "disabled")}


def _tables(settings: Settings, names: _Names) -> dict[str, PluginSettings]:
    tables: dict[str, PluginSettings] = {}
    named: dict[str, str] = {}
    for name, table in settings.plugins.tables.items():
        for key in dict.fromkeys(plugin.key for plugin in names.meant(name, name)):
            if key in tables:
                message = f"the plugin {key} has two tables, {named[key]} and {name}"
                names.refuse(SettingsError(message, **settings.place("plugins", name), fix="put both into one"))
            tables[key], named[key] = table, name
    return tables


def _duplicates(plugins: list[InstalledPlugin]) -> list[PluginError]:
    by_key: dict[str, list[InstalledPlugin]] = {}
    for plugin in plugins:
        by_key.setdefault(plugin.key, []).append(plugin)
    return [
        DuplicatePluginError(
            f"two plugins have the key {key!r}: {' and '.join(f'{one.distribution} {one.version}' for one in same)}",
            plugin=key,
            distribution=" and ".join(plugin.distribution for plugin in same),
            fix=f"leave one of them out: {_removing(same[-1])}, or {disabling(same[-1].distribution)}",
        )
        for key, same in by_key.items()
        if len(same) > 1
    ]


def _removing(plugin: InstalledPlugin) -> str:
    """How one is rid of a plugin for good."""
    return f"pip uninstall {plugin.distribution}" if plugin.file is None else f"take away {plugin.distribution}"


def _bad_key(plugin: InstalledPlugin) -> list[PluginError]:
    if is_key(plugin.key):
        return []
    message = f"the entry point {plugin.key!r} is not a plugin key"
    fix = "call it author__name: lower-case letters, digits and single underscores, two underscores between the halves"
    if plugin.file is not None:
        message = f"{plugin.distribution} is not named as a plugin is"
        ending = "" if plugin.file.name == "__init__.py" else ".py"
        fix += f", so {DIRECTORY}/author__name{ending}; or begin its name with _ where it is no plugin"
    who = {"plugin": plugin.key, "distribution": plugin.distribution, "version": plugin.version}
    return [InvalidKeyError(message, **who, fix=fix)]

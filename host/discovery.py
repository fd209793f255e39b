"""What is installed: read from package metadata alone, no plugin is imported (rows R31, R32; probes P3, P10, P19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from host import __version__
from host.errors import (
    DuplicatePluginError,
    HostVersionError,
    InvalidKeyError,
    MissingDependencyError,
    PluginError,
    SettingsError,
    UnknownPluginError,
)
from host.metadata import Environment, Metadata
from host.naming import canonical, did_you_mean, is_key, split_key
from host.settings import PluginSettings, Settings

GROUP: Final = "host.plugins"
HOST_DISTRIBUTION: Final = "litestar-host"


@dataclass(frozen=True, eq=False)
class InstalledPlugin:
    """One advertised plugin, known from metadata.

    Args:
        key: the entry point's name.
        target: its value, ``module`` or ``module:object``.
        metadata: of its distribution.
    """

    key: str
    target: str
    metadata: Metadata = field(repr=False)

    @property
    def author(self) -> str:
        """The first half of the key."""
        return split_key(self.key)[0]

    @property
    def name(self) -> str:
        """The second half of the key."""
        return split_key(self.key)[1]

    @property
    def module(self) -> str:
        """The module that the entry point names."""
        return self.target.partition(":")[0].strip()

    @property
    def distribution(self) -> str:
        """The name by which pip knows it."""
        return self.metadata.name

    @property
    def version(self) -> str:
        """The version of the distribution."""
        return self.metadata.version

    @property
    def summary(self) -> str:
        """The one-line description."""
        return self.metadata.summary

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What the distribution requires in this environment, without its extras."""
        found = []
        for text in self.metadata.requires:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue  # pip has installed it all the same, so it says nothing that can be checked
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                found.append(requirement)
        return tuple(found)

    def named(self, name: str) -> bool:
        """Whether a setting means this plugin: by key or by distribution."""
        return name == self.key or canonical(name) == canonical(self.distribution)


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


def installed_plugins(environment: Environment | None = None) -> list[InstalledPlugin]:
    """All advertised plugins, by key, then distribution. Two may have one key.

    ``sys.path`` order decides nothing here but which of two copies of *one distribution* counts, as it does for Python itself.

    Args:
        environment: where to look; a new one unless given.
    """
    found = (environment or Environment()).entry_points(GROUP)
    plugins = [InstalledPlugin(entry.name, entry.value, metadata) for entry, metadata in found]
    return sorted(plugins, key=lambda plugin: (plugin.key, plugin.distribution, plugin.target))


def discover(settings: Settings) -> Discovery:
    """Decide what is to be loaded.

    Raises:
        UnknownPluginError: the settings name a plugin that is not installed.
    """
    environment = Environment()
    installed = installed_plugins(environment)
    chosen = _chosen(installed, settings)
    tables = _tables(installed, settings)
    enabled = [plugin for plugin in installed if plugin in chosen]
    check = _Requirements(environment, installed, enabled)
    errors = [*_duplicates(enabled), *(error for plugin in enabled for error in (*_bad_key(plugin), *check(plugin)))]
    return Discovery(tuple(installed), tuple(enabled), tables, tuple(errors))


def _chosen(installed: list[InstalledPlugin], settings: Settings) -> set[InstalledPlugin]:
    """Single plugins, not keys: of two distributions with one key, one can be left out by its name."""
    plugins = settings.plugins
    if plugins.enabled == "installed":
        chosen = set(installed)
    else:
        chosen = {plugin for name in plugins.enabled for plugin in _meant(name, installed, settings, "enabled")}
    return chosen - {plugin for name in plugins.disabled for plugin in _meant(name, installed, settings, "disabled")}


def _meant(name: str, installed: Iterable[InstalledPlugin], settings: Settings, where: str) -> list[InstalledPlugin]:
    """The plugins that a name in the settings means."""
    if found := [plugin for plugin in installed if plugin.named(name)]:
        return found
    known = {known for plugin in installed for known in (plugin.key, plugin.distribution)}
    raise UnknownPluginError(
        f"no installed plugin or distribution is called {name!r}",
        **settings.place("plugins", where),
        fix=f"{did_you_mean(name, known) or 'no plugin is installed;'} where the plugin was uninstalled, take its name out",
    )


def _tables(installed: list[InstalledPlugin], settings: Settings) -> dict[str, PluginSettings]:
    tables: dict[str, PluginSettings] = {}
    named: dict[str, str] = {}
    for name, table in settings.plugins.tables.items():
        for key in dict.fromkeys(plugin.key for plugin in _meant(name, installed, settings, name)):
            if key in tables:
                message = f"the plugin {key} has two tables, {named[key]} and {name}"
                raise SettingsError(message, **settings.place("plugins", name), fix="put both into one")
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
            fix=f"leave one of them out: pip uninstall {same[-1].distribution}, or host plugins disable {same[-1].distribution}",
        )
        for key, same in by_key.items()
        if len(same) > 1
    ]


def _bad_key(plugin: InstalledPlugin) -> list[PluginError]:
    if is_key(plugin.key):
        return []
    return [
        InvalidKeyError(
            f"the entry point {plugin.key!r} is not a plugin key",
            plugin=plugin.key,
            distribution=plugin.distribution,
            version=plugin.version,
            fix="call it author__name: lower-case letters, digits and single underscores, two underscores between the halves",
        )
    ]


class _Requirements:
    """Checks what plugins require.

    Args:
        environment: what is installed.
        installed: all plugins.
        enabled: those that are to be loaded.
    """

    def __init__(self, environment: Environment, installed: Iterable[InstalledPlugin], enabled: Iterable[InstalledPlugin]) -> None:
        self._environment = environment
        left_out = {canonical(plugin.distribution) for plugin in installed}
        self._left_out = left_out - {canonical(plugin.distribution) for plugin in enabled}

    def __call__(self, plugin: InstalledPlugin) -> Iterator[PluginError]:
        """What is wrong with the requirements of one plugin."""
        who = {"plugin": plugin.key, "distribution": plugin.distribution, "version": plugin.version}
        for requirement in plugin.requirements:
            if canonical(requirement.name) == HOST_DISTRIBUTION:
                yield from self._host(who, requirement)
            else:
                yield from self._other(who, requirement)

    def _host(self, who: dict[str, str], requirement: Requirement) -> Iterator[PluginError]:
        if not requirement.specifier.contains(__version__, prereleases=True):
            message = f"{who['distribution']} wants {requirement}, and {HOST_DISTRIBUTION} {__version__} is installed"
            yield HostVersionError(message, **who, fix=f"install a version that fits: pip install --upgrade {who['distribution']}")

    def _other(self, who: dict[str, str], requirement: Requirement) -> Iterator[PluginError]:
        wants = f"{who['distribution']} requires"
        other = self._environment.metadata(requirement.name)
        if other is None:
            message = f"{wants} {requirement}, which is not installed"
            yield MissingDependencyError(message, **who, fix=f"pip install '{requirement}'")
        elif not requirement.specifier.contains(other.version, prereleases=True):
            message = f"{wants} {requirement}, and {other.name} {other.version} is installed"
            yield MissingDependencyError(message, **who, fix=f"pip install '{requirement}'")
        elif canonical(other.name) in self._left_out:
            message = f"{wants} {other.name}, whose plugins are not enabled"
            fix = f"host plugins enable {other.name}, or disable {who['plugin']} too"
            yield MissingDependencyError(message, **who, fix=fix)

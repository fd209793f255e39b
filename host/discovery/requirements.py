"""Check the requirements of a plugin's distribution against what is installed and enabled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement

from host.common.errors import DependencyCycleError, HostVersionError, MissingDependencyError, PluginError
from host.common.naming import canonical
from host.common.rendering import disable_command
from host.common.version import __version__
from host.discovery.metadata import Environment

if TYPE_CHECKING:
    from host.discovery.installed_plugin import InstalledPlugin

HOST_DISTRIBUTION: Final = "litestar-host"


class Requirements:
    """Checks the requirements of plugins.

    Args:
        environment: The installed distributions.
        installed: All plugins.
        enabled: The plugins that will be loaded.
    """

    def __init__(self, environment: Environment, installed: Iterable[InstalledPlugin], enabled: Iterable[InstalledPlugin]) -> None:
        self._environment = environment
        distributions = {canonical(plugin.distribution) for plugin in installed}
        self._disabled = distributions - {canonical(plugin.distribution) for plugin in enabled}

    def __call__(self, plugin: InstalledPlugin) -> Iterator[PluginError]:
        """Yield the errors in the requirements of one plugin."""
        origin = {"plugin": plugin.key, "distribution": plugin.distribution, "version": plugin.version}
        for requirement in plugin.requirements:
            if canonical(requirement.name) == HOST_DISTRIBUTION:
                yield from self._check_host(origin, requirement)
            elif canonical(requirement.name) == canonical(plugin.distribution):
                message = f"{plugin.distribution} requires itself: {plugin.key} -> {plugin.key}"
                yield DependencyCycleError(message, **origin, fix="remove it from the distribution's dependencies")
            else:
                yield from self._check_other(origin, requirement)

    def _check_host(self, origin: dict[str, str], requirement: Requirement) -> Iterator[PluginError]:
        if not requirement.specifier.contains(__version__, prereleases=True):
            message = f"{origin['distribution']} requires {requirement}, but {HOST_DISTRIBUTION} {__version__} is installed"
            fix = f"install a compatible version: pip install --upgrade {origin['distribution']}"
            yield HostVersionError(message, **origin, fix=fix)

    def _check_other(self, origin: dict[str, str], requirement: Requirement) -> Iterator[PluginError]:
        distribution = origin["distribution"]
        other = self._environment.metadata(requirement.name)
        if other is None:
            message = f"{distribution} requires {requirement}, which is not installed"
            yield MissingDependencyError(message, **origin, fix=f"pip install '{requirement}'")
        elif not requirement.specifier.contains(other.version, prereleases=True):
            message = f"{distribution} requires {requirement}, but {other.name} {other.version} is installed"
            yield MissingDependencyError(message, **origin, fix=f"pip install '{requirement}'")
        elif canonical(other.name) in self._disabled:
            message = f"{distribution} requires {other.name}, which is installed but not enabled"
            fix = f"host plugins enable {other.name}; or disable this plugin too: {disable_command(origin['plugin'])}"
            yield MissingDependencyError(message, **origin, fix=fix)

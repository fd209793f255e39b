"""What a plugin's distribution requires, against what is installed and enabled (rows F13, F14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement

from host.common.errors import DependencyCycleError, HostVersionError, MissingDependencyError, PluginError
from host.common.naming import canonical
from host.common.rendering import disabling
from host.common.version import __version__
from host.discovery.metadata import Environment

if TYPE_CHECKING:
    from host.discovery.installed_plugin import InstalledPlugin

HOST_DISTRIBUTION: Final = "litestar-host"


class Requirements:
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
            elif canonical(requirement.name) == canonical(plugin.distribution):
                message = f"{plugin.distribution} requires itself: {plugin.key} -> {plugin.key}"
                yield DependencyCycleError(message, **who, fix="take it out of the distribution's dependencies")
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
            fix = f"host plugins enable {other.name}; or leave this one out too: {disabling(who['plugin'])}"
            yield MissingDependencyError(message, **who, fix=fix)

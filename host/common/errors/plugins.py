"""Errors of one plugin before its hooks are called: discovery, load order, import."""

from __future__ import annotations

from collections.abc import Sequence

from host.common.errors.base import HostError


class PluginError(HostError):
    """One plugin is at fault.

    Args:
        message: What happened.
        plugin: The key of the plugin.
        distribution: The name under which pip has installed it.
        version: The version of the distribution.
        hook: The hook that was called, "" outside of a hook.
        fix: What to do.
    """

    code = "plugin"
    exit_code = 3

    def __init__(
        self, message: str, *, plugin: str = "", distribution: str = "", version: str = "", hook: str = "", fix: str = ""
    ) -> None:
        super().__init__(message, fix=fix)
        self.plugin = plugin
        self.distribution = distribution
        self.version = version
        self.hook = hook

    @property
    def facts(self) -> dict[str, str]:
        origin = {
            "plugin": self.plugin,
            "distribution": f"{self.distribution} {self.version}".strip(),
            "hook": self.hook,
        }
        return {name: value for name, value in origin.items() if value} | super().facts


class InvalidKeyError(PluginError):
    """The name of the entry point is not a plugin key."""

    code = "invalid-key"


class DuplicatePluginError(PluginError):
    """Two distributions advertise the same plugin key."""

    code = "duplicate-plugin"


class MissingDependencyError(PluginError):
    """A requirement of the plugin is not installed, not enabled, or installed in another version."""

    code = "missing-dependency"


class HostVersionError(PluginError):
    """The plugin does not accept this version of the host."""

    code = "host-version"


class DependencyCycleError(PluginError):
    """Plugins depend on each other in a circle."""

    code = "dependency-cycle"


class DependencyFailedError(PluginError):
    """The plugin failed because a plugin that it depends on failed.

    Args:
        message: What happened.
        chain: The keys from this plugin to the one that failed first.
        plugin: The key of the plugin.
        distribution: The name under which pip has installed it.
        version: The version of the distribution.
        fix: What to do.
    """

    code = "dependency-failed"

    def __init__(
        self, message: str, *, chain: Sequence[str], plugin: str = "", distribution: str = "", version: str = "", fix: str = ""
    ) -> None:
        super().__init__(message, plugin=plugin, distribution=distribution, version=version, fix=fix)
        self.chain = tuple(chain)


class PluginImportError(PluginError):
    """The module of the plugin cannot be imported."""

    code = "import-failed"

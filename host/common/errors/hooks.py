"""Errors of one plugin's hooks and options."""

from __future__ import annotations

from pathlib import Path

from host.common.errors.base import describe_location
from host.common.errors.plugins import PluginError


class HookSignatureError(PluginError):
    """The plugin has a hook that is not specified, or not with this signature."""

    code = "hook-signature"


class _LocatedPluginError(PluginError):
    """One plugin is at fault according to a setting.

    Args:
        message: What happened.
        plugin: The key of the plugin.
        distribution: The name under which pip has installed it.
        version: The version of the distribution.
        hook: The hook, "" if the error concerns none.
        key: The dotted key of the setting.
        file: The file that holds the setting.
        line: The line in the file, from 1.
        fix: What to do.
    """

    def __init__(
        self,
        message: str,
        *,
        plugin: str = "",
        distribution: str = "",
        version: str = "",
        hook: str = "",
        key: str = "",
        file: Path | None = None,
        line: int | None = None,
        fix: str = "",
    ) -> None:
        super().__init__(message, plugin=plugin, distribution=distribution, version=version, hook=hook, fix=fix)
        self.key = key
        self.file = file
        self.line = line

    @property
    def facts(self) -> dict[str, str]:
        return super().facts | describe_location(self.file, self.line, self.key)


class HookNotAllowedError(_LocatedPluginError):
    """The plugin implements a hook that the settings allow only to other plugins."""

    code = "hook-not-allowed"


class OptionsError(_LocatedPluginError):
    """The options of the plugin do not validate; the location is that of the first wrong option."""

    code = "options"
    exit_code = 2


class HookCallError(PluginError):
    """A hook raised an exception."""

    code = "hook-raised"


class HookTimeoutError(PluginError):
    """A hook took longer than ``plugins.timeout``."""

    code = "hook-timeout"


class HookResultError(PluginError):
    """A hook returned a value that its specification does not allow."""

    code = "hook-result"

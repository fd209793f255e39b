"""Errors of the settings, the environment, the command line and the generated file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from host.common.errors.base import HostError, describe_location


class ConfigurationError(HostError):
    """The host is used or configured wrongly."""

    code = "configuration"
    exit_code = 2


class SettingsError(ConfigurationError):
    """A setting is wrong.

    Args:
        message: What is wrong.
        key: The dotted key.
        file: The file that holds the setting, ``None`` for a variable of the environment.
        line: The line in the file, from 1.
        fix: What to write instead.
    """

    code = "settings"

    def __init__(self, message: str, *, key: str = "", file: Path | None = None, line: int | None = None, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.key = key
        self.file = file
        self.line = line

    @property
    def facts(self) -> dict[str, str]:
        return describe_location(self.file, self.line, self.key) | super().facts


class UnknownPluginError(SettingsError):
    """The settings or the command line name a plugin or a distribution that is not installed."""

    code = "unknown-plugin"


class PortInUseError(ConfigurationError):
    """Another process listens on the address."""

    code = "port-in-use"


class ShadowedPackageError(ConfigurationError, ImportError):
    """Another package or module called ``host`` or ``hookspecs`` comes first on ``sys.path``.

    Args:
        message: What shadows which package.
        shadowing: The other package or module.
        shadowed: The package of this distribution.
        fix: What to do.
    """

    code = "shadowed-package"

    def __init__(self, message: str, *, shadowing: Path, shadowed: Path, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.shadowing = shadowing
        self.shadowed = shadowed
        self.add_note(f"fix: {fix}")  # a program that imports the host shows a traceback, and no block

    @property
    def facts(self) -> dict[str, str]:
        return {"shadowing": str(self.shadowing), "shadowed": str(self.shadowed)} | super().facts


class StaleConfigError(HostError):
    """The generated file is not the one that the installed plugins produce.

    Args:
        message: What is stale.
        drifted: The keys of the plugins whose part differs.
        changes: One line per plugin: its key, and which of its operations, types and channels differ.
        diff: A unified diff.
        fix: What to do.
    """

    code = "stale-config"
    exit_code = 1

    def __init__(
        self, message: str, *, drifted: Sequence[str] = (), changes: Sequence[str] = (), diff: str = "", fix: str = ""
    ) -> None:
        super().__init__(message, fix=fix)
        self.drifted = tuple(drifted)
        self.changes = tuple(changes)
        self.diff = diff

    @property
    def facts(self) -> dict[str, str]:
        changed = "\n".join(self.changes)
        return ({"changed": changed} if changed else {}) | super().facts

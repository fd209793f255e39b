"""Every error of the host.

The tree, with the exit code of the command line::

    HostError
    ├── ConfigurationError            2   host.toml, the environment, the command line
    │   ├── SettingsError             2   a file, a line, a key
    │   ├── UnknownPluginError        2   a name that no installed plugin has
    │   ├── PortInUseError            2
    │   └── ShadowedPackageError      2   another `host` or `hookspecs` would be imported
    ├── PluginError                   3   one plugin's fault
    │   ├── InvalidKeyError               its key is not author__name
    │   ├── DuplicatePluginError          two distributions, one key
    │   ├── MissingDependencyError        what it requires is not installed, not enabled or too old
    │   ├── HostVersionError              it does not accept this host
    │   ├── DependencyCycleError          plugins wait for each other
    │   ├── PluginImportError             its module cannot be imported
    │   ├── HookSignatureError            misspelt hook, wrong argument, async where it may not be
    │   ├── HookNotAllowedError           a hook that the settings allow only to others
    │   ├── OptionsError              2   its options do not validate
    │   ├── HookCallError                 a hook raised
    │   ├── HookTimeoutError              a hook took too long
    │   ├── HookResultError               a hook returned what it may not
    │   ├── ConflictError                 two owners of one thing
    │   ├── ContractError                 nobody provides it, or not in that version
    │   ├── ServiceError                  a service could not be made or closed
    │   ├── ModelError                    a model cannot be opened in the database
    │   ├── ChannelError                  a channel that is not declared, or a message of another type
    │   ├── PayloadError                  no handler for the documents, or it raised
    │   ├── FrontendError                 what it sends cannot be named or typed
    │   ├── TooEarlyError                 asked of the scope before its phase
    │   └── DependencyFailedError         it was taken along by another plugin's failure
    ├── DatabaseError                 4
    │   ├── DatabaseUnreachableError  4   the URL does not answer
    │   └── EmbeddedDatabaseError     4   the embedded MongoDB cannot be started
    ├── ChannelsUnreachableError      4   the server that carries messages between processes does not answer
    ├── StateError                    1   asked of a host that is not so far, or too far
    │   └── FrozenError               1   registered when everything is assembled
    ├── NoSuchPluginError             1   a host has no plugin of that key
    ├── StaleConfigError              1   generated-config.ts is not what it should be
    └── BootError                         all failures of one start or stop together; its exit code is the worst of theirs
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

__all__ = (
    "BootError",
    "ChannelError",
    "ChannelsUnreachableError",
    "ConfigurationError",
    "ConflictError",
    "ContractError",
    "DatabaseError",
    "DatabaseUnreachableError",
    "DependencyCycleError",
    "DependencyFailedError",
    "DuplicatePluginError",
    "EmbeddedDatabaseError",
    "FrontendError",
    "FrozenError",
    "HookCallError",
    "HookNotAllowedError",
    "HookResultError",
    "HookSignatureError",
    "HookTimeoutError",
    "HostError",
    "HostVersionError",
    "InvalidKeyError",
    "MissingDependencyError",
    "ModelError",
    "NoSuchPluginError",
    "OptionsError",
    "PayloadError",
    "PluginError",
    "PluginImportError",
    "PortInUseError",
    "ServiceError",
    "SettingsError",
    "ShadowedPackageError",
    "StaleConfigError",
    "StateError",
    "TooEarlyError",
    "UnknownPluginError",
)


class HostError(Exception):
    """Base of all.

    Args:
        message: what happened, one sentence.
        fix: what to do about it, "" where there is nothing to say.

    Attributes:
        code: stable, for machines and for ``docs/errors.md``.
        exit_code: of the command line.
    """

    code: ClassVar[str] = "host-error"
    exit_code: int = 1

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    @property
    def facts(self) -> dict[str, str]:
        """What else is known, in the order in which it is shown."""
        return {} if self.__cause__ is None else {"cause": describe(self.__cause__)}


def describe(error: BaseException) -> str:
    """An exception in one line: its class and its text."""
    try:
        text = str(error).strip()
    except Exception as problem:  # noqa: BLE001 - it is a plugin's class, and an error about an error helps nobody
        text = f"its text cannot be told, it raises {type(problem).__name__}"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def shown(value: object) -> str:
    """A wrong value as an error shows it: its beginning, and its type."""
    try:
        text = f"{value!r:.60} "
    except Exception:  # noqa: BLE001 - it is a plugin's class, and the type says enough
        text = "something "
    return f"{text}of type {type(value).__name__}"


def _place(file: Path | None, line: int | None, key: str) -> dict[str, str]:
    """Where a setting stands, as facts of an error."""
    place = {} if file is None else {"file": str(file) + ("" if line is None else f", line {line}")}
    return place | ({"key": key} if key else {})


class ConfigurationError(HostError):
    """The host is used or configured wrongly."""

    code = "configuration"
    exit_code = 2


class SettingsError(ConfigurationError):
    """A setting is wrong.

    Args:
        message: what is wrong.
        key: the dotted key.
        file: where it stands, ``None`` for the environment.
        line: its line, from 1.
        fix: what to write.
    """

    code = "settings"

    def __init__(self, message: str, *, key: str = "", file: Path | None = None, line: int | None = None, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.key = key
        self.file = file
        self.line = line

    @property
    def facts(self) -> dict[str, str]:
        return _place(self.file, self.line, self.key) | super().facts


class UnknownPluginError(SettingsError):
    """A name that no installed plugin and no distribution has."""

    code = "unknown-plugin"


class PortInUseError(ConfigurationError):
    """Another process listens there."""

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


class PluginError(HostError):
    """One plugin's fault.

    Args:
        message: what happened.
        plugin: its key.
        distribution: the name by which pip knows it.
        version: of the distribution.
        hook: the hook that was called, "" outside a hook.
        fix: what to do.
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
        named = {
            "plugin": self.plugin,
            "distribution": f"{self.distribution} {self.version}".strip(),
            "hook": self.hook,
        }
        return {name: text for name, text in named.items() if text} | super().facts


class InvalidKeyError(PluginError):
    """The entry point's name is not a plugin key."""

    code = "invalid-key"


class DuplicatePluginError(PluginError):
    """Two distributions advertise one key."""

    code = "duplicate-plugin"


class MissingDependencyError(PluginError):
    """What the plugin requires is not installed, not enabled or of the wrong version."""

    code = "missing-dependency"


class HostVersionError(PluginError):
    """The plugin does not accept this version of the host (row F13)."""

    code = "host-version"


class DependencyCycleError(PluginError):
    """Plugins wait for each other."""

    code = "dependency-cycle"


class PluginImportError(PluginError):
    """The plugin's module cannot be imported."""

    code = "import-failed"


class HookSignatureError(PluginError):
    """A hook that is not specified, or not so."""

    code = "hook-signature"


class _PlacedPluginError(PluginError):
    """One plugin's fault, by what stands in the settings.

    Args:
        key: the dotted key.
        file: where it stands.
        line: its line, from 1.
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
        return super().facts | _place(self.file, self.line, self.key)


class HookNotAllowedError(_PlacedPluginError):
    """A hook that the settings allow only to others (row K11)."""

    code = "hook-not-allowed"


class OptionsError(_PlacedPluginError):
    """The options do not validate; the place is that of the first."""

    code = "options"
    exit_code = 2


class HookCallError(PluginError):
    """A hook raised."""

    code = "hook-raised"


class HookTimeoutError(PluginError):
    """A hook took longer than ``plugins.timeout`` (row F22)."""

    code = "hook-timeout"


class HookResultError(PluginError):
    """A hook returned what it may not."""

    code = "hook-result"


class ConflictError(PluginError):
    """Two owners of one thing.

    Args:
        owners: the keys of both, the one that comes first in the load order first.
    """

    code = "conflict"

    def __init__(
        self,
        message: str,
        *,
        owners: Sequence[str],
        plugin: str = "",
        distribution: str = "",
        version: str = "",
        hook: str = "",
        fix: str = "",
    ) -> None:
        super().__init__(message, plugin=plugin, distribution=distribution, version=version, hook=hook, fix=fix)
        self.owners = tuple(owners)

    @property
    def facts(self) -> dict[str, str]:
        return {"owners": " and ".join(dict.fromkeys(self.owners))} | super().facts


class ContractError(PluginError):
    """A contract that nobody provides, or not so: another version, other methods, not declared; who users are, for who asks."""

    code = "contract"


class ServiceError(PluginError):
    """A service could not be made or closed, or there is none of that name."""

    code = "service"


class ModelError(PluginError):
    """The database answers, but refuses a model, e.g. one of its indexes."""

    code = "model"


class ChannelError(PluginError):
    """A channel that the plugin does not declare, or a message that is not of its type."""

    code = "channel"


class PayloadError(PluginError):
    """Documents that cannot be wrapped."""

    code = "payload"


class FrontendError(PluginError):
    """Something that travels cannot be named or typed in the generated file."""

    code = "frontend"


class TooEarlyError(PluginError):
    """Asked of the scope before the phase in which it is there."""

    code = "too-early"


class DependencyFailedError(PluginError):
    """Taken along by another plugin's failure.

    Args:
        chain: keys from this plugin to the one that failed by itself.
    """

    code = "dependency-failed"

    def __init__(
        self, message: str, *, chain: Sequence[str], plugin: str = "", distribution: str = "", version: str = "", fix: str = ""
    ) -> None:
        super().__init__(message, plugin=plugin, distribution=distribution, version=version, fix=fix)
        self.chain = tuple(chain)


class DatabaseError(HostError):
    """The database is not there."""

    code = "database"
    exit_code = 4


class DatabaseUnreachableError(DatabaseError):
    """The database URL does not answer."""

    code = "database-unreachable"


class EmbeddedDatabaseError(DatabaseError):
    """The embedded MongoDB cannot be started."""

    code = "embedded-database"


class ChannelsUnreachableError(HostError):
    """The server at ``channels.url`` does not answer."""

    code = "channels-unreachable"
    exit_code = 4


class StateError(HostError):
    """Asked of a host that has not come so far, or is past it (row E21)."""

    code = "state"


class FrozenError(StateError):
    """Registered when everything is assembled (row F23)."""

    code = "frozen"


class NoSuchPluginError(HostError, KeyError):
    """A host has no plugin of that key (row K2)."""

    code = "no-such-plugin"

    def __str__(self) -> str:
        return self.message


class StaleConfigError(HostError):
    """The generated file is not what the installed plugins give.

    Args:
        drifted: the keys of the plugins whose part differs.
        changes: what differs, one line a plugin: its key, and which of its operations, types, channels.
        diff: a unified diff.
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


class BootError(HostError):
    """All failures of one start, or of one stop, together.

    Args:
        errors: one a failure, in the order in which they were found.
        when: ``start`` or ``stop``.
    """

    code = "boot-failed"

    def __init__(self, errors: Sequence[HostError], *, when: str = "start") -> None:
        super().__init__(f"{len(errors)} failure{'' if len(errors) == 1 else 's'} at {when}")
        self.errors = tuple(errors)
        self.exit_code = max((error.exit_code for error in errors), default=3)

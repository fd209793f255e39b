"""All errors of the host, as one tree.

The number is the exit code of the command line; errors without one inherit it from the error above::

    HostError                         1
    ├── ConfigurationError            2   host.toml, the environment, the command line
    │   ├── SettingsError                 a setting is wrong: file, line, key
    │   │   └── UnknownPluginError        no installed plugin has this name
    │   ├── PortInUseError                another process listens on the address
    │   └── ShadowedPackageError          another `host` or `hookspecs` would be imported
    ├── StaleConfigError              1   generated-config.ts is not what the installed plugins produce
    ├── PluginError                   3   one plugin is at fault
    │   ├── InvalidKeyError               its key is not author__name
    │   ├── DuplicatePluginError          two distributions advertise one key
    │   ├── MissingDependencyError        a requirement is not installed, not enabled or of another version
    │   ├── HostVersionError              it does not accept this version of the host
    │   ├── DependencyCycleError          plugins depend on each other in a circle
    │   ├── DependencyFailedError         it failed because a plugin it depends on failed
    │   ├── PluginImportError             its module cannot be imported
    │   ├── HookSignatureError            unknown hook, wrong argument, async where it may not be
    │   ├── HookNotAllowedError           a hook that the settings allow only to other plugins
    │   ├── OptionsError              2   its options do not validate
    │   ├── HookCallError                 a hook raised an exception
    │   ├── HookTimeoutError              a hook took too long
    │   ├── HookResultError               a hook returned a value that its specification does not allow
    │   ├── ConflictError                 two plugins register the same thing
    │   ├── ContractError                 a contract has no provider, or one of another version
    │   ├── ServiceError                  a service could not be created or closed
    │   ├── ModelError                    the database refuses a model
    │   ├── ChannelError                  an undeclared channel, or a message of another type
    │   ├── PayloadError                  no handler for the documents, or it raised
    │   ├── FrontendError                 a type or an operation cannot be expressed in the generated file
    │   └── TooEarlyError                 asked of the scope before its phase
    ├── DatabaseError                 4   the database cannot be used
    │   ├── DatabaseUnreachableError      the URL does not answer
    │   └── EmbeddedDatabaseError         the embedded MongoDB cannot be started
    ├── ChannelsUnreachableError      4   the server that carries messages between processes does not answer
    ├── StateError                    1   the host is not in a state that allows the call
    │   └── FrozenError                   registered after the application was assembled
    ├── NoSuchPluginError             1   the host has no plugin with this key
    └── BootError                         all failures of one start or stop; its exit code is the highest of theirs

Programs import them from ``host``, e.g. ``host.ServiceError``.
"""

from __future__ import annotations

from host.common.errors.base import BootError, HostError
from host.common.errors.configuration import (
    ConfigurationError,
    PortInUseError,
    SettingsError,
    ShadowedPackageError,
    StaleConfigError,
    UnknownPluginError,
)
from host.common.errors.hooks import (
    HookCallError,
    HookNotAllowedError,
    HookResultError,
    HookSignatureError,
    HookTimeoutError,
    OptionsError,
)
from host.common.errors.infrastructure import (
    ChannelsUnreachableError,
    DatabaseError,
    DatabaseUnreachableError,
    EmbeddedDatabaseError,
)
from host.common.errors.plugins import (
    DependencyCycleError,
    DependencyFailedError,
    DuplicatePluginError,
    HostVersionError,
    InvalidKeyError,
    MissingDependencyError,
    PluginError,
    PluginImportError,
)
from host.common.errors.registration import (
    ChannelError,
    ConflictError,
    ContractError,
    FrontendError,
    ModelError,
    PayloadError,
    ServiceError,
    TooEarlyError,
)
from host.common.errors.state import FrozenError, NoSuchPluginError, StateError

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

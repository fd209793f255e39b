"""Load the settings: ``host.toml`` or ``[tool.host]`` of ``pyproject.toml``, overridden by ``HOST_…`` variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from host.common.settings.diagnostics import explain, unknown
from host.common.settings.environment import merge_environment
from host.common.settings.model import NO_KEYS, PluginsSettings, Settings
from host.common.toml import read_file

#: The tables that safe mode ignores.
_PLUGIN_TABLES: Final = frozenset({"plugins", "hooks"})


def load_settings(directory: Path, environ: Mapping[str, str] | None = None, *, safe: bool = False) -> Settings:
    """Read the settings of a directory.

    Args:
        directory: The directory of ``host.toml`` or ``pyproject.toml``; neither has to exist.
        environ: The environment, by default ``os.environ``.
        safe: Whether to ignore all settings of plugins, right or wrong.

    Raises:
        SettingsError: The file is malformed, a key is unknown or a value has the wrong type.
    """
    directory = directory.resolve()
    file, raw = read_file(directory)
    environ = os.environ if environ is None else environ
    if safe:
        raw = {name: value for name, value in raw.items() if name not in _PLUGIN_TABLES}
        environ = {name: value for name, value in environ.items() if not name.startswith("HOST_PLUGINS")}
    merged, variables = merge_environment(raw, environ)
    merged["plugins"] = _with_tables(merged.get("plugins", {}), file)
    for key in NO_KEYS & merged.keys():
        raise unknown(key, (key,), file, Settings)
    try:
        settings = msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise explain(error, merged, file, variables) from None
    return msgspec.structs.replace(settings, directory=directory, file=file, variables=variables, safe=safe)


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

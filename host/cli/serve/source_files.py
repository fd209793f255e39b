"""Find the source of a plugin and the hooks that it seems to implement, without importing it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from host.discovery.installed_plugin import InstalledPlugin


def source_directory(plugin: InstalledPlugin) -> Path | None:
    """Return the directory of a plugin's code, ``None`` if it cannot be determined."""
    if plugin.file is not None:
        return plugin.file.parent
    top, *below = plugin.module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    for location in spec.submodule_search_locations or ():
        path = Path(location).joinpath(*below)
        return path if path.is_dir() else path.parent
    return None if spec.origin is None else Path(spec.origin).parent


def defines(plugin: InstalledPlugin, hook: str) -> bool:
    """Return whether the module of a plugin seems to define or to import a function of that name; this is a guess."""
    directory = source_directory(plugin)
    if directory is None:
        return False
    pattern = re.compile(rf"^\s*(def|from .* import .*\b)\s*{hook}\b", re.MULTILINE)
    last = plugin.module.rpartition(".")[2]
    for file in (directory / f"{last}.py", directory / "__init__.py"):
        if file.is_file():
            return pattern.search(file.read_text(encoding="utf-8", errors="replace")) is not None
    return False

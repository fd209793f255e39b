"""Where a plugin's source lies and what it seems to implement, found without importing it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from host.discovery.installed_plugin import InstalledPlugin


def source_directory(plugin: InstalledPlugin) -> Path | None:
    """The directory of a plugin's code; ``None`` where that cannot be told."""
    if plugin.file is not None:
        return plugin.file.parent
    top, *below = plugin.module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    for place in spec.submodule_search_locations or ():
        path = Path(place).joinpath(*below)
        return path if path.is_dir() else path.parent
    return None if spec.origin is None else Path(spec.origin).parent


def defines(plugin: InstalledPlugin, hook: str) -> bool:
    """Whether the plugin's module seems to define or to import a function of that name: a guess."""
    directory = source_directory(plugin)
    if directory is None:
        return False
    wanted = re.compile(rf"^\s*(def|from .* import .*\b)\s*{hook}\b", re.MULTILINE)
    last = plugin.module.rpartition(".")[2]
    for file in (directory / f"{last}.py", directory / "__init__.py"):
        if file.is_file():
            return wanted.search(file.read_text(encoding="utf-8", errors="replace")) is not None
    return False

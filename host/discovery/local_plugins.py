"""Plugins without packaging: the Python files and packages directly in ``plugins/`` beside ``host.toml``."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final
from zlib import crc32

from host.common.bytecode import SourceLoader
from host.common.errors import SettingsError
from host.common.naming import is_key
from host.discovery.metadata import Metadata

DIRECTORY: Final = "plugins"
#: The version of all local plugins, which have no releases.
VERSION: Final = "0"


def local_plugins(directory: Path) -> Iterator[tuple[str, Path, Metadata]]:
    """Yield key, file and a substitute for the metadata of each plugin; none is imported.

    Names with a leading ``_`` or ``.`` are skipped, and so are directories that are not packages.

    Args:
        directory: The directory of the project.

    Raises:
        SettingsError: ``plugins/`` cannot be read.
    """
    inside = (directory / DIRECTORY).absolute()
    if not inside.is_dir():
        return
    try:
        paths = sorted(inside.iterdir())
    except OSError as error:
        message = f"{DIRECTORY}/ cannot be read: {error.strerror}"
        raise SettingsError(message, file=inside, fix="make it readable, or remove it") from None
    for path in paths:
        file = path / "__init__.py" if path.is_dir() else path
        if path.name.startswith(("_", ".")) or file.suffix != ".py":
            continue
        key = path.name if path.is_dir() else path.stem
        if file.is_file() or is_key(key):  # a directory with the name of a plugin but without that file is reported as a mistake
            yield key, file, Metadata(f"{DIRECTORY}/{path.name}", VERSION, "", ())


def import_local(key: str, file: Path) -> ModuleType:
    """Import a plugin as a module with its key as name; ``sys.path`` stays as it is.

    Two hosts in one process may have different plugins with the same key: the second module gets another name then.

    Args:
        key: The key of the plugin.
        file: The module, or the ``__init__.py`` of the package.
    """
    name = key
    if (loaded := sys.modules.get(name)) is not None and loaded.__file__ != str(file):
        name = f"{key}_{crc32(str(file).encode()):08x}"
        loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    spec = importlib.util.spec_from_file_location(name, file, loader=SourceLoader(name, str(file)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module

"""Plugins without packaging: the Python files and packages directly inside ``plugins/`` beside ``host.toml`` (rows R32, K1, K4)."""

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
#: They have no releases.
VERSION: Final = "0"


def local_plugins(directory: Path) -> Iterator[tuple[str, Path, Metadata]]:
    """The key, the file to import and what stands for the metadata of each plugin; none is imported.

    Names with a leading ``_`` or ``.`` are left out, and so are directories that are no packages.

    Args:
        directory: the project's.

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
        raise SettingsError(message, file=inside, fix="make it readable, or take it away") from None
    for path in paths:
        file = path / "__init__.py" if path.is_dir() else path
        if path.name.startswith(("_", ".")) or file.suffix != ".py":
            continue
        key = path.name if path.is_dir() else path.stem
        if file.is_file() or is_key(key):  # a directory with a plugin's name and without that file is a mistake to be told
            yield key, file, Metadata(f"{DIRECTORY}/{path.name}", VERSION, "", ())


def import_local(key: str, file: Path) -> ModuleType:
    """Import a plugin under its key as the module's name; ``sys.path`` stays as it is.

    Two hosts in one process may have different plugins of one key: the second module then gets a name of its own.

    Args:
        key: the plugin's.
        file: the module, or the ``__init__.py`` of the package.
    """
    name = key
    if (known := sys.modules.get(name)) is not None and known.__file__ != str(file):
        name = f"{key}_{crc32(str(file).encode()):08x}"
        known = sys.modules.get(name)
    if known is not None:
        return known
    spec = importlib.util.spec_from_file_location(name, file, loader=SourceLoader(name, str(file)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module

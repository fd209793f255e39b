"""What must be looked at for changes while one develops, and when it has changed (row R21).

Three things: Python files of the project and of plugins that are installed from a directory, the settings, and which
distributions are installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, Literal

from watchfiles import Change, DefaultFilter, PythonFilter, watch

from host.cli.serve.editable_installs import Installed
from host.cli.serve.source_files import source_directory
from host.common.errors import SettingsError
from host.common.toml import FILE, PROJECT_FILE
from host.discovery.discover import installed_plugins
from host.discovery.installed_plugin import InstalledPlugin

if TYPE_CHECKING:
    from host.common.settings import Settings

#: Milliseconds between two looks at what is installed.
_LOOK: Final = 200
#: Milliseconds without a change after which changes are told: an editor writes a file in several steps.
_STEP: Final = 20


def changes(settings: Settings, stop: Event, installed: Installed | None = None) -> Iterator[Literal["begun", "changed"]]:
    """Wait for changes, and tell of each.

    This process follows what is installed, so that whoever is forked from this process finds the same as a new one would.

    Args:
        settings: say where the project is; safe mode has no plugins.
        stop: ends it.
        installed: follows what is installed; one of its own unless given.

    Yields:
        ``begun`` when changes are noticed from now on; again where another plugin's directory is looked at too.
    """
    installed = installed or Installed()
    while not stop.is_set():
        places = _places(settings)
        begun = False
        for found in watch(
            *places, watch_filter=_Wanted(settings), step=_STEP, rust_timeout=_LOOK, yield_on_timeout=True, stop_event=stop
        ):
            if not begun:
                begun = True
                yield "begun"
            other = installed.changed()
            if found or other:
                yield "changed"
                if _places(settings) != places:
                    break


def _places(settings: Settings) -> list[Path]:
    """The project's directory, and those of plugins elsewhere that are not copied into ``site-packages``."""
    inside = settings.directory.resolve()
    sources = () if settings.safe else (_source(plugin) for plugin in _plugins(inside))
    outside = {path for path in sources if path is not None and not path.is_relative_to(inside) and not _is_copied(path)}
    return sorted({inside, *outside})


def _plugins(directory: Path) -> list[InstalledPlugin]:
    try:
        return installed_plugins(directory=directory)
    except SettingsError:  # whoever reads the settings tells of it
        return installed_plugins()


def _source(plugin: InstalledPlugin) -> Path | None:
    """Where the code of a plugin really lies: a link tells of no change."""
    directory = source_directory(plugin) if plugin.file is None else plugin.file.resolve().parent
    return None if directory is None else directory.resolve()


def _is_copied(path: Path) -> bool:
    return any(part in ("site-packages", "dist-packages") for part in path.parts)


class _Wanted(PythonFilter):
    """Python files, the files of the settings, and directories that came or went: what is in them is not told for each file."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(ignore_paths=[settings.state.resolve()])
        self._settings = {str(settings.directory.resolve() / name) for name in (FILE, PROJECT_FILE)}

    def __call__(self, change: Change, path: str) -> bool:
        return path in self._settings or super().__call__(change, path) or self._is_package(change, path)

    def _is_package(self, change: Change, path: str) -> bool:
        if change is Change.modified or not DefaultFilter.__call__(self, change, path):
            return False
        directory = Path(path)
        if change is Change.deleted:
            return not directory.suffix
        return directory.is_dir() and any(directory.rglob("*.py"))

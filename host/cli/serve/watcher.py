"""Watch for changes during development: ``host run --reload`` and ``host generate-config --watch``.

Watched are the Python files of the project and of plugins that are installed from a directory, the settings, and which
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

#: Milliseconds between two checks of what is installed.
_POLL_INTERVAL: Final = 200
#: Milliseconds without a change until changes are reported: an editor writes a file in several steps.
_QUIET: Final = 20


def changes(settings: Settings, stop: Event, installed: Installed | None = None) -> Iterator[Literal["begun", "changed"]]:
    """Wait for changes, and yield each.

    This process also follows what is installed, so that processes forked from it find the same modules as a new process would.

    Args:
        settings: The settings of the project; in safe mode plugins are not watched.
        stop: Ends the loop when it is set.
        installed: Follows what is installed; by default a new one.

    Yields:
        ``begun`` once changes are noticed, and again when the directory of another plugin is watched too; ``changed`` after a
        change.
    """
    installed = installed or Installed()
    while not stop.is_set():
        directories = _directories(settings)
        begun = False
        for changed_files in watch(
            *directories,
            watch_filter=_Wanted(settings),
            step=_QUIET,
            rust_timeout=_POLL_INTERVAL,
            yield_on_timeout=True,
            stop_event=stop,
        ):
            if not begun:
                begun = True
                yield "begun"
            if installed.changed() or changed_files:
                yield "changed"
                if _directories(settings) != directories:
                    break


def _directories(settings: Settings) -> list[Path]:
    """Return the directory of the project, and those of plugins elsewhere that are not copied into ``site-packages``."""
    inside = settings.directory.resolve()
    sources = () if settings.safe else (_source(plugin) for plugin in _plugins(inside))
    outside = {path for path in sources if path is not None and not path.is_relative_to(inside) and not _is_copied(path)}
    return sorted({inside, *outside})


def _plugins(directory: Path) -> list[InstalledPlugin]:
    try:
        return installed_plugins(directory=directory)
    except SettingsError:  # the processes that read the settings report it
        return installed_plugins()


def _source(plugin: InstalledPlugin) -> Path | None:
    """Return the real directory of a plugin's code: changes behind a symbolic link are not noticed."""
    directory = source_directory(plugin) if plugin.file is None else plugin.file.resolve().parent
    return None if directory is None else directory.resolve()


def _is_copied(path: Path) -> bool:
    return any(part in ("site-packages", "dist-packages") for part in path.parts)


class _Wanted(PythonFilter):
    """Accepts Python files, the files of the settings, and new or deleted directories, whose files are not reported one by one."""

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

"""What must be looked at for changes while one develops, and when it has changed (row R21).

Three things: Python files of the project and of plugins that are installed from a directory, the settings, and which
distributions are installed.
"""

from __future__ import annotations

import importlib.util
import site
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, Literal

from watchfiles import Change, PythonFilter, watch

from host.discovery import installed_plugins
from host.sources import source_directory
from host.toml import FILE, PROJECT_FILE

if TYPE_CHECKING:
    from host.settings import Settings

#: What tells of installed distributions, in the directories of ``sys.path``.
_MARKS: Final = (".dist-info", ".egg-info", ".egg-link", ".pth")
#: Milliseconds between two looks at what is installed.
_LOOK: Final = 200
#: Milliseconds without a change after which changes are told: an editor writes a file in several steps.
_STEP: Final = 20


def changes(settings: Settings, stop: Event) -> Iterator[Literal["begun", "changed"]]:
    """Wait for changes, and tell of each.

    ``sys.path`` follows what is installed, so that whoever is forked from this process finds the same as a new one would.

    Args:
        settings: say where the project is; safe mode has no plugins.
        stop: ends it.

    Yields:
        ``begun`` when changes are noticed from now on; again where another plugin's directory is looked at too.
    """
    installed = Installed()
    while not stop.is_set():
        places = _places(settings)
        begun = False
        for found in watch(
            *places, watch_filter=_Wanted(settings), step=_STEP, rust_timeout=_LOOK, yield_on_timeout=True, stop_event=stop
        ):
            if not begun:
                begun = True
                yield "begun"
            _forget(path for _, path in found)
            other = installed.changed()
            if found or other:
                yield "changed"
            if other and _places(settings) != places:
                break


def _forget(paths: Iterable[str]) -> None:
    """Take away what Python has compiled of changed files: by whole seconds and size it may seem to fit them still."""
    for path in paths:
        if path.endswith(".py"):
            with suppress(OSError):
                Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)


class Installed:
    """Which distributions are installed, as a few bytes of each directory tell."""

    def __init__(self) -> None:
        self._marks = _marks()
        self._added = {mark: _directories(mark) for mark in self._marks if mark.suffix == ".pth"}

    def changed(self) -> bool:
        """Whether something was installed or uninstalled since the last time; then ``sys.path`` is as in a new process."""
        marks = _marks()
        if marks == self._marks:
            return False
        before, self._marks = self._marks, marks
        for mark in before.keys() - marks.keys():
            gone = self._added.pop(mark, ())
            sys.path[:] = [entry for entry in sys.path if entry not in gone]
        for mark in sorted(marks):
            if mark.suffix == ".pth" and marks[mark] != before.get(mark):
                site.addpackage(str(mark.parent), mark.name, None)
                self._added[mark] = _directories(mark)
        importlib.invalidate_caches()
        return True


def _marks() -> dict[Path, int]:
    """The marks of all distributions with the times of their last change."""
    found = {}
    for entry in dict.fromkeys(sys.path):
        try:
            for path in Path(entry).iterdir():
                if path.name.endswith(_MARKS):
                    found[path] = path.stat().st_mtime_ns
        except OSError:
            continue  # it is no directory, or was taken away meanwhile
    return found


def _directories(mark: Path) -> tuple[str, ...]:
    """What a ``.pth`` file puts onto ``sys.path`` (the documentation of Python's ``site``)."""
    try:
        lines = mark.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    paths = (line.strip() for line in lines if not line.startswith(("#", "import ", "import\t")))
    return tuple(str(mark.parent / path) for path in paths if path)


def _places(settings: Settings) -> list[Path]:
    """The project's directory, and those of plugins elsewhere that are not copied into ``site-packages``."""
    inside = settings.directory.resolve()
    sources = () if settings.safe else (source_directory(plugin) for plugin in installed_plugins())
    outside = {path for path in sources if path is not None and not path.is_relative_to(inside) and not _is_copied(path)}
    return sorted({inside, *outside})


def _is_copied(path: Path) -> bool:
    return any(part in ("site-packages", "dist-packages") for part in path.parts)


class _Wanted(PythonFilter):
    """Python files, and the files of the settings."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = {str(settings.directory.resolve() / name) for name in (FILE, PROJECT_FILE)}

    def __call__(self, change: Change, path: str) -> bool:
        return path in self._settings or super().__call__(change, path)

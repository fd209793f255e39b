"""Follow which distributions are installed, so that a running process finds the same modules as a new one.

Python finds packages in ``site-packages`` without help. An editable installation has a ``.pth`` file, which Python reads only when
it starts: the file names a directory, or it imports a module that adds a finder to ``sys.meta_path``, as setuptools does for
packages beside their ``pyproject.toml`` unless their ``package-dir`` is set.
"""

from __future__ import annotations

import importlib
import re
import site
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Endings of files and directories that belong to an installed distribution.
_MARKS: Final = (".dist-info", ".egg-info", ".egg-link", ".pth")
_IMPORT: Final = re.compile(r"import[ \t]+(\w+)")


class Installed:
    """Notices when distributions are installed or uninstalled, by the names and times of their files.

    Attributes:
        late: The ``.pth`` files that were added or changed since; an older process needs :func:`read_late` for them.
    """

    def __init__(self) -> None:
        self.late: tuple[Path, ...] = ()
        self._marks = _marks()
        self._added = {mark: _read(mark) for mark in self._marks if mark.suffix == ".pth"}

    def changed(self) -> bool:
        """Return whether something was installed or uninstalled since the last call; if so, this process finds it too."""
        marks = _marks()
        if marks == self._marks:
            return False
        before, self._marks = self._marks, marks
        changed = {mark for mark, at in marks.items() if mark.suffix == ".pth" and at != before.get(mark)}
        # Earlier ones are read again: a ``.pth`` file may have been written before the finder that it imports.
        self.late = tuple(sorted({mark for mark in self.late if mark in marks} | changed))
        for mark in (before.keys() - marks.keys()) | set(self.late):
            _remove(self._added.pop(mark, _NOTHING))
        read_late(self.late)
        self._added |= {mark: _read(mark) for mark in self.late}
        return True


def read_late(marks: Iterable[Path]) -> None:
    """Read ``.pth`` files that were added or changed after this process started.

    Args:
        marks: The files; what they added to this process before is replaced.
    """
    for mark in marks:
        _remove(_read(mark))
        site.addpackage(str(mark.parent), mark.name, None)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


@dataclass(frozen=True)
class _Added:
    """What a ``.pth`` file adds to a process (see Python's documentation of ``site``).

    Args:
        directories: Directories for ``sys.path``.
        modules: Modules beside the file that it imports, for the finders that they add.
    """

    directories: frozenset[str]
    modules: frozenset[str]


_NOTHING: Final = _Added(frozenset(), frozenset())


def _read(mark: Path) -> _Added:
    try:
        lines = mark.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return _NOTHING
    directories = {
        str(mark.parent / line.strip()) for line in lines if line.strip() and not line.startswith(("#", "import ", "import\t"))
    }
    imported = {match[1] for line in lines if (match := _IMPORT.match(line))}
    return _Added(frozenset(directories), frozenset(name for name in imported if (mark.parent / f"{name}.py").is_file()))


def _remove(added: _Added) -> None:
    sys.path[:] = [entry for entry in sys.path if entry not in added.directories]
    for name in added.modules:
        sys.modules.pop(name, None)
    sys.meta_path[:] = [finder for finder in sys.meta_path if getattr(finder, "__module__", "") not in added.modules]
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if getattr(hook, "__module__", "") not in added.modules]


def _marks() -> dict[Path, int]:
    """Return the files of all distributions with the times of their last changes."""
    times = {}
    for entry in dict.fromkeys(sys.path):
        try:
            for path in Path(entry).iterdir():
                if path.name.endswith(_MARKS):
                    times[path] = path.stat().st_mtime_ns
        except OSError:
            continue  # not a directory, or deleted meanwhile
    return times

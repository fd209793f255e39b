"""Which distributions are installed, and a process that finds the same modules as a new one would (row R21).

What is copied into ``site-packages`` is found by itself. What is installed from a directory has a ``.pth`` file, which Python
reads at its start only: it names the directory, or it imports a module beside it that puts a finder onto ``sys.meta_path``, as
setuptools does it for packages that lie right beside their ``pyproject.toml``.
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

#: What tells of installed distributions, in the directories of ``sys.path``.
_MARKS: Final = (".dist-info", ".egg-info", ".egg-link", ".pth")
_IMPORT: Final = re.compile(r"import[ \t]+(\w+)")


class Installed:
    """Which distributions are installed, as a few bytes of each directory tell.

    Attributes:
        late: the ``.pth`` files that came or changed since; a process that is older than they are needs :func:`read_late`.
    """

    def __init__(self) -> None:
        self.late: tuple[Path, ...] = ()
        self._marks = _marks()
        self._added = {mark: _read(mark) for mark in self._marks if mark.suffix == ".pth"}

    def changed(self) -> bool:
        """Whether something was installed or uninstalled since the last time; then this process finds it, or no longer."""
        marks = _marks()
        if marks == self._marks:
            return False
        before, self._marks = self._marks, marks
        changed = {mark for mark, at in marks.items() if mark.suffix == ".pth" and at != before.get(mark)}
        # Those of earlier are read again: a finder may not have been there yet when its ``.pth`` file was.
        self.late = tuple(sorted({mark for mark in self.late if mark in marks} | changed))
        for mark in (before.keys() - marks.keys()) | set(self.late):
            _take_away(self._added.pop(mark, _NOTHING))
        read_late(self.late)
        self._added |= {mark: _read(mark) for mark in self.late}
        return True


def read_late(marks: Iterable[Path]) -> None:
    """Read ``.pth`` files that came or changed after this process has started.

    Args:
        marks: the files; what they gave this process before is replaced.
    """
    for mark in marks:
        _take_away(_read(mark))
        site.addpackage(str(mark.parent), mark.name, None)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


@dataclass(frozen=True)
class _Added:
    """What a ``.pth`` file gives a process (the documentation of Python's ``site``).

    Args:
        directories: put onto ``sys.path``.
        modules: that lie beside it and are imported, for the finder that they bring.
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
    imported = {found[1] for line in lines if (found := _IMPORT.match(line))}
    return _Added(frozenset(directories), frozenset(name for name in imported if (mark.parent / f"{name}.py").is_file()))


def _take_away(added: _Added) -> None:
    sys.path[:] = [entry for entry in sys.path if entry not in added.directories]
    for name in added.modules:
        sys.modules.pop(name, None)
    sys.meta_path[:] = [one for one in sys.meta_path if getattr(one, "__module__", "") not in added.modules]
    sys.path_hooks[:] = [one for one in sys.path_hooks if getattr(one, "__module__", "") not in added.modules]


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

"""Imports that never run bytecode of an older source.

Python treats a cached ``.pyc`` file as current if the size and the modification time of the source, in whole seconds, are those
recorded in it. Both can stay the same when a file is saved twice within a second, or unpacked by a tool that sets one fixed time
for all files, as reproducible archives do. Then Python silently runs the old code.

The inode's change time does change with every write, and no tool can set it. Bytecode that was not written clearly later than
that time may belong to the previous source, so it is ignored and written again (git decides in the same way which files of its
index it has to read). The check costs two ``stat`` calls for a module; to compile everything would cost more at each
start than the rest of the import.
"""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Final

#: Seconds between reading a source and writing its bytecode, at most, the resolution of a file system's times included.
_COMPILING: Final = 2.0


class SourceLoader(SourceFileLoader):
    """Python's loader of source files, except that it ignores bytecode which may be older than the source."""

    def get_data(self, path: str) -> bytes:
        """Return the content of the source or of its bytecode.

        Raises:
            OSError: the file cannot be read, or it is bytecode that may be stale. Python then compiles the source.
        """
        if path != self.path and _may_be_stale(path, self.path):
            raise OSError(f"{path} may have been compiled before {self.path} was changed")
        return super().get_data(path)


def check_bytecode() -> None:
    """Use :class:`SourceLoader` for all modules that this process imports from now on, installed packages excepted.

    Installers remove the bytecode together with the source, so nothing stale is left in ``site-packages``. To check it there all
    the same would cost each start seconds: an installer compiles right after it has unpacked, which looks like the case above.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Asks the other finders, and replaces the loader in what they have found."""

    def __init__(self) -> None:
        # Not sysconfig.get_paths(): it executes the whole configuration of the interpreter, in each command.
        standard_library = os.path.dirname(os.__file__)  # noqa: PTH120 - compared with strings
        self._installed = tuple({directory + os.sep for directory in (standard_library, *site.getsitepackages())})

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        for finder in tuple(sys.meta_path):
            if finder is self or (spec := finder.find_spec(name, path, target)) is None:
                continue
            loader = spec.loader
            # Of a subclass it is not known what it does instead, for example in a debugger or a coverage tool.
            if type(loader) is SourceFileLoader and not loader.path.startswith(self._installed):
                spec.loader = SourceLoader(loader.name, loader.path)
            return spec
        return None


def _may_be_stale(bytecode: str, source: str) -> bool:
    return Path(bytecode).stat().st_mtime < Path(source).stat().st_ctime + _COMPILING

"""Rename names of libraries in the interpreter that has this folder on its path, as a new release of them might do.

``RENAMED_NAMES="litestar:routes,extractors pymongo:_get_bound_session"`` puts another name in the place of each,
in the whole source of its package, so that the library works and only code outside it that uses the old name fails.
"""

from __future__ import annotations

import importlib.machinery
import os
import re
import sys
from types import CodeType
from typing import Any

RENAMED = {
    package: re.compile(rf"\b({'|'.join(map(re.escape, names.split(',')))})\b")
    for package, _, names in (entry.partition(":") for entry in os.environ.get("RENAMED_NAMES", "").split())
}


class RenamingLoader(importlib.machinery.SourceFileLoader):
    """Compiles the source of a module with other names in it, never from a cache."""

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.get_filename(fullname)).decode()
        renamed = RENAMED[fullname.partition(".")[0]].sub(r"\1_renamed", source)
        return compile(renamed, self.get_filename(fullname), "exec", dont_inherit=True)


class RenamingFinder(importlib.machinery.PathFinder):
    """Finds the modules of these packages."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname.partition(".")[0] not in RENAMED:
            return None
        spec = super().find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = RenamingLoader(spec.loader.name, spec.loader.path)
        return spec


if RENAMED:
    sys.meta_path.insert(0, RenamingFinder)

"""Many statements, one run of the compiler: which of them does it refuse?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.frontend.compile import compile_files

_ERROR = re.compile(r"^(?P<file>[^\s(]+)\((?P<line>\d+),\d+\): error (?P<text>.*)$", re.MULTILINE)


def refused(file: Path, head: str, statements: Sequence[str], compiler: str = "typescript") -> dict[int, str]:
    """Compile statements and say which are refused.

    Args:
        file: is written: the head, then one line a statement.
        head: imports and the like.
        statements: each on one line; their order is that of the lines.
        compiler: a key of ``COMPILERS``.

    Returns:
        index of the statement → what the compiler says.

    Raises:
        ValueError: something else than a statement is wrong.
    """
    if any("\n" in one for one in statements):
        raise ValueError("a statement has more than one line")
    file.write_text(head + "".join(f"{one}\n" for one in statements), encoding="utf-8")
    said = compile_files([file], compiler)
    before = head.count("\n") + 1
    found: dict[int, str] = {}
    for error in _ERROR.finditer(said):
        index = int(error["line"]) - before
        if Path(error["file"]).name != file.name or index < 0:
            raise ValueError(said)
        found.setdefault(index, error["text"])
    if said and not found:
        raise ValueError(said)
    return found
